"""Find the page in a picture: the map from its millimetres to pixels."""

from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from academy.domain.omr.sheet import Anchor, MarkerKind, SheetSpec
from academy.infrastructure.opencv.align import fit
from academy.infrastructure.opencv.edge import page_edges
from academy.infrastructure.opencv.marks import Candidates, candidates
from academy.infrastructure.opencv.numbered import Located, by_numbers, centres_of
from academy.infrastructure.opencv.patches import Layout
from academy.infrastructure.opencv.plane import Floats, Grey, corners_of, page_map, plausible
from academy.infrastructure.opencv.problems import problem
from academy.infrastructure.opencv.register import registered

__all__ = ["Located", "locate"]

_EXTREMES = 5  # candidates tried for each corner
_TRIED = 24  # maps whose outlines are looked at
_FITS = 0.3  # correlation of the outlines from which a map without numbered marks is believed


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
        return by_numbers(grey, spec)
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


def _by_marks(grey: Grey, spec: SheetSpec, layout: Layout) -> Located:
    """Try which candidates are the marks: all four first, then three of them."""
    kind = spec.markers[0].kind
    found = candidates(grey, kind)
    if len(found) < 3:
        raise problem("markers_missing" if len(found) else "not_a_sheet", f"{len(found)} candidates")
    quads = _quads(spec, found)
    best = _best(grey, _maps(centres_of(spec), quads, grey, spec), layout) if quads else None
    if best is not None:
        return Located(best[0])
    for without in range(len(spec.markers)) if len(spec.markers) > 3 else ():
        kept = [at for at in range(len(spec.markers)) if at != without]
        triples = _triples(spec, found, kept)
        best = _best(grey, _maps(centres_of(spec)[kept], triples, grey, spec), layout)
        if best is not None:
            return Located(best[0], ("marker_missing",))
    raise problem("markers_missing", f"{len(found)} candidates")


def _quads(spec: SheetSpec, found: Candidates) -> list[Floats]:
    """Return ways to take candidates for all marks, the likeliest first: of a size, far apart, and where a page could have them."""
    centres, sizes = centres_of(spec), np.array([marker.size for marker in spec.markers])
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
    centres = centres_of(spec)[kept]
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
