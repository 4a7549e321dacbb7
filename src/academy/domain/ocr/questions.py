"""Where the questions of a paper stand (DOC-2): numbers down the left edge of the columns, and texts that several questions share."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from academy.domain.ocr.margins import without_margins
from academy.domain.ocr.numbering import Candidate, chain
from academy.domain.ocr.page import Box, Column, Line, PageText, around

__all__ = ["PassageRegion", "Place", "QuestionRegion", "find_questions"]

_PASSAGE = re.compile(r"^[\[［(<〈「【|lI]?\s*(\d{1,3})\s*[~∼～〜\-–—]\s*(\d{1,3})\s*[\]］)>〉」】|lI]?")
_BRACKETED = re.compile(r"^[\[［〈「【]")
_ASKS = re.compile(r"다음|읽고|물음|답하|보고")
_MOST = 12  # questions that share a text
_PAGES = 2  # that a question stands on


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on a page, 1-based."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class PassageRegion:
    """A text for the questions `first` to `last`; its parts in reading order."""

    first: int
    last: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class QuestionRegion:
    """A question; its parts in reading order, more than one where it goes on in the next column or page.

    Attributes:
        passage: first and last question of the text that it belongs to, None without one.
    """

    number: int
    places: tuple[Place, ...]
    passage: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Flow:
    """A line at its place in the paper's flow, and the column that holds it."""

    page: int
    column: int
    line: Line
    edge: int
    """Left edge of the column."""
    lead: int
    """How far left the line reaches, with what could not be read."""


def find_questions(pages: Sequence[PageText]) -> tuple[tuple[QuestionRegion, ...], tuple[PassageRegion, ...]]:
    """Return the questions by number as they come, and the texts that they share; nothing where no number is seen."""
    pages = without_margins(pages)
    flow = list(_flow(pages))
    heads = {at: found for at, each in enumerate(flow) if (found := _passage(each.line)) is not None}
    numbered = chain(
        [Candidate(at, each.line, each.edge, each.lead) for at, each in enumerate(flow) if at not in heads]
    )
    starts = sorted([(at, number, None) for at, number in numbered] + [(at, 0, p) for at, p in heads.items()])
    questions: list[QuestionRegion] = []
    passages: list[PassageRegion] = []
    for place, (start, number, passage) in enumerate(starts):
        end = starts[place + 1][0] if place + 1 < len(starts) else len(flow)
        places = _places(pages, flow, start, end)
        if passage is not None:
            passages.append(PassageRegion(*passage, places))
        else:
            shared = next((p for p in reversed(passages) if p.first <= number <= p.last), None)
            link = None if shared is None else (shared.first, shared.last)
            near = tuple(each for each in places if each.page < places[0].page + _PAGES)
            questions.append(QuestionRegion(number, near, link))
    return tuple(questions), tuple(passages)


def _flow(pages: Sequence[PageText]) -> Iterator[_Flow]:
    for page in pages:
        for at, column in enumerate(page.columns):
            for line in column.lines:
                yield _Flow(page.number, at, line, column.box.left, _lead(page, column, line))


def _lead(page: PageText, column: Column, line: Line) -> int:
    """Return the left edge of a line, or of what was left out as notation before its first word."""
    middle = line.box.middle[1]
    before = [
        region.box.left
        for region in page.regions
        if column.box.left <= region.box.right <= line.box.left + line.box.height
        and region.box.top <= middle < region.box.bottom
    ]
    return min([line.box.left, *before])


def _passage(line: Line) -> tuple[int, int] | None:
    """Return the questions that share the text under a heading such as "[1~3] 다음 글을 읽고", None for another line."""
    text = line.text
    found = _PASSAGE.match(text)
    if found is None or (not _ASKS.search(text) and not _BRACKETED.match(text)):
        return None
    first, last = int(found[1]), int(found[2])
    return (first, last) if 0 < first < last < first + _MOST else None


def _places(pages: Sequence[PageText], flow: Sequence[_Flow], start: int, end: int) -> tuple[Place, ...]:
    """Return the parts of the flow from `start` up to `end`, each as wide as its column."""
    by_number = {page.number: page for page in pages}
    columns = list(dict.fromkeys((each.page, each.column) for each in flow[start:end]))
    found: list[Place] = []
    for number, at in columns:
        page = by_number[number]
        column = page.columns[at]
        inside = [each.line for each in flow[start:end] if (each.page, each.column) == (number, at)]
        height = median(line.box.height for line in inside)
        first = inside[0] is column.lines[0]
        last = inside[-1] is column.lines[-1]
        top = column.box.top if first else inside[0].box.top
        bottom = column.box.bottom if last else _next_top(column.lines, inside[-1])
        if found and _is_margin(page, column.lines, height):
            continue
        low, high = _with_regions(page, column.box, top, bottom, _room(page, at, first=first, last=last))
        room = round(height * 0.3)
        left, right = _sides(page, column.box, room)
        found.append(Place(number, _within(page, Box(left, max(0, low - room), right, high + room))))
    return tuple(found)


def _sides(page: PageText, column: Box, room: int) -> tuple[int, int]:
    """Return left and right of a column's parts: a little room, but nothing of the columns beside it."""
    beside = [
        other.box for other in page.columns if other.lines and other.box.overlaps(column, page.width, 0)
    ]
    left = max((box.right for box in beside if box.right <= column.left), default=0)
    right = min((box.left for box in beside if box.left >= column.right), default=page.width)
    return max(left, column.left - room), min(right, column.right + room)


def _next_top(lines: Sequence[Line], last: Line) -> int:
    """Return where the next line of a column begins, less the room that a crop adds."""
    following = lines[lines.index(last) + 1]
    high = following.box.height
    return min(
        max(last.box.bottom, following.box.top - round(0.6 * high)), following.box.top - round(0.4 * high)
    )


def _is_margin(page: PageText, lines: Sequence[Line], height: float) -> bool:
    """Return whether a part that is no first one is a running head or foot: one line at the top or bottom edge, or all across."""
    if len(lines) > 2:
        return False
    box = around(*(line.box for line in lines))
    edge = 0.09 * page.height
    return (box.bottom < edge or box.top > page.height - edge) and box.height < 4 * height


def _room(page: PageText, at: int, *, first: bool, last: bool) -> tuple[int, int]:
    """Return how far a column's part may reach up and down over pictures: to its neighbours, where the part is at the column's end."""
    column = page.columns[at].box
    others = [
        other.box
        for n, other in enumerate(page.columns)
        if n != at and other.box.overlaps(column, 0, page.height)
    ]
    above = [box.bottom for box in others if box.bottom <= column.top]
    below = [box.top for box in others if box.top >= column.bottom]
    return (
        max(above, default=0) if first else column.top,
        min(below, default=page.height) if last else column.bottom,
    )


def _with_regions(
    page: PageText, column: Box, top: int, bottom: int, room: tuple[int, int]
) -> tuple[int, int]:
    """Return the heights stretched over the pictures and formulas that begin between them, or in the room beyond the column."""
    low = room[0] if top == column.top else top
    high = room[1] if bottom == column.bottom else bottom
    for region in page.regions:
        x, y = region.box.middle
        if column.left <= x < column.right and low <= y < high:
            top, bottom = min(top, region.box.top), max(bottom, region.box.bottom)
    return top, bottom


def _within(page: PageText, box: Box) -> Box:
    return Box(box.left, box.top, min(box.right, page.width), min(box.bottom, page.height))
