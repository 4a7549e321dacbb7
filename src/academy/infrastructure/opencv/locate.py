"""Find the page in a picture: the map from its millimetres to pixels."""

from dataclasses import dataclass
from itertools import combinations, permutations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.omr.sheet import Anchor, Marker, MarkerKind, SheetSpec
from academy.infrastructure.opencv.align import fit
from academy.infrastructure.opencv.aruco import Square, in_corners, spotted, squares
from academy.infrastructure.opencv.edge import page_edges
from academy.infrastructure.opencv.marks import Candidates, candidates
from academy.infrastructure.opencv.patches import Layout
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
from academy.infrastructure.opencv.register import registered

__all__ = ["Located", "locate"]

_FILLS = 0.55  # of the picture: a page that fills it leaves no room for a second
_CUT_OFF = 0.01  # of the picture's longer side: how far outside a mark is expected that is cut off
_EXTREMES = 5  # candidates tried for each corner
_TRIED = 24  # maps whose outlines are looked at
_FITS = 0.3  # correlation of the outlines from which a map without numbered marks is believed


@dataclass(frozen=True, slots=True)
class Located:
    """The page's map (3, 3), from millimetres to pixels, and codes of warnings."""

    matrix: Floats
    warnings: tuple[str, ...] = ()


def locate(grey: Grey, spec: SheetSpec, layout: Layout, blank: Grey | None) -> Located:
    """Return where the page lies. Raises PageUnread."""
    if spec.anchor is Anchor.BLANK:
        if blank is None:
            raise problem("blank_missing")
        maps = registered(grey, blank, (spec.width, spec.height))
    elif spec.anchor is Anchor.EDGE:
        corners = corners_of(spec.width, spec.height)
        quads = page_edges(grey)
        maps = _maps(
            corners, [np.roll(quad, turn, axis=0) for quad in quads for turn in range(4)], grey, spec
        )
    elif all(marker.kind is MarkerKind.ARUCO for marker in spec.markers):
        return _by_numbers(grey, spec)
    else:
        return _by_marks(grey, spec, layout)
    best = _best(grey, maps, layout)
    if best is None:
        raise problem("not_a_sheet")
    return Located(best[0])


def _best(grey: Grey, maps: list[Floats], layout: Layout) -> tuple[Floats, float] | None:
    scored = [(fit(grey, matrix, layout), at) for at, matrix in enumerate(maps[:_TRIED])]
    if not scored or max(scored)[0] < _FITS:
        return None
    score, at = max(scored)
    return maps[at], score


def _maps(millimetres: Floats, quads: list[Floats], grey: Grey, spec: SheetSpec) -> list[Floats]:
    size = (grey.shape[1], grey.shape[0])
    found = (page_map(millimetres, quad, 3.0) for quad in quads)
    return [one for one in found if one is not None and plausible(one, (spec.width, spec.height), size)]


# Numbered squares


def _by_numbers(grey: Grey, spec: SheetSpec) -> Located:
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
        centres, room = project(rough, _centres(spec)), _CUT_OFF * max(grey.shape)
        if np.any(centres < -room) or np.any(centres > np.array(grey.shape[::-1]) + room):
            code = "corner_cut_off"
    return problem(code, f"{len(seen)} marks found")


# Marks without numbers


def _by_marks(grey: Grey, spec: SheetSpec, layout: Layout) -> Located:
    """Try which candidates are the marks: all four first, then three of them."""
    kind = spec.markers[0].kind
    found = candidates(grey, kind)
    if len(found) < 3:
        raise problem("markers_missing" if len(found) else "not_a_sheet", f"{len(found)} candidates")
    quads = _quads(spec, found)
    best = _best(grey, _maps(_centres(spec), quads, grey, spec), layout) if quads else None
    if best is not None:
        return Located(best[0])
    for without in range(len(spec.markers)) if len(spec.markers) > 3 else ():
        kept = [at for at in range(len(spec.markers)) if at != without]
        triples = _triples(spec, found, kept)
        best = _best(grey, _maps(_centres(spec)[kept], triples, grey, spec), layout)
        if best is not None:
            return Located(best[0], ("marker_missing",))
    raise problem("markers_missing", f"{len(found)} candidates")


