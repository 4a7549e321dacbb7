"""What stands at the edges of pages and belongs to no question: running heads, page numbers, a title across the columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile

from academy.domain.ocr.numbering import is_numbered
from academy.domain.ocr.page import Box, Column, Line, PageText, around

__all__ = ["without_margins"]

_HEAD, _FOOT = 0.13, 0.9  # of the page's height
_PAGE_NUMBER = re.compile(r"[\s\-–—~.|]*\d{1,3}(\s*/\s*\d{1,3})?[\s\-–—~.|]*(쪽|면|페이지)?")
_CHOICES = re.compile(r"[①-⑳ⓛ@]")
_LETTERS = re.compile(r"[\W\d_]+")
_SAME_PLACE, _SAME_WORDS = 0.015, 0.6
_APART = 0.8  # in heights of a foot, from the line above
_SHORTEST = 2  # letters by which a line is known again
_MOST_ACROSS, _FEWEST_BESIDE = 3, 2  # lines


def without_margins(pages: Sequence[PageText]) -> list[PageText]:
    """Return the pages, lines at their edges that are no part of a question in columns without lines of their own."""
    edges = [list(_edge_lines(page)) for page in pages]
    found = []
    for at, page in enumerate(pages):
        others = [line for n, lines in enumerate(edges) if n != at for line in lines]
        across = [column for column in page.columns if column.lines and _is_title(column, page.columns)]
        columns: list[Column] = []
        for column in page.columns:
            if column in across:
                columns.append(replace(column, lines=()))
            else:
                columns += _split(column, page, others)
        found.append(replace(page, columns=tuple(columns)))
    return found


def _edge_lines(page: PageText) -> Iterator[tuple[float, str]]:
    """Yield height, as a share of the page's, and letters of lines near the edges."""
    for column in page.columns:
        for line in column.lines:
            if line.box.bottom < _HEAD * page.height or line.box.top > _FOOT * page.height:
                yield line.box.top / page.height, _letters(line)


def _letters(line: Line) -> str:
    return _LETTERS.sub("", line.text)


def _is_title(column: Column, columns: Sequence[Column]) -> bool:
    """Return whether a part lies above or below columns that stand side by side, and begins no question or text for several."""
    if len(column.lines) > _MOST_ACROSS or any(_begins(line) for line in column.lines):
        return False
    beside = [
        one
        for one in columns
        if len(one.lines) >= _FEWEST_BESIDE
        and any(
            other is not one
            and len(other.lines) >= _FEWEST_BESIDE
            and (other.box.right <= one.box.left or one.box.right <= other.box.left)
            and other.box.top < one.box.bottom
            and one.box.top < other.box.bottom
            for other in columns
        )
    ]
    if not beside or column in beside:
        return False
    return all(column.box.bottom <= one.box.top for one in beside) or all(
        column.box.top >= one.box.bottom for one in beside
    )


def _begins(line: Line) -> bool:
    return is_numbered(line) or line.text.startswith(("[", "［", "〔", "※"))


def _split(column: Column, page: PageText, others: Sequence[tuple[float, str]]) -> Iterator[Column]:
    """Yield the head, the body and the foot of a column; a head stands above all questions of the page."""
    lines = list(column.lines)
    tops = [line.box.top for each in page.columns for line in each.lines if _begins(line)]
    lowest = min([_HEAD * page.height, *tops])
    above = list(takewhile(lambda line: line.box.bottom <= lowest, lines))
    head = max((at for at, line in enumerate(above, 1) if _runs(line, page, others)), default=0)
    foot = 0
    while foot < len(lines) - head and _is_foot(lines[: len(lines) - foot], page, others):
        foot += 1
    if not head and not foot:
        yield column
        return
    body = lines[head : len(lines) - foot]
    if head:
        yield Column((), around(*(line.box for line in lines[:head])))
    if body:
        top = min(line.box.top for line in body) if head else column.box.top
        bottom = max(line.box.bottom for line in body) if foot else column.box.bottom
        rest = Box(column.box.left, top, column.box.right, bottom)
        drawn = [region.box for region in page.regions if rest.holds(*region.box.middle)]
        wide = around(*(line.box for line in body), *drawn)
        yield Column(tuple(body), Box(max(rest.left, wide.left), top, min(rest.right, wide.right), bottom))
    if foot:
        yield Column((), around(*(line.box for line in lines[len(lines) - foot :])))


def _is_foot(lines: Sequence[Line], page: PageText, others: Sequence[tuple[float, str]]) -> bool:
    """Return whether the last of a column's lines stands apart at the lower edge, on other pages, too."""
    last = lines[-1]
    apart = len(lines) == 1 or last.box.top - lines[-2].box.bottom > _APART * last.box.height
    low = last.box.top > _FOOT * page.height
    return low and apart and not _begins(last) and _runs(last, page, others)


def _runs(line: Line, page: PageText, others: Sequence[tuple[float, str]]) -> bool:
    """Return whether a line at an edge is a page's number, or stands at the same place on another page."""
    if _PAGE_NUMBER.fullmatch(line.text):
        return True
    letters, place = _letters(line), line.box.top / page.height
    if len(letters) < _SHORTEST or _CHOICES.search(line.text):
        return False
    return any(
        abs(there - place) < _SAME_PLACE and SequenceMatcher(None, letters, other).ratio() > _SAME_WORDS
        for there, other in others
    )
