"""Read the pages of a file: what the layout finds and what the engine tells, put together (DOC-1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from academy.application.ports.ocr import ColumnPicture, LaidOut, OcrEngine, PageLayouts
from academy.domain.ocr.formulas import text_and_formulas
from academy.domain.ocr.page import Box, Column, FormulaRegion, Line, PageText, Word, around

__all__ = ["ReadPage", "read_pages"]

_DIGITS, _RINGED = "123456789", "①②③④⑤⑥⑦⑧⑨"
_CENTRAL = 0.2  # of its field, how far a digit may stand from the middle
_SURE = 0.5
_ENOUGH_WORDS, _RAGGED = 3, 0.3


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a page says, and its picture, None where it could not be opened."""

    text: PageText
    picture: Path | None


def read_pages(
    layouts: PageLayouts, engine: OcrEngine, scan: Path, folder: Path, report: Callable[[float], None]
) -> Iterator[ReadPage]:
    """Yield the pages in order; `report` gets the fraction done. Raises ScanInvalid and OcrFailed."""
    many = layouts.count(scan)
    for page in layouts.pages(scan, folder, engine.turns):
        yield ReadPage(_read(engine, page), page.picture)
        report(page.number / many)


def _read(engine: OcrEngine, page: LaidOut) -> PageText:
    columns: list[Column] = []
    regions: list[FormulaRegion] = list(page.regions)
    for each in page.columns:
        lines = [_on_page(line, each) for line in engine.recognise(each.file)]
        text, formulas = text_and_formulas(
            [line for line in lines if not _within(line, page.regions)], each.signs, page.glyph
        )
        regions += formulas
        text = _with_rings(text, _ringed(engine, each))
        if text or formulas:
            columns.append(Column(text, each.box))
        each.file.unlink()
    return PageText(
        page.number,
        page.width,
        page.height,
        page.turns,
        page.skew,
        tuple(columns),
        tuple(regions),
        page.problem,
    )


def _on_page(line: Line, column: ColumnPicture) -> Line:
    """Return a line whose boxes are pixels of the page."""

    def place(box: Box) -> Box:
        left, top, right, bottom = (
            round((side - column.room) / column.scale) for side in (box.left, box.top, box.right, box.bottom)
        )
        x, y = column.box.left, column.box.top
        return Box(max(0, left + x), max(0, top + y), right + x, bottom + y)

    words = _level(tuple(replace(word, box=place(word.box)) for word in line.words))
    return Line(words, around(*(word.box for word in words)))


def _level(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return words whose boxes do not reach into the lines above and below, as those of an engine may."""
    if len(words) < _ENOUGH_WORDS:
        return words
    top, bottom = median(word.box.top for word in words), median(word.box.bottom for word in words)
    room = _RAGGED * (bottom - top)
    low, high = round(top - room), round(bottom + room)
    return tuple(
        replace(
            word, box=Box(word.box.left, max(word.box.top, low), word.box.right, min(word.box.bottom, high))
        )
        if word.box.top < high and word.box.bottom > low
        else word
        for word in words
    )


def _within(line: Line, pictures: tuple[FormulaRegion, ...]) -> bool:
    x, y = line.box.middle
    return any(picture.box.holds(x, y) for picture in pictures)


def _ringed(engine: OcrEngine, column: ColumnPicture) -> list[Word]:
    """Return the circled numbers of a column; one that cannot be told is left out."""
    if column.ring_row is None:
        return []
    found: dict[int, Word] = {}
    for digit in engine.digits(column.ring_row):
        at, within = divmod(digit.box.middle[0], column.ring_step)
        ring = int(at)
        central = abs(within / column.ring_step - 0.5) < _CENTRAL
        if central and ring < len(column.rings) and digit.text in _DIGITS and digit.confidence >= _SURE:
            found[ring] = Word(_RINGED[_DIGITS.index(digit.text)], column.rings[ring], digit.confidence)
    column.ring_row.unlink()
    return list(found.values())


def _with_rings(lines: tuple[Line, ...], rings: list[Word]) -> tuple[Line, ...]:
    """Return the lines with each circled number in its line, or in one of its own."""
    found = list(lines)
    for ring in rings:
        middle = ring.box.middle[1]
        at = next((n for n, line in enumerate(found) if line.box.top <= middle < line.box.bottom), None)
        if at is None:
            found.append(Line((ring,), ring.box))
            continue
        words = tuple(sorted((*found[at].words, ring), key=lambda word: word.box.left))
        found[at] = Line(words, around(found[at].box, ring.box))
    return tuple(sorted(found, key=lambda line: (line.box.middle[1], line.box.left)))
