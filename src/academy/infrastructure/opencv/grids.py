"""Put the outlines of bubbles into blocks: rows of even steps, and rows below one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from academy.infrastructure.opencv.outlines import Outline

__all__ = ["BubbleGrid", "bubble_grids", "tilt"]

_EVEN = 0.12  # of a step: how much steps of one grid differ
_IN_LINE = 0.35  # of a bubble's width: how far it stands beside its column
_OFTEN = 3
_OFF_ROW = 0.22  # of its height
_ROWS_LOOKED_AT = 12
_SAME_SIZE = 0.25
_AGREES = 0.02  # of a slope
_TOUCHING = 1.08  # of a bubble's side: cells that stand closer are to be written in
_WIDEST_STEP = 4.5  # of a bubble's side between two of one field
_TALLEST_STEP = 6.0


@dataclass(frozen=True, slots=True)
class BubbleGrid:
    """A grid of bubbles: middle of the upper left one, steps and sides in millimetres, and how many rows and columns."""

    x: float
    y: float
    step_x: float
    step_y: float
    width: float
    height: float
    rows: int
    columns: int
    square: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """Bubbles side by side at even steps."""

    bubbles: tuple[Outline, ...]

    @property
    def x(self) -> float:
        return self.bubbles[0].x

    @property
    def y(self) -> float:
        return mean(one.y for one in self.bubbles)

    @property
    def step(self) -> float:
        return (self.bubbles[-1].x - self.bubbles[0].x) / (len(self.bubbles) - 1)


def tilt(found: Sequence[Outline]) -> float:
    """Return by how much the rows go down to the right, as a slope; 0 when there are no rows."""
    runs = [run for row in _rows(found) for run in _runs(sorted(row, key=lambda one: one.x), ())]
    ends = [(run.bubbles[0], run.bubbles[-1]) for run in runs if len(run.bubbles) > 2]
    if not ends:
        return 0.0
    slopes = [(last.y - first.y) / (last.x - first.x) for first, last in ends]
    # Places are whole pixels, so that single slopes come in few sizes; the mean of those that agree is finer.
    middle = median(slopes)
    return mean(slope for slope in slopes if abs(slope - middle) < _AGREES)


def bubble_grids(found: Sequence[Outline]) -> list[BubbleGrid]:
    """Return the grids of two or more bubbles in a row; a single row is one, too."""
    rows = [sorted(row, key=lambda one: one.x) for row in _rows(found)]
    usual = _usual([run for row in rows for run in _runs(row, ())])
    runs = [run for row in rows for run in _runs(row, usual)]
    grids: list[BubbleGrid] = []
    left = sorted(runs, key=lambda run: (run.y, run.x))
    while left:
        stack = [left.pop(0)]
        for run in list(left):
            if _below(stack, run):
                stack.append(run)
                left.remove(run)
        grids.append(_grid(stack))
    return [one for one in grids if not _cells(one) and (one.rows > 1 or _has_fellow(one, grids))]


def _cells(grid: BubbleGrid) -> bool:
    """Return whether these are cells of a table to be written in."""
    return grid.step_x <= _TOUCHING * grid.width or grid.step_y <= _TOUCHING * grid.height


def _has_fellow(grid: BubbleGrid, grids: Sequence[BubbleGrid]) -> bool:
    """Return whether a single row looks like rows of other blocks: two or three outlines may be anything."""
    return any(
        other.rows > 1
        and other.columns == grid.columns
        and abs(other.step_x - grid.step_x) < _EVEN * grid.step_x
        for other in grids
    )


def _rows(found: Sequence[Outline]) -> list[list[Outline]]:
    rows: list[list[Outline]] = []
    for one in sorted(found, key=lambda each: each.y):
        beside = [
            (_off(row, one), at)
            for at, row in enumerate(rows[-_ROWS_LOOKED_AT:], -len(rows[-_ROWS_LOOKED_AT:]))
        ]
        off, at = min(beside, default=(1.0, 0))
        if off < _OFF_ROW:
            rows[at].append(one)
        else:
            rows.append([one])
    return rows


def _off(row: Sequence[Outline], one: Outline) -> float:
    """Return how far an outline stands above or below its neighbour in a row, in heights; 1 for one of another size."""
    near = min(row, key=lambda other: abs(other.x - one.x))
    return abs(near.y - one.y) / one.height if _alike(near, one) else 1.0


def _usual(runs: Sequence[_Run]) -> list[_Run]:
    """Return one of each kind of run that stands often below others of its kind, the most frequent first."""
    kinds: list[list[_Run]] = []
    for run in runs:
        kind = next((kind for kind in kinds if _same(kind[0], run)), None)
        if kind is None:
            kinds.append([run])
        else:
            kind.append(run)
    often = sorted((kind for kind in kinds if len(kind) >= _OFTEN), key=len, reverse=True)
    return [kind[0] for kind in often]


def _same(one: _Run, other: _Run) -> bool:
    side = one.bubbles[0]
    return (
        len(one.bubbles) == len(other.bubbles)
        and abs(one.x - other.x) < _IN_LINE * side.width
        and abs(one.step - other.step) < 0.5 * _EVEN * one.step
        and _alike(side, other.bubbles[0])
    )


def _runs(row: Sequence[Outline], usual: Sequence[_Run]) -> list[_Run]:
    """Split a row, ordered from the left, into runs of the usual kinds where it has them, and else where the steps change."""
    found: list[_Run] = []
    at = 0
    while at < len(row):
        known = next((run for kind in usual if (run := _as_usual(row, at, kind)) is not None), None)
        taken = known.bubbles if known else _even(row[at:])
        if len(taken) > 1:
            found.append(_Run(tuple(taken)))
        at += len(taken)
    return found


def _as_usual(row: Sequence[Outline], at: int, kind: _Run) -> _Run | None:
    if len(row) - at < len(kind.bubbles):
        return None
    run = _Run(tuple(row[at : at + len(kind.bubbles)]))
    beside = max(abs(one.x - other.x) for one, other in zip(run.bubbles, kind.bubbles, strict=True))
    return run if beside < _IN_LINE * kind.bubbles[0].width else None


def _even(row: Sequence[Outline]) -> Sequence[Outline]:
    """Return as many from the left as stand at even steps; the first alone when it stands apart from them."""
    for at in range(1, len(row)):
        gap = row[at].x - row[at - 1].x
        if gap > _WIDEST_STEP * row[at].width:
            return row[:at]
        step = (row[at - 1].x - row[0].x) / (at - 1) if at > 1 else gap
        if abs(gap - step) > _EVEN * step:
            # Of two with a third that is closer, the second begins a run with that.
            return row[: 1 if at == 2 and gap < step else at]
    return row


def _below(stack: Sequence[_Run], run: _Run) -> bool:
    last, side = stack[-1], run.bubbles[0]
    gap = run.y - last.y
    if len(run.bubbles) != len(last.bubbles) or gap <= 0 or gap > _TALLEST_STEP * side.height:
        return False
    if not _alike(stack[0].bubbles[0], side):
        return False
    if (
        abs(run.x - stack[0].x) > _IN_LINE * side.width
        or abs(run.step - stack[0].step) > 0.5 * _EVEN * run.step
    ):
        return False
    step = (last.y - stack[0].y) / (len(stack) - 1) if len(stack) > 1 else gap
    return abs(gap - step) <= _EVEN * step


def _alike(one: Outline, other: Outline) -> bool:
    near = abs(one.width - other.width) < _SAME_SIZE * one.width
    return near and abs(one.height - other.height) < _SAME_SIZE * one.height


def _grid(stack: Sequence[_Run]) -> BubbleGrid:
    bubbles = [one for run in stack for one in run.bubbles]
    rows, columns = len(stack), len(stack[0].bubbles)
    step_y = (stack[-1].y - stack[0].y) / (rows - 1) if rows > 1 else 1.5 * bubbles[0].height
    return BubbleGrid(
        x=round(mean(run.x for run in stack), 2),
        y=round(stack[0].y, 2),
        step_x=round(mean(run.step for run in stack), 3),
        step_y=round(step_y, 3),
        width=round(median(one.width for one in bubbles), 2),
        height=round(median(one.height for one in bubbles), 2),
        rows=rows,
        columns=columns,
        square=sum(one.square for one in bubbles) > len(bubbles) / 2,
    )