def _centres(spec: SheetSpec) -> Floats:
    return np.array([(marker.centre.x, marker.centre.y) for marker in spec.markers])


def _quads(spec: SheetSpec, found: Candidates) -> list[Floats]:
    """Return ways to take candidates for all marks, the likeliest first: of a size, far apart, and where a page could have them."""
    centres, sizes = _centres(spec), np.array([marker.size for marker in spec.markers])
    scored: list[tuple[float, Floats]] = []
    for chosen in _choices(centres, found):
        picked = found[list(chosen)]
        scale = np.log(picked[:, 2] / sizes)
        map_scale = _scale(centres, picked[:, :2])
        misfit = abs(float(np.median(scale)) - np.log(map_scale))
        if np.ptp(scale) < 0.7 and misfit < 0.5:
            likeness = float(picked[:, 3].mean()) + np.log(map_scale)
            scored.append((misfit + float(np.ptp(scale)) - likeness, picked[:, :2]))
    scored.sort(key=lambda one: one[0])
    return [quad for _, quad in scored[: 4 * _TRIED]]


def _scale(millimetres: Floats, pixels: Floats) -> float:
    """Return pixels for a millimetre by the mean distance from the middle."""
    far_mm = np.hypot(*(millimetres - millimetres.mean(axis=0)).T).mean()
    far_px = np.hypot(*(pixels - pixels.mean(axis=0)).T).mean()
    return float(far_px / far_mm)


def _choices(centres: Floats, found: Candidates) -> list[tuple[int, ...]]:
    """Return candidates in the order of the marks: for four marks those towards the picture's corners and the likeliest, in all four turns."""
    if len(centres) != 4:
        few = range(min(len(found), 8))
        return list(permutations(few, len(centres)))[:20_000]
    x, y = found[:, 0], found[:, 1]
    likeliest = set(range(min(6, len(found))))
    corners = [
        {int(one) for one in np.argsort(key)[:_EXTREMES]} | likeliest for key in (x + y, y - x, -x - y, x - y)
    ]
    sets = {frozenset(combo) for combo in product(*corners)}
    place = np.argsort(_clockwise(centres))  # of each mark in clockwise order
    choices: list[tuple[int, ...]] = []
    for chosen in sets:
        if len(chosen) == 4:
            around = np.array(sorted(chosen))
            around = around[_clockwise(found[around, :2])]
            choices += [tuple(int(one) for one in np.roll(around, turn)[place]) for turn in range(4)]
    return choices


def _clockwise(points: Floats) -> NDArray[np.intp]:
    """Return the order in which points follow one another around their middle."""
    from_middle = points - points.mean(axis=0)
    return np.argsort(np.arctan2(from_middle[:, 1], from_middle[:, 0]))


def _triples(spec: SheetSpec, found: Candidates, kept: list[int]) -> list[Floats]:
    few = range(min(len(found), 10))
    sizes = np.array([spec.markers[at].size for at in kept])
    centres = _centres(spec)[kept]
    scored: list[tuple[float, Floats]] = []
    for chosen in product(few, repeat=3):
        if len(set(chosen)) < 3:
            continue
        picked = found[list(chosen)]
        scale = picked[:, 2] / sizes
        misfit = abs(float(np.log(np.median(scale) / _scale(centres, picked[:, :2]))))
        if scale.max() < 1.6 * scale.min() and misfit < 0.3:
            scored.append((misfit - float(picked[:, 3].mean()), picked[:, :2]))
    scored.sort(key=lambda one: one[0])
    return [triple for _, triple in scored[: 4 * _TRIED]]
