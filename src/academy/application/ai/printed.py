"""What pages say, as the JSON that people and programs take away."""

from collections.abc import Sequence

from academy.contracts.ai_documents import (
    PrintedColumn,
    PrintedLine,
    PrintedPage,
    PrintedPages,
    PrintedRegion,
    PrintedWord,
)
from academy.domain.ocr.page import Box, Column, Line, PageText

__all__ = ["printed_pages"]


def printed_pages(pages: Sequence[PageText], most_crops: int) -> PrintedPages:
    """Return the contract; regions are numbered through the file as their pictures are, those beyond `most_crops` get 0."""
    found, numbered = [], 0
    for page in pages:
        regions = []
        for region in page.regions:
            numbered += 1
            crop = numbered if numbered <= most_crops else 0
            regions.append(PrintedRegion(kind=region.kind.value, box=_box(region.box), crop=crop))
        found.append(
            PrintedPage(
                number=page.number,
                width=page.width,
                height=page.height,
                turns=page.turns,
                skew=page.skew,
                columns=tuple(_column(column) for column in page.columns),
                regions=tuple(regions),
                problem="" if page.problem is None else page.problem.code,
            )
        )
    return PrintedPages(pages=tuple(found))


def _column(column: Column) -> PrintedColumn:
    return PrintedColumn(box=_box(column.box), lines=tuple(_line(line) for line in column.lines))


def _line(line: Line) -> PrintedLine:
    words = tuple(
        PrintedWord(text=word.text, box=_box(word.box), confidence=word.confidence) for word in line.words
    )
    return PrintedLine(box=_box(line.box), words=words)


def _box(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
