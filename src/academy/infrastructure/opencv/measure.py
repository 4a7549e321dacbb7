"""How dark bubbles are inside: against the paper around them, the print of the page, and what is printed in bubbles like them."""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.omr.sheet import MarkerKind, SheetSpec
from academy.infrastructure.opencv.patches import ACROSS, COLUMNS, DOWN, ROWS, Layout, Patches, Singles
from academy.infrastructure.opencv.plane import Floats, Grey, project

__all__ = ["Measured", "measure", "print_level"]

_Value = TypeVar("_Value", bound=np.generic)

_INSIDE = 0.74  # of the half sizes: within the outline, wherever it is drawn a little off
_PAPER = (1.3, 1.8)  # where the paper around a bubble is looked at
_LIKE_BESIDE = 0.85  # of the light of its neighbours' paper
_SHADED = 2  # of six neighbours: with more than so many in the dark, a bubble may be in a shadow
_RING = (1.18, 1.75)  # where a ring drawn around a bubble lies
_SECTORS = 12
_PRINTED = 0.35  # darkness from which a sample belongs to what is printed in the bubble
_FEWEST = 3  # bubbles alike that tell print from marks
_AS_LIGHT = 0.04  # mean darkness: how much bubbles that are printed alike differ before anybody marks them
_SPOT = np.ones((3, 3), np.uint8)  # samples: wider than strokes of print
_MORE_SOLID = 0.12  # darkness of such a spot above that of other choices: in a choice that is darker, too, a mark in every field
_LEAST_PRINT = 0.25  # of the paper's light that print takes away at least


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each bubble, (n,): mean darkness and that of its darkest part, how closed a ring around it is, and the share that could be seen.

    Darkness is 0 for paper and 1 for print. `paper` is the median grey of the paper, `ink` how much of it print takes away (0 to 1).
    """

    mean: Floats
    peak: Floats
    halo: Floats
    seen: Floats
    paper: float
    ink: float


def print_level(grey: Grey, matrix: Floats, spec: SheetSpec) -> float | None:
    """Return how much of the paper's light the page's black marks take away (0 to 1); None when the page has none."""
    places = [point for marker in spec.markers for point in _black_points(marker.kind, marker.size)]
    if not places:
        return None
    centres = np.array(
        [
            (marker.centre.x, marker.centre.y)
            for marker in spec.markers
            for _ in range(len(places) // len(spec.markers))
        ]
    )
    sizes = np.array(
        [marker.size for marker in spec.markers for _ in range(len(places) // len(spec.markers))]
    )
    black = _at(grey, project(matrix, centres + np.array(places)))
    around = np.concatenate(
        [
            _at(
                grey,
                project(matrix, centres + np.stack((sizes * 0.72 * across, sizes * 0.72 * down), axis=1)),
            )[:, None]
            for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ],
        axis=1,
    ).max(axis=1)
    return float(np.clip(np.median(1 - black / np.maximum(around, 1)), _LEAST_PRINT, 1.0))


def _black_points(kind: MarkerKind, size: float) -> list[tuple[float, float]]:
    """Return places that are black in every mark of a kind, from its centre."""
    if kind is MarkerKind.ARUCO:
        off = size * 5 / 12  # the middle of the border, which is one module of six
        return [(x * off, y * off) for x in (-1.0, -0.3, 0.3, 1.0) for y in (-1.0, 1.0)]
    return [] if kind is MarkerKind.L else [(0.0, 0.0)] * 2


def _at(grey: Grey, pixels: Floats) -> Floats:
    x = np.clip(np.rint(pixels[:, 0]), 0, grey.shape[1] - 1).astype(np.intp)
    y = np.clip(np.rint(pixels[:, 1]), 0, grey.shape[0] - 1).astype(np.intp)
    return grey[y, x].astype(np.float64)


def measure(
    layout: Layout, patches: Patches, ink: float | None, spoilt: NDArray[np.bool_] | None = None
) -> Measured:
    """Return what the patches of all bubbles say. `ink`: of the page's marks, if known; `spoilt`: samples that do not count."""
    count = len(patches.values)
    flat = patches.values.reshape(count, -1)
    paper = _paper(flat, layout)
    dark = 1 - flat / paper[:, None]
    level = ink if ink is not None else _ink_of(dark)
    dark = np.clip(dark / level, 0, 1.2)
    hidden = None if spoilt is None else spoilt.reshape(count, -1)
    mean, peak, halo, seen = (np.zeros(count) for _ in range(4))
    for box in (False, True):
        rows = np.flatnonzero(layout.box == box)
        if len(rows):
            inside, ring = _zones(box=box)
            within = _of(dark, rows, inside)
            lost = np.zeros(within.shape, dtype=bool) if hidden is None else _of(hidden, rows, inside)
            printed = _printed(within, layout.kind[rows], inside)
            mean[rows], peak[rows] = _marks(within, lost, printed)
            seen[rows] = 1 - lost.mean(axis=1)
            halo[rows] = _halo(dark[rows], layout.kind[rows], ring)
    return Measured(mean, peak, halo, seen, float(np.median(paper)), level)


def _radius(*, box: bool) -> Floats:
    return np.asarray(np.maximum(np.abs(ACROSS), np.abs(DOWN)) if box else np.hypot(ACROSS, DOWN)).ravel()


