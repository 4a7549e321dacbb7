"""Other names of the same thing, by an explicit sign in the text and never by likeness (GRA-6).

"운영체제(OS)", "Operating System (OS)", "국제연합(이하 '유엔')", "X, also known as Y". An alias is a layer over the
names: whoever drops it has them as they were. No alias has aliases: what would make a chain is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["AliasSign", "alias_signs", "layered"]

Span = tuple[int, int]

_OTHER = r"[^()（）\[\]\n]{1,80}"
_BRACKETS = re.compile(rf"[ ]?[(（]({_OTHER})[)）]")
_SHORT = re.compile(
    r"(?:이하|약칭|줄여서|일명|별칭|본명은|본명|aka|a\.k\.a\.|abbreviated(?: as)?|or)\s*[:,]?\s*(.+)",
    re.IGNORECASE,
)
_SAID = re.compile(
    r",?\s*(?:also known as|also called|a\.k\.a\.|aka|abbreviated (?:as|to)|known as|일명|다른 이름으로는|"
    r"또 다른 이름은)\s+",
    re.IGNORECASE,
)
_QUOTES = "'\"‘’“”「」『』<>〈〉 "
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.&/+#' -]*")
_KOREAN = re.compile(r"[가-힣][가-힣0-9 ]*")
_ACRONYM = re.compile(r"[A-Z][A-Za-z0-9&]{1,9}")
_UNIT = re.compile(
    r"(?:[kcmn]?m|[kcm]m[²2³3]|[kmM]?g|[kKMGTP]i?[Bb]|[kKMGT]?[HhWVA]z?|m?s|m?[lL]|mph|km/h|ppm|kcal|px|"
    r"pt|USD|KRW|AM|PM)"
)
_WORD = re.compile(r"\S+")
_SMALL = frozenset({"of", "and", "the", "for", "in", "on", "to", "a", "an", "de", "la"})


@dataclass(frozen=True, slots=True)
class AliasSign:
    """Places of a name, of its other name and of the words that say so (both names within)."""

    name: Span
    other: Span
    sign: Span


def alias_signs(text: str, names: Sequence[Span] = ()) -> Iterator[AliasSign]:
    """Yield the signs of a text in order. `names`: spans of known names, for what no spelling tells."""
    ending = {end: start for start, end in sorted(names, reverse=True)}
    starting = dict(sorted(names))
    found = [*_bracketed(text, ending), *_said(text, ending, starting)]
    yield from sorted(found, key=lambda sign: (sign.sign, sign.other))


def layered(pairs: Iterable[tuple[str, str, str]]) -> Mapping[str, tuple[str, str]]:
    """Return the layer: (name, sign) of each alias, out of (alias, name, sign) in the order of the text.

    The first sign counts. Refused: a second name for one alias, a name that is an alias itself, an alias that
    has aliases.
    """
    layer: dict[str, tuple[str, str]] = {}
    roots: set[str] = set()
    for alias, name, sign in pairs:
        if alias == name or alias in layer or alias in roots or name in layer:
            continue
        layer[alias] = (name, sign)
        roots.add(name)
    return layer


def _bracketed(text: str, ending: Mapping[int, int]) -> Iterator[AliasSign]:
    for found in _BRACKETS.finditer(text):
        end = found.start()
        inside = (found.start(1), found.end(1))
        short = _SHORT.fullmatch(found.group(1).strip())
        if short:
            at = text.find(short.group(1), *inside)
            other = _trimmed(text, at, at + len(short.group(1)))
            start = ending.get(end, _word_before(text, end))
        else:
            other = _trimmed(text, *inside)
            start = _name_before(text, end, text[slice(*other)], ending.get(end))
        if 0 <= start < end and other[1] - other[0] > 1 and text[start:end] != text[slice(*other)]:
            yield AliasSign((start, end), other, (start, found.end()))


def _said(text: str, ending: Mapping[int, int], starting: Mapping[int, int]) -> Iterator[AliasSign]:
    for found in _SAID.finditer(text):
        start = ending.get(found.start())
        at = found.end()
        while at < len(text) and text[at] in _QUOTES:
            at += 1
        end = starting.get(at)
        if start is not None and end is not None and text[start : found.start()] != text[at:end]:
            yield AliasSign((start, found.start()), (at, end), (start, end))


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _QUOTES:
        start += 1
    while end > start and text[end - 1] in _QUOTES:
        end -= 1
    return start, end


def _name_before(text: str, end: int, other: str, known: int | None) -> int:
    """Return where the name before a bracket begins, -1 when the bracket does not hold another name of it."""
    line = text[max(0, end - 120) : end]
    if _LATIN.fullmatch(other):
        if _UNIT.fullmatch(other):
            return -1
        if "가" <= line[-1:] <= "힣":
            return _korean_before(text, end, other, known)
        return _initials_before(text, end, other)
    if _KOREAN.fullmatch(other) and line[-1:].isascii() and line[-1:].isalnum():
        before = re.search(r"[A-Z][A-Za-z0-9+#&.-]*(?: [A-Z][A-Za-z0-9+#&.-]*){0,4}$", line)
        return end - len(before.group()) if before and len(other) > 1 else -1
    return -1


def _korean_before(text: str, end: int, other: str, known: int | None) -> int:
    """Return where a Korean name begins that the other translates, word for word where it has several."""
    if not any(letter.isupper() for letter in other) and known is None:
        return -1
    words = len(other.split())
    start = _word_before(text, end)
    while words > 1 and start > 1 and text[start - 1] == " " and "가" <= text[start - 2] <= "힣":
        start, words = _word_before(text, start - 1), words - 1
    return start if known is None else min(start, known)


def _initials_before(text: str, end: int, other: str) -> int:
    """Return where the words begin whose initials make the other name, or the acronym that it spells out."""
    line_start = max(0, end - 120)
    words = [(found.group(), found.start()) for found in _WORD.finditer(text, line_start, end)]
    if not words:
        return -1
    if _ACRONYM.fullmatch(other) and sum(letter.isupper() for letter in other) > 1:
        return _spelled(words, [letter for letter in other if letter.isupper()])
    last, at = words[-1]
    made = "".join(word[0] for word in other.split() if word.lower() not in _SMALL)
    return at if len(last) > 1 and made.upper() == last.upper() else -1


def _spelled(words: Sequence[tuple[str, int]], letters: list[str]) -> int:
    for word, at in reversed(words):
        if word[0].lower() == letters[-1].lower():
            letters.pop()
            if not letters:
                return at
        elif word.lower() not in _SMALL:
            parts = [part[:1].lower() for part in word.split("-")]
            if len(parts) < 2 or parts != [letter.lower() for letter in letters[-len(parts) :]]:
                return -1
            del letters[-len(parts) :]
            if not letters:
                return at
    return -1


def _word_before(text: str, end: int) -> int:
    start = end
    while start > max(0, end - 60) and (text[start - 1].isalnum() or text[start - 1] in "-·"):
        start -= 1
    return start
