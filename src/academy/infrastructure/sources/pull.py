"""Read JSON piece by piece out of a stream: walk into the large arrays and objects, decode the small values whole.

Unlike a parser of events it takes what real exporters write beside the standard: NaN, numbers of any length and lone halves of
surrogate pairs.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from academy.infrastructure.sources.refusals import refused

__all__ = ["Pull"]

_CHUNK = 1 << 18
_LONGEST_LITERAL = 16  # an error so near to the end may only be a word that is cut
_LONGEST_NUMBER = 400
_NOT_DECODED = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8, as `surrogateescape` hands them on
_SPACE = re.compile(r"[ \t\n\r]*")


_WORDS = {
    "Unterminated string starting at": "a text that begins there does not end",
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a key is missing",
    "Expecting ':' delimiter": "':' is missing",
    "Expecting ',' delimiter": "',' is missing",
    "Invalid control character at": "a control character stands in a text",
    "Invalid \\escape": "a backslash that says nothing",
    "Invalid \\uXXXX escape": "a \\u without four hexadecimal digits",
}
"""What the decoder says, as whole words: some of its sentences go on with a place that it adds."""


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")


_DECODER = json.JSONDecoder(parse_int=_integer, strict=False)


class Pull:
    """A place in a JSON text. Every method raises SourceUnreadable where the text is broken, cut off or not UTF-8."""

    def __init__(self, stream: TextIO, most: int) -> None:
        """Begin. `stream`: decoded with errors="surrogateescape"; `most`: characters of one value that is decoded whole."""
        self._stream, self._most = stream, most
        self._text, self._at, self._before = "", 0, 0
        self._ended = self._wrong = False

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end; it is not taken."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._more()

    def value(self) -> Any:  # noqa: ANN401 - JSON
        """Decode the next value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._text) - _LONGEST_LITERAL or error.msg.startswith("Unterminated")
                if self._ended or not cut:
                    raise self._broken(_WORDS.get(error.msg, error.msg)) from error
            except RecursionError as error:
                raise self._broken("too many values within one another") from error
            else:
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._more()

    def elements(self) -> Iterator[None]:
        """Walk through the array that begins here: each step stands before an element, which has to be taken."""
        self._take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield
            if self._next("]"):
                return

    def fields(self) -> Iterator[str]:
        """Walk through the object that begins here: each step gives a key and stands before its value, which has to be taken."""
        self._take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self._broken("a key is missing")
            key: str = self.value()
            self._take(":")
            yield key
            if self._next("}"):
                return

    def _next(self, end: str) -> bool:
        sign = self.peek()
        if sign not in {",", end} or not sign:
            raise self._broken("it ends too soon" if not sign else f"{sign!r} is not expected")
        self._at += 1
        return sign == end

    def _take(self, sign: str) -> None:
        if self.peek() != sign:
            raise self._broken(f"{sign!r} is missing")
        self._at += 1

    def _more(self) -> None:
        """Read on; at least as much again as is held, so that a long value costs linear time."""
        held = len(self._text) - self._at
        if held > self._most:
            raise refused("input_too_large", f"one value of more than {self._most:,} characters")
        try:
            read = self._stream.read(max(_CHUNK, held))
        except UnicodeDecodeError:  # of UTF-16, which has no way to hand wrong bytes on
            read, self._ended, self._wrong = "", True, True
        wrong = _NOT_DECODED.search(read)
        if wrong:
            read, self._ended, self._wrong = read[: wrong.start()], True, True
        self._ended = self._ended or not read
        self._before += self._at
        self._text, self._at = self._text[self._at :] + read, 0

    def _broken(self, why: str) -> Exception:
        why = "not UTF-8" if self._wrong and self._ended else why
        return refused("broken_export", f"near character {self._before + self._at:,}: {why}")
