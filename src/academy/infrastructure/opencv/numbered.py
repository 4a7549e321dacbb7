"""Find the page by squares that carry numbers, also those that lines, streaks and stains spoil."""

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from academy.domain.omr.sheet import Marker, SheetSpec
from academy.infrastructure.opencv.aruco import Square, in_corners, spotted, squares
from academy.infrastructure.opencv.plane import (
    Floats,
    Grey,
    Line,
    area_of,
    corners_of,
    page_map,
    plausible,
    project,
)
from academy.infrastructure.opencv.problems import PageUnread, problem
from academy.infrastructure.opencv.streaks import without_lines

__all__ = ["Located", "by_numbers", "centres_of"]

_FILLS = 0.55  # of the picture: a page that fills it leaves no room for a second
_CUT_OFF = 0.01  # of the picture's longer side: how far outside a mark is expected that is cut off


@dataclass(frozen=True, slots=True)
class Located:
    """The page's map (3, 3), from millimetres to pixels, and codes of warnings."""

    matrix: Floats
    warnings: tuple[str, ...] = ()


def centres_of(spec: SheetSpec) -> Floats:
    """Return the middles of the marks of position (n, 2), in millimetres."""
    return np.array([(marker.centre.x, marker.centre.y) for marker in spec.markers])


def by_numbers(grey: Grey, spec: SheetSpec) -> Located:
    """Return where a page with numbered squares lies. Raises PageUnread."""
    numbers = frozenset(marker.number for marker in spec.markers)
    seen = in_corners(grey, numbers)
    if len({one.number for one in seen}) < len(numbers):
        seen = squares(grey, numbers, thorough=False)
    located = _placed(grey, spec, seen)
    if (
        located is None
        or len({one.number for one in seen}) < len(numbers)
        or not _fills(grey, spec, located.matrix)
    ):
        more = squares(grey, numbers, thorough=True)
        if len({one.number for one in more}) >= len({one.number for one in seen}):
            seen = more
        _refuse_several(seen)
        located = _placed(grey, spec, [*seen, *_spoilt(grey, spec, seen)])
    if located is None:
        located = _through_lines(grey, spec, numbers)
    if located is None:
        raise _missing(grey, spec, seen)
    if _outside(grey, spec, located.matrix):
        raise problem("corner_cut_off")
    return located


def _fills(grey: Grey, spec: SheetSpec, matrix: Floats) -> bool:
    return area_of(project(matrix, corners_of(spec.width, spec.height))) > _FILLS * grey.size


def _outside(grey: Grey, spec: SheetSpec, matrix: Floats) -> bool:
    """Return whether a bubble lies outside of the picture."""
    ends = []
    for block in spec.blocks:
        grid, down = block.grid, block.run.value == "down"
        along, aside = (len(block.fields) - 1) * grid.field_step, (len(block.choices) - 1) * grid.choice_step
        width, height = (aside, along) if down else (along, aside)
        x, y = grid.first.x - grid.width / 2, grid.first.y - grid.height / 2
        width, height = width + grid.width, height + grid.height
        ends += [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    pixels = project(matrix, np.array(ends))
    return bool(
        np.any(pixels < -1) or np.any(pixels[:, 0] > grey.shape[1]) or np.any(pixels[:, 1] > grey.shape[0])
    )


def _placed(grey: Grey, spec: SheetSpec, seen: list[Square]) -> Located | None:
    """Return the map by the largest square of each number, None when fewer than three make a page."""
    largest: dict[int, Square] = {}
    for one in seen:
        if one.number not in largest or one.side > largest[one.number].side:
            largest[one.number] = one
    used = [marker for marker in spec.markers if marker.number in largest]
    if len(used) < 3:
        return None
    millimetres = np.concatenate([_marker_corners(marker) for marker in used])
    pixels = np.concatenate([largest[marker.number].corners for marker in used])
    scale = float(np.mean([largest[marker.number].side / marker.size for marker in used]))
    matrix = page_map(millimetres, pixels, max(1.5, 0.6 * scale))
    if matrix is None or not plausible(matrix, (spec.width, spec.height), (grey.shape[1], grey.shape[0])):
        return None
    errors = np.hypot(*(project(matrix, millimetres) - pixels).T)
    if np.median(errors) > 0.8 * scale:
        return None
    return Located(matrix, () if len(used) == len(spec.markers) else ("marker_missing",))


def _marker_corners(marker: Marker) -> Floats:
    middle = np.array((marker.centre.x - marker.size / 2, marker.centre.y - marker.size / 2))
    return np.asarray(corners_of(marker.size, marker.size) + middle)


def _refuse_several(seen: list[Square]) -> None:
    """Raise PageUnread when two numbers or more are seen twice: one may be a reflection, two are another sheet."""
    twice = 0
    for number in {one.number for one in seen}:
        same = [one for one in seen if one.number == number]
        apart = [
            float(np.hypot(*(one.corners.mean(axis=0) - two.corners.mean(axis=0)))) > 3 * one.side
            and two.side > 0.5 * one.side
            for one, two in combinations(sorted(same, key=lambda each: -each.side), 2)
        ]
        twice += any(apart)
    if twice >= 2:
        raise problem("several_sheets", f"{twice} marks twice")


def _spoilt(grey: Grey, spec: SheetSpec, seen: list[Square]) -> list[Square]:
    """Return squares that a streak or a stain hides from the detector: the others say where to look."""
    missing = [marker for marker in spec.markers if marker.number not in {one.number for one in seen}]
    rough = _rough(spec, seen) if len(seen) > 1 else None
    if rough is None:
        return []
    found = (spotted(grey, rough, marker) for marker in missing)
    return [one for one in found if one is not None]


def _through_lines(grey: Grey, spec: SheetSpec, numbers: frozenset[int]) -> Located | None:
    """Return the map by squares that a fax drew lines through, black or white."""
    for clean in without_lines(grey):
        seen = squares(clean, numbers, thorough=True)
        _refuse_several(seen)
        located = _placed(clean, spec, [*seen, *_spoilt(clean, spec, seen)])
        if located is not None:
            return located
    return None


def _rough(spec: SheetSpec, seen: list[Square]) -> Floats | None:
    """Return the map, turned, moved and scaled alone, that few squares suggest."""
    used = [(marker, one) for one in seen for marker in spec.markers if marker.number == one.number]
    millimetres = np.concatenate([_marker_corners(marker) for marker, _ in used])
    pixels = np.concatenate([one.corners for _, one in used])
    turned, _ = cv2.estimateAffinePartial2D(millimetres, pixels, method=cv2.LMEDS)
    rough: Line | None = turned  # the stubs promise an array
    return None if rough is None or not np.all(np.isfinite(rough)) else np.vstack((rough, (0, 0, 1)))


def _missing(grey: Grey, spec: SheetSpec, seen: list[Square]) -> PageUnread:
    """Return what is wrong when too few marks are seen: those that are tell roughly where the page should lie."""
    if not seen:
        return problem("not_a_sheet", "no marks found")
    rough, code = _rough(spec, seen), "markers_missing"
    if rough is not None:
        centres, room = project(rough, centres_of(spec)), _CUT_OFF * max(grey.shape)
        if np.any(centres < -room) or np.any(centres > np.array(grey.shape[::-1]) + room):
            code = "corner_cut_off"
    return problem(code, f"{len(seen)} marks found")