@cache
def _zones(*, box: bool) -> tuple[NDArray[np.intp], list[NDArray[np.intp]]]:
    """Return the samples inside of a bubble, and those around it by sector."""
    radius = _radius(box=box)
    around = (radius > _RING[0]) & (radius < _RING[1])
    sector = ((np.arctan2(DOWN, ACROSS) + np.pi) / (2 * np.pi) * _SECTORS).astype(int).ravel() % _SECTORS
    ring = [np.flatnonzero(around & (sector == one)) for one in range(_SECTORS)]
    return np.flatnonzero(radius < _INSIDE), ring


@cache
def _around(*, box: bool) -> NDArray[np.intp]:
    """Return the samples around a bubble that show its paper."""
    radius = _radius(box=box)
    return np.flatnonzero((radius > _PAPER[0]) & (radius < _PAPER[1]))


def _of(values: NDArray[_Value], rows: NDArray[np.intp], samples: NDArray[np.intp]) -> NDArray[_Value]:
    """Return some samples of some bubbles; most sheets have one kind of outline, and then every row counts."""
    part = values if len(rows) == len(values) else values[rows]
    return part.take(samples, axis=1)


def _paper(flat: Singles, layout: Layout) -> Singles:
    """Return the grey of the paper around each bubble (n,): of the lighter part of its surroundings."""
    paper = np.empty(len(flat), dtype=np.float32)
    for box in (False, True):
        rows = np.flatnonzero(layout.box == box)
        if len(rows):
            around = _of(flat, rows, _around(box=box))
            at = (around.shape[1] * 7) // 10
            paper[rows] = np.partition(around, at, axis=1)[:, at]
    # A thick ring around a bubble leaves no paper to look at: the paper of those beside it is much like it. Where that of several is
    # dark, too, a shadow lies over them.
    beside = np.partition(paper[layout.near], _SHADED, axis=1)[:, _SHADED]
    paper = np.maximum(paper, np.float32(_LIKE_BESIDE) * beside)
    return np.asarray(np.maximum(paper, 8.0), dtype=np.float32)


def _ink_of(dark: Singles) -> float:
    """Return how much light the darkest things on the page take away, where no mark of position says it."""
    return float(np.clip(np.percentile(dark, 99.5), _LEAST_PRINT, 1.0))


def _marks(dark: Singles, lost: NDArray[np.bool_], printed: Singles) -> tuple[Floats, Floats]:
    """Return mean and 85th percentile of what is added to the print, over the samples (n, s) that are neither print nor lost."""
    added = dark - printed
    open_ = printed < _PRINTED
    crowded = open_.mean(axis=1) < 0.4
    open_[crowded] = True
    counted = open_ & ~lost
    weight = np.maximum(counted.sum(axis=1), 1)
    mean = np.where(counted, added, 0).sum(axis=1) / weight
    at = (added.shape[1] * 85) // 100
    low = np.where(counted, added, np.minimum(mean, 1)[:, None])
    peak = np.partition(low, at, axis=1)[:, at]
    return np.clip(mean, 0, 1), np.clip(peak, 0, 1)


def _printed(dark: Singles, kind: NDArray[np.intp], inside: NDArray[np.intp]) -> Singles:
    """Return what is printed in each bubble (n, s), by what most bubbles that are printed alike show; `inside`: which samples those are."""
    found = {
        int(one): _alike(dark[kind == one])
        for one, many in zip(*np.unique(kind, return_counts=True), strict=True)
        if many >= _FEWEST
    }
    if not found:
        return np.zeros_like(dark)
    # A choice that everybody took looks printed: then what all choices have in common has to do.
    level = _above({one: float(patch.mean()) for one, patch in found.items()})
    solid = _above({one: _solid(patch, inside) for one, patch in found.items()})
    printed = {one for one in found if level[one] <= _AS_LIGHT or solid[one] <= _MORE_SOLID}
    common = np.min(np.stack(list(found.values())), axis=0)
    rows = [found[int(one)] if int(one) in printed else common for one in kind]
    return np.stack(rows)


def _above(values: dict[int, float]) -> dict[int, float]:
    """Return by how much each value is above the usual one."""
    usual = float(np.median(list(values.values())))
    return {one: value - usual for one, value in values.items()}


def _solid(patch: Singles, inside: NDArray[np.intp]) -> float:
    """Return how dark the darkest spot of a patch (s,) is that is wider than the strokes of print."""
    whole = np.zeros((ROWS, COLUMNS), dtype=np.float32)
    whole.ravel()[inside] = patch
    return float(cv2.erode(whole, _SPOT).max())


def _alike(members: Singles) -> Singles:
    """Return what is printed in bubbles (n, s) that are printed alike: what most of them show, or the lightest when most are marked."""
    at = len(members) // 3 if len(members) > 4 else 0
    shown: Singles = np.partition(members, at, axis=0)[at]
    means = members.mean(axis=1)
    lightest = members[means <= means.min() + _AS_LIGHT]
    empty: Singles = np.partition(lightest, len(lightest) // 3, axis=0)[len(lightest) // 3]
    return shown if float(shown.mean()) <= float(empty.mean()) + _AS_LIGHT else empty


def _halo(dark: Singles, kind: NDArray[np.intp], ring: list[NDArray[np.intp]]) -> Floats:
    """Return how dark a closed line around each bubble is (n,): the darkest of nearly every sector, less what is usual there."""
    sectors = np.stack([dark[:, part].max(axis=1) for part in ring], axis=1)
    for one in np.unique(kind):
        members = kind == one
        if int(members.sum()) >= _FEWEST:
            sectors[members] -= np.median(sectors[members], axis=0)
    return np.clip(np.partition(sectors, 2, axis=1)[:, 2], 0, 1).astype(np.float64)
