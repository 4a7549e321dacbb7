"""Turn grids of bubbles into blocks of a sheet, look for marks of position, and draw both over the page."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from academy.domain.omr.sheet import (
    Block,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    SheetSpec,
    bubbles,
)
from academy.infrastructure.opencv.aruco import squares
from academy.infrastructure.opencv.grids import BubbleGrid
from academy.infrastructure.opencv.marks import candidates
from academy.infrastructure.opencv.outlines import Outline
from academy.infrastructure.opencv.plane import Grey, Line

__all__ = ["blocks_of", "draw_proposal", "markers_of"]

_DIGITS = tuple("0123456789")
_FEWEST_IDENTIFIER = 5  # digits; fewer are a number
_MOST_CHOICES = 10
_CORNER = 0.35  # of the page's sides: how far from a corner a mark of it may stand
_ALIKE = 0.25  # of their size: how much the marks of one sheet differ
_SURE = 0.7
_MARKER_ROOM = 3.0  # millimetres around a block where no mark of position stands
_RING, _MARK, _LEFT = (60, 150, 0), (200, 60, 200), (0, 0, 230)  # blue green red
_MOST_PIXELS = 2_400
_LABEL_ROOM = 1.2  # millimetres between a bubble and the name of its field
_DARK = 0.9  # of the paper's light: print


def blocks_of(grids: Sequence[BubbleGrid]) -> list[Block]:
    """Return blocks: grids of ten rows are digits, others questions, numbered down the columns of the page."""
    digits = sorted((one for one in grids if _is_digits(one)), key=lambda one: (round(one.y / 15), one.x))
    questions = [one for one in grids if not _is_digits(one) and one.columns <= _MOST_CHOICES]
    widest = max((one.columns for one in digits), default=0)
    found: list[Block] = []
    identifier = next((one for one in digits if one.columns == widest >= _FEWEST_IDENTIFIER), None)
    if identifier is not None:
        found.append(_digit_block("identifier", Purpose.IDENTIFIER, identifier))
    number = 0
    for one in _down_the_columns(questions):
        names = tuple(str(number + at + 1) for at in range(one.rows))
        choices = tuple(str(at + 1) for at in range(one.columns))
        number += one.rows
        grid = _grid(one, one.step_y, one.step_x)
        found.append(Block(f"questions-{names[0]}", Purpose.CHOICE, Run.DOWN, grid, names, choices))
    for one in digits:
        if one is not identifier:
            number += 1
            found.append(_digit_block(str(number), Purpose.NUMBER, one))
    return found


def _is_digits(grid: BubbleGrid) -> bool:
    return grid.rows == len(_DIGITS) and grid.columns != _MOST_CHOICES and grid.step_y < 2.2 * grid.height


def _digit_block(name: str, purpose: Purpose, grid: BubbleGrid) -> Block:
    fields = tuple(
        f"{'id' if purpose is Purpose.IDENTIFIER else name}.{at + 1}" for at in range(grid.columns)
    )
    return Block(name, purpose, Run.ACROSS, _grid(grid, grid.step_x, grid.step_y), fields, _DIGITS)


def _grid(grid: BubbleGrid, field_step: float, choice_step: float) -> Grid:
    shape = Shape.BOX if grid.square else Shape.ELLIPSE
    return Grid(Point(grid.x, grid.y), field_step, choice_step, grid.width, grid.height, shape)


def _down_the_columns(grids: Sequence[BubbleGrid]) -> list[BubbleGrid]:
    """Return grids column by column of the page, each from above."""
    columns: list[list[BubbleGrid]] = []
    for one in sorted(grids, key=lambda each: each.x):
        if columns and one.x - columns[-1][0].x < 2 * one.width:
            columns[-1].append(one)
        else:
            columns.append([one])
    return [one for column in columns for one in sorted(column, key=lambda each: each.y)]


def markers_of(
    page: Grey, per_mm: float, grids: Sequence[BubbleGrid], found: Sequence[Outline]
) -> list[Marker]:
    """Return marks of position near the corners: numbered squares if there are any, else one kind of others."""
    grey = _without(page, per_mm, found)
    numbered = squares(grey, frozenset(range(50)), thorough=False)
    if len({one.number for one in numbered}) >= 3:
        return [
            _aruco(one.number, one.corners, per_mm) for one in sorted(numbered, key=lambda one: one.number)
        ]
    best: list[Marker] = []
    for kind in (MarkerKind.RINGS, MarkerKind.SQUARE, MarkerKind.L):
        seen = [
            Marker(kind, Point(round(x / per_mm, 2), round(y / per_mm, 2)), round(side / per_mm, 2))
            for x, y, side, sure in candidates(grey, kind).tolist()
            if sure >= _SURE and not _within(x / per_mm, y / per_mm, grids)
        ]
        corners = _in_corners(seen, (grey.shape[1] / per_mm, grey.shape[0] / per_mm))
        if len(corners) > len(best):
            best = corners
    return best


def _without(page: Grey, per_mm: float, found: Sequence[Outline]) -> Grey:
    """Return the page with its bubbles wiped out: they look much like marks, and there are many of them."""
    wiped, paper = page.copy(), float(np.percentile(page, 80))
    for one in found:
        half = (one.width / 2 + 0.5, one.height / 2 + 0.5)
        low = (round((one.x - half[0]) * per_mm), round((one.y - half[1]) * per_mm))
        high = (round((one.x + half[0]) * per_mm), round((one.y + half[1]) * per_mm))
        cv2.rectangle(wiped, low, high, (paper,), -1)
    return wiped


def _aruco(number: int, corners: Line, per_mm: float) -> Marker:
    x, y = corners.mean(axis=0) / per_mm
    side = float(np.hypot(*(np.roll(corners, -1, axis=0) - corners).T).mean()) / per_mm
    return Marker(MarkerKind.ARUCO, Point(round(float(x), 2), round(float(y), 2)), round(side, 2), number)


def _within(x: float, y: float, grids: Sequence[BubbleGrid]) -> bool:
    return any(
        -_MARKER_ROOM < x - one.x + one.width / 2 < (one.columns - 1) * one.step_x + one.width + _MARKER_ROOM
        and -_MARKER_ROOM
        < y - one.y + one.height / 2
        < (one.rows - 1) * one.step_y + one.height + _MARKER_ROOM
        for one in grids
    )


def _in_corners(seen: Sequence[Marker], page: tuple[float, float]) -> list[Marker]:
    """Return the mark nearest to each corner of the page, all of one size; [] when fewer than three corners have one."""
    best: list[Marker] = []
    for size in {one.size for one in seen}:
        alike = [one for one in seen if abs(one.size - size) <= _ALIKE * size]
        chosen: list[Marker] = []
        for x, y in product((0.0, page[0]), (0.0, page[1])):
            near = [
                one
                for one in alike
                if abs(one.centre.x - x) < _CORNER * page[0] and abs(one.centre.y - y) < _CORNER * page[1]
            ]
            if near:
                chosen.append(min(near, key=lambda one: np.hypot(one.centre.x - x, one.centre.y - y)))
        if (len(chosen), size) > (len(best), best[0].size if best else 0.0):
            best = chosen
    return best if len(best) >= 3 else []


def draw_proposal(grey: Grey, per_mm: float, spec: SheetSpec, found: Sequence[Outline], target: Path) -> None:
    """Write the page as a PNG with blocks, marks and what was left out. Raises OSError when it cannot be written."""
    share = min(1.0, _MOST_PIXELS / max(grey.shape))
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    page, scale = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), per_mm * share
    line = max(1, round(0.3 * scale))
    used = set[int]()
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        used |= {
            at
            for at, one in enumerate(found)
            if abs(one.x - bubble.centre.x) < one.width / 2 and abs(one.y - bubble.centre.y) < one.height / 2
        }
        _ring(page, scale, block, bubble.centre, line)
    for block in spec.blocks:
        _labels(page, small, scale, block)
    for marker in spec.markers:
        half = marker.size / 2 + 1
        ends = [
            (round((marker.centre.x + side * half) * scale), round((marker.centre.y + side * half) * scale))
            for side in (-1, 1)
        ]
        cv2.rectangle(page, ends[0], ends[1], _MARK, 2 * line, cv2.LINE_AA)
    for at, one in enumerate(found):
        if at not in used:
            middle = (round(one.x * scale), round(one.y * scale))
            cv2.drawMarker(page, middle, _LEFT, cv2.MARKER_TILTED_CROSS, round(one.width * scale), 2 * line)
    done, data = cv2.imencode(".png", page)
    if not done:
        raise OSError(f"cannot encode {target.name}")
    target.write_bytes(data.tobytes())


def _ring(page: Line, scale: float, block: Block, at: Point, line: int) -> None:
    half = (round((block.grid.width / 2 + 0.4) * scale), round((block.grid.height / 2 + 0.4) * scale))
    middle = (round(at.x * scale), round(at.y * scale))
    if block.grid.shape is Shape.ELLIPSE:
        cv2.ellipse(page, middle, half, 0, 0, 360, _RING, line, cv2.LINE_AA)
    else:
        ends = ((middle[0] - half[0], middle[1] - half[1]), (middle[0] + half[0], middle[1] + half[1]))
        cv2.rectangle(page, ends[0], ends[1], _RING, line, cv2.LINE_AA)


def _labels(page: Line, print_: Line, scale: float, block: Block) -> None:
    """Write the names of a block's fields beside them, on the side where the least is printed."""
    size, sides = 0.11 * scale, list[list[tuple[int, int, int, int]]]()
    firsts = [one.centre for one in bubbles((block,)) if one.choice == 0]
    for text, at in zip(block.fields, firsts, strict=True):
        (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 2)
        places = _places(block, at, wide / scale, tall / scale)
        sides.append([(round(x * scale), round(y * scale), wide, tall) for x, y in places])
    room = round(_LABEL_ROOM / 2 * scale)
    best = min(zip(*sides, strict=True), key=lambda side: sum(_printed(print_, box, room) for box in side))
    for text, (left, top, _, tall) in zip(block.fields, best, strict=True):
        where = (left, top + tall)
        for colour, thick in (((255, 255, 255), 4), (_LEFT, 1)):
            cv2.putText(page, text, where, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)


