"""The program's table of words: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.

The model for Hangul takes nearly every syllable for a word in the table, while its plain text keeps the spaces that are printed. So
the rows of a line are joined as the same line of the text has them.
"""

from collections.abc import Iterator, Sequence

from academy.domain.ocr.page import Box, Line, Word, around

__all__ = ["lines_of"]

_COLUMNS = 12
_WORD = "5"


def lines_of(table: str, text: str) -> tuple[Line, ...]:
    """Return the lines that hold words, as they come; a row of the table that is none is passed over."""
    lines: dict[tuple[str, ...], list[Word]] = {}
    for place, word in _pieces(table):
        lines.setdefault(place, []).append(word)
    spoken: dict[str, list[str]] = {}
    for line in text.splitlines():
        spoken.setdefault("".join(line.split()), line.split())
    found = []
    for pieces in lines.values():
        words = _joined(pieces, spoken.get("".join(piece.text for piece in pieces)))
        found.append(Line(words, around(*(word.box for word in words))))
    return tuple(found)


def _joined(pieces: Sequence[Word], spoken: Sequence[str] | None) -> tuple[Word, ...]:
    """Return the pieces put together to the words of the text's line; as they are where the text has no such line."""
    if spoken is None:
        return tuple(pieces)
    found, rest = [], list(pieces)
    for word in spoken:
        held: list[Word] = []
        while rest and sum(len(one.text) for one in held) < len(word):
            held.append(rest.pop(0))
        if not held:
            continue
        letters = sum(len(one.text) for one in held)
        sure = sum(one.confidence * len(one.text) for one in held) / letters
        joined = "".join(one.text for one in held)
        found.append(Word(joined, around(*(one.box for one in held)), round(sure, 4)))
    return tuple(found)


def _pieces(table: str) -> Iterator[tuple[tuple[str, ...], Word]]:
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD or not cells[11].strip():
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        sure = min(1.0, max(0.0, float(cells[10]) / 100))
        text = "".join(cells[11].split())
        yield tuple(cells[1:5]), Word(text, Box(left, top, left + width, top + height), round(sure, 4))
