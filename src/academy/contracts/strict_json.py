"""Reading JSON that strangers wrote: only what every language understands in the same way (RFC 8259, RFC 7493)."""

import json
import math
import re
from typing import Any, NoReturn

from academy.contracts.base import InvalidMessage

__all__ = ["BYTE_ORDER_MARK", "MAX_DEPTH", "MAX_VALUES", "UNFIT_CODES", "read_object"]

MAX_DEPTH = 64
MAX_VALUES = 100_000
"""What is read occupies the event loop: 64 MiB of text take half a second, 64 MiB of empty lists took 47."""
BYTE_ORDER_MARK = "\ufeff"
"""Programs on Windows put one before what they write; RFC 8259 lets readers pass over it."""
_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_UNFIT = re.compile("[\0\ud800-\udfff]")
MAX_DIGITS = 19  # what fits into 64 bits; longer ids travel as text
_ENCODING, _TOO_MANY, _INVALID = "json_not_utf8", "json_too_many_values", "json_invalid"
_NESTED, _TWICE, _NUMBER, _CHARACTER = "json_too_deep", "json_name_twice", "json_number", "json_character"
UNFIT_CODES = frozenset({_ENCODING, _TOO_MANY, _INVALID, _NESTED, _TWICE, _NUMBER, _CHARACTER})
"""Codes of what is refused."""


def read_object(body: str, *, most_values: int = MAX_VALUES, decoded: bool = False) -> dict[str, Any]:
    """Return the JSON object in `body`, one byte order mark before it or none, or raise InvalidMessage.

    `decoded`: its bytes were UTF-8 for certain, so that a replacement character in it was meant. Refused beside what is no JSON: a name given twice in one object, NaN and Infinity, numbers beyond 64 bits, lone surrogates,
    NUL, replacement characters (the bytes were not UTF-8), nesting over MAX_DEPTH, and more than `most_values` values.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not decoded and ("\ufffd" in body or not (body.isascii() or _encodable(body))):
        raise InvalidMessage("not UTF-8: the text holds bytes that could not be decoded", _ENCODING)
    # Counted twice, because commas in a long text are no values and a regular expression is slow.
    if _values(body) > most_values and _values(_TEXT.sub("", body)) > most_values:
        raise InvalidMessage(
            f"more than {most_values} values; what is so large belongs into the object store", _TOO_MANY
        )
    try:
        data = _DECODER.decode(body)
    except json.JSONDecodeError as error:
        raise InvalidMessage(
            f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})", _INVALID
        ) from None
    except RecursionError:
        raise InvalidMessage(f"nested deeper than {MAX_DEPTH} levels", _NESTED) from None
    if not isinstance(data, dict):
        raise InvalidMessage("not a JSON object", _INVALID)
    # Most messages are flat and hold no escape: nothing can be hidden in them.
    if "\\u" in body or body.count("{") + body.count("[") > MAX_DEPTH:
        _inspect(data)
    return data


def _encodable(body: str) -> bool:
    try:
        body.encode()
    except UnicodeEncodeError:
        return False
    return True


def _values(body: str) -> int:
    """Return how many values JSON text holds, but for nesting, which is bounded by itself."""
    return body.count(",") + 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidMessage("a name stands twice in one JSON object", _TWICE)
    return found


def _no_number(_: str) -> NoReturn:
    raise InvalidMessage("NaN and Infinity are no JSON numbers", _NUMBER)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _too_large()


def _whole(text: str) -> int:
    return int(text) if len(text.lstrip("-")) <= MAX_DIGITS else _too_large()


def _too_large() -> NoReturn:
    raise InvalidMessage("a number does not fit into 64 bits; send long ids as text", _NUMBER)


def _inspect(data: dict[str, Any]) -> None:
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, str) and _UNFIT.search(value):
                raise InvalidMessage("a text holds NUL or half of a surrogate pair", _CHARACTER)
        if not below:
            return
        level = below
    raise InvalidMessage(f"nested deeper than {MAX_DEPTH} levels", _NESTED)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
)