def _places(block: Block, at: Point, wide: float, tall: float) -> list[tuple[float, float]]:
    """Return upper left corners where a name may stand, in millimetres, the best first."""
    grid = block.grid
    half = grid.width / 2 + _LABEL_ROOM, grid.height / 2 + _LABEL_ROOM
    far = (len(block.choices) - 1) * grid.choice_step
    if block.run is Run.DOWN:
        left, middle = min(at.x, at.x + far) - half[0] - wide, at.y - tall / 2
        right = max(at.x, at.x + far) + half[0]
        return [(left, middle), (right, middle), *((left - more, middle) for more in (4.0, 8.0, 12.0))]
    above, below = min(at.y, at.y + far) - half[1] - tall, max(at.y, at.y + far) + half[1]
    middle = at.x - wide / 2
    return [(middle, y) for y in (above, below, above - 3.0, below + 4.5, above - 6.0)]


def _printed(print_: Line, box: tuple[int, int, int, int], room: int) -> float:
    """Return how much is printed under a label and a little around it; more than anything where it would leave the page."""
    (left, top, wide, tall), (height, width) = box, print_.shape
    if left < 0 or top < 0 or left + wide > width or top + tall > height:
        return float("inf")
    part = print_[max(0, top - room) : top + tall + room, max(0, left - room) : left + wide + room]
    return float(np.count_nonzero(part < _DARK * np.percentile(part, 95)))
