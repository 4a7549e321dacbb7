"""Text of people made fit to be typeset: characters that draw, words that stay whole, long ones that may break."""

import re
import unicodedata
from collections.abc import Iterator

from academy.domain.notes.formula import (
    Fence,
    Fraction,
    Name,
    Node,
    Over,
    Root,
    Row,
    Script,
    Sign,
    Words,
)
from academy.domain.notes.prose import Display, Paragraph, paragraphs

__all__ = ["clean", "prose", "runs", "tree"]

Json = list["Json"] | str | bool | None

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LONGEST_WORD, _PIECE = 14, 12
_LONGEST_INLINE = 28
_DROPPED = frozenset({"Cf", "Cs", "Co", "Mn", "Me"})


def clean(text: str) -> str:
    """Return one line: control and direction characters and piled-up accents gone, blanks single."""
    drawn = "".join(
        " " if letter.isspace() or unicodedata.category(letter) == "Cc" else letter
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) not in _DROPPED
    )
    return " ".join(drawn.split())


def runs(text: str) -> list[Json]:
    """Return a cleaned text for the template's `runs`."""
    return [*_words(clean(text))]


def prose(text: str) -> list[Json]:
    """Return an explanation for the template's `prose`."""
    found: list[Json] = []
    for part in paragraphs(text):
        if isinstance(part, Display):
            found.append(_display(part.formula))
        else:
            found += _paragraph(part)
    return found


def tree(node: Node) -> Json:
    """Return a formula for the template's `build`."""
    match node:
        case Sign(text) | Words(text) | Name(text):
            kind = type(node).__name__.lower()
            return [kind, clean(text) or " "]
        case Row(parts):
            return ["row", [tree(part) for part in parts]]
        case Fraction(above, below):
            return ["fraction", tree(above), tree(below)]
        case Root(body, index):
            return ["root", tree(body), _or_none(index)]
        case Script(base, above, below):
            return ["script", tree(base), _or_none(above), _or_none(below)]
        case Over(body, kind):
            return [kind, tree(body)]
        case Fence(left, body, right):
            return ["fence", left, tree(body), right]


def _or_none(node: Node | None) -> Json:
    return None if node is None else tree(node)


def _paragraph(part: Paragraph) -> Iterator[Json]:
    """Yield the lines; a formula too long for a line gets one of its own."""
    lines: list[Json] = []
    for line in part.lines:
        current: list[Json] = []
        for run in line:
            if isinstance(run, str):
                current += _words(_inner(run))
            elif _size(run.formula) <= _LONGEST_INLINE:
                current.append(["formula", tree(run.formula)])
            else:
                if lines or current:
                    yield ["par", [*lines, current] if current else lines]
                yield _display(run.formula)
                lines, current = [], []
        if current:
            lines.append(current)
    if lines:
        yield ["par", lines]


def _display(formula: Node) -> Json:
    """Return a formula on a line of its own, and whether it may be too wide for its column."""
    return ["display", tree(formula), _size(formula) > _LONGEST_INLINE]


def _inner(text: str) -> str:
    """Return a part of a line cleaned, with the blanks at its ends."""
    cleaned = clean(text)
    if not cleaned:
        return " "
    return " " * text[0].isspace() + cleaned + " " * text[-1].isspace()


def _words(text: str) -> Iterator[Json]:
    plain = ""
    for word in re.split(r"( )", text):
        if len(word) > _LONGEST_WORD and not word.isspace():
            if plain:
                yield plain
            yield ["long", [word[at : at + _PIECE] for at in range(0, len(word), _PIECE)]]
            plain = ""
        elif len(word) > 1 and _HANGUL.search(word):
            if plain:
                yield plain
            yield ["word", word]
            plain = ""
        else:
            plain += word
    if plain:
        yield plain


def _size(node: Node) -> int:
    """Return how many characters a formula draws, about."""
    match node:
        case Sign(text) | Words(text) | Name(text):
            return len(text)
        case Row(parts):
            return sum(map(_size, parts))
    return sum(_size(part) for part in _parts(node))


def _parts(node: Node) -> Iterator[Node]:
    match node:
        case Fraction(above, below):
            yield from (above, below)
        case Root(body, index):
            yield from (body, *([index] if index else []))
        case Script(base, above, below):
            yield from (base, *(each for each in (above, below) if each))
        case Over(body) | Fence(_, body):
            yield body
