"""The numbers of a paper's questions: the longest row of numbers, one style, that grows by one down the left edge of the columns.

Where a number was not read, and exactly as many lines stand out to the left as numbers are missing, those lines are the questions.
Before the first number that was read, only lines count that begin with something unread, as "1. 2 + 3" that was taken for notation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from academy.domain.ocr.page import Line

__all__ = ["LATEST_FIRST", "Candidate", "chain", "is_numbered"]

# Each style with the number of a question in it; the first that explains most wins.
_STYLES = (
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|](?: ?[0-9lIOoSBZ|]){0,2})\s*[.．,。](?!\d)"),
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|]{1,3})\s*번"),
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|]{1,3})\s*\)"),
    re.compile(r"^\[\s*([0-9]{1,3})\s*\]"),
    re.compile(r"^(0[0-9]|[1-9][0-9]?)\s+(?=[가-힣A-Z<「〈(\[])"),
)
_LOOKALIKES = str.maketrans("lI|OoSBZ", "11100582")
_INDENT = 1.6  # in heights of the line, how far from the column's edge a number stands
_JUMP, _FAR = (
    3,
    40,
)  # numbers that may be missing between two that are seen, and where a page or more is unreadable
_FAR_COST = 2.2
_CHOICE = re.compile(r"[①-⑳]")
_BESIDE = 0.5  # in heights of the line, how far from the others' a number may stand
_FEW = 3
_FEWEST = 1
LATEST_FIRST = 5
"""The highest first number of a paper before which questions are held to be lost; one may rightly begin at 21."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may begin a question: its place in the flow, the left edge of its column, and how far left it reaches itself.

    It reaches further than its words where what stands before them could not be read.
    """

    at: int
    line: Line
    edge: int
    lead: int


def chain(candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Return (place in the flow, number) of the questions, in order."""
    best: list[tuple[int, int]] = []
    for style in _STYLES:
        found = _longest(_numbers(style, candidates))
        if len(found) > len(best):
            best = found
    return _filled(best, candidates) if len(best) >= _FEWEST else []


def is_numbered(line: Line) -> bool:
    """Return whether a line may begin a question, by its words."""
    return any(style.match(line.text) for style in _STYLES)


def _filled(found: list[tuple[int, int]], candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Return the chain with the numbers before and between that can be told by where their lines begin."""
    by_place = {each.at: each for each in candidates}
    begun = [by_place[at] for at, _ in found]

    def lines(after: int, before: int) -> list[Candidate]:
        inside = (each for each in candidates if after < each.at < before)
        return [each for each in inside if _stands_out(each, begun)]

    first, number = found[0]
    filled = _numbered(_unread(lines(-1, first)), 1, number) if 1 < number <= LATEST_FIRST else []
    filled.append(found[0])
    for (before, number), (after, after_number) in pairwise(found):
        if len(found) >= _FEW and after_number > number + 1:
            out = lines(before, after)
            lost = number + 1, after_number
            filled += _numbered(out, *lost) or _numbered(_unread(out), *lost)
        filled.append((after, after_number))
    return filled


def _numbered(lines: Sequence[Candidate], first: int, end: int) -> list[tuple[int, int]]:
    """Return the lines with the numbers from `first` up to, not including, `end`; nothing where they are not as many."""
    if len(lines) != end - first:
        return []
    return [(each.at, number) for number, each in enumerate(lines, first)]


def _unread(lines: Sequence[Candidate]) -> list[Candidate]:
    """Return the lines before whose words something stands that was not read."""
    return [each for each in lines if each.lead < each.line.box.left]


def _stands_out(candidate: Candidate, begun: Sequence[Candidate]) -> bool:
    """Return whether a line begins where lines with numbers do, and is no choice."""
    away = abs(_offset(candidate) - _usual(begun, candidate))
    return away <= _BESIDE * candidate.line.box.height and not _CHOICE.match(candidate.line.text)


def _usual(begun: Sequence[Candidate], like: Candidate) -> float:
    """Return how far from the edge numbers stand in columns that begin where that of a line does, or else in all."""
    alike = [each for each in begun if abs(each.edge - like.edge) <= like.line.box.height]
    return median(_offset(each) for each in alike or begun)


def _offset(candidate: Candidate) -> int:
    return min(candidate.lead, candidate.line.box.left) - candidate.edge


def _numbers(style: re.Pattern[str], candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    found = []
    for each in candidates:
        match = style.match(each.line.text)
        if match is None or each.line.box.left - each.edge > _INDENT * each.line.box.height:
            continue
        digits = match[1].replace(" ", "")
        if not any(c.isdigit() for c in digits) and len(digits) > 1:
            continue
        number = int(digits.translate(_LOOKALIKES))
        if number > 0:
            found.append((each.at, number))
    return found


def _longest(numbers: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest chain whose numbers grow, by one where nothing is missing; a step that skips numbers costs."""
    worth: list[float] = []
    before: list[int] = []
    for here, (_, number) in enumerate(numbers):
        best, link = 1.0, -1
        for there in range(here):
            step = number - numbers[there][1]
            if 1 <= step <= 1 + _FAR:
                value = worth[there] + 1.0 - (0.3 * (step - 1) if step <= 1 + _JUMP else _FAR_COST)
                if value > best:
                    best, link = value, there
        worth.append(best)
        before.append(link)
    if not worth:
        return []
    at = max(range(len(worth)), key=worth.__getitem__)
    found = []
    while at >= 0:
        found.append(numbers[at])
        at = before[at]
    return found[::-1]
