"""The numbers of a paper's questions: the longest row of numbers, one style, that grows by one down the left edge of the columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from academy.domain.ocr.page import Line

__all__ = ["Candidate", "chain"]

# Each style with the number of a question in it; the first that explains most wins.
_STYLES = (
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|]{1,3})\s*[.．,。](?!\d)"),
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|]{1,3})\s*번"),
    re.compile(r"^(?:문제?\s*)?([0-9lIOoSBZ|]{1,3})\s*\)"),
    re.compile(r"^\[\s*([0-9]{1,3})\s*\]"),
    re.compile(r"^(0[0-9]|[1-9][0-9]?)\s+(?=[가-힣A-Z<「〈(\[])"),
)
_LOOKALIKES = str.maketrans("lI|OoSBZ", "11100582")
_INDENT = 1.6  # in heights of the line, how far from the column's edge a number stands
_JUMP = 3  # numbers that may be missing between two that are seen
_FEWEST = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may begin a question: its place in the flow, and the left edge of its column."""

    at: int
    line: Line
    edge: int


def chain(candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Return (place in the flow, number) of the questions, in order."""
    best: list[tuple[int, int]] = []
    for style in _STYLES:
        found = _longest(_numbers(style, candidates))
        if len(found) > len(best):
            best = found
    return best if len(best) >= _FEWEST else []


def _numbers(style: re.Pattern[str], candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    found = []
    for each in candidates:
        match = style.match(each.line.text)
        if match is None or each.line.box.left - each.edge > _INDENT * each.line.box.height:
            continue
        digits = match[1]
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
            if 1 <= step <= 1 + _JUMP:
                value = worth[there] + 1.0 - 0.3 * (step - 1)
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
