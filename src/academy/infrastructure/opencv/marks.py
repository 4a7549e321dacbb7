"""Find marks of position that carry no number: filled squares, angles, rings."""

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np

from academy.domain.omr.sheet import MarkerKind
from academy.infrastructure.opencv.plane import Floats, Grey, Line

__all__ = ["Candidates", "candidates"]

Candidates = Floats
"""Rows of x, y, diameter (pixels) and how much it looks like a mark (0 to 1)."""

_MOST = 60
_DARK = 0.75  # of the light of the paper around it
_SMALLEST, _LARGEST = 6, 0.12  # pixels; share of the picture's longer side
_CONCENTRIC = 0.1  # of a circle's diameter: how far middles of one mark lie apart
_NEXT_CIRCLE = 0.85  # of a circle's diameter: the next one within is smaller than that
_SAME_PLACE = 0.5  # diameters between two sightings of one mark


def candidates(grey: Grey, kind: MarkerKind) -> Candidates:
    """Return what may be a mark of `kind`, the likeliest first, at most 60."""
    look = _KINDS[kind]
    found: list[tuple[float, float, float, float]] = []
    for window in (31, 71):
        dark = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 10)
        contours, tree = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        if tree is not None:
            found += look(grey, contours, tree[0])
    best = _apart(sorted(found, key=lambda one: -one[3]))
    return np.array(best[:_MOST], dtype=np.float64).reshape(-1, 4)


def _apart(found: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    kept: list[tuple[float, float, float, float]] = []
    for one in found:
        if all(np.hypot(one[0] - other[0], one[1] - other[1]) > _SAME_PLACE * other[2] for other in kept):
            kept.append(one)
        if len(kept) == _MOST:
            break
    return kept


_Found = list[tuple[float, float, float, float]]


def _sized(grey: Grey, contour: Line, smallest: int = _SMALLEST) -> tuple[int, int, int, int] | None:
    x, y, width, height = cv2.boundingRect(contour)
    most = _LARGEST * max(grey.shape)
    if (
        min(width, height) < smallest
        or max(width, height) > most
        or max(width, height) > 1.6 * min(width, height)
    ):
        return None
    return x, y, width, height


def _squares(grey: Grey, contours: Sequence[Line], tree: Line) -> _Found:
    found: _Found = []
    for contour, links in zip(contours, tree, strict=True):
        if links[3] >= 0 or _sized(grey, contour) is None:
            continue
        (x, y), (width, height), _ = cv2.minAreaRect(contour)
        area = cv2.contourArea(contour)
        if min(width, height) < _SMALLEST - 1:
            continue
        extent = area / (width * height)
        if extent > 0.8 and max(width, height) < 1.4 * min(width, height) and _solid(grey, x, y, width):
            found.append((x, y, (width + height) / 2 + 1, min(1.0, extent)))
    return found


def _solid(grey: Grey, x: float, y: float, side: float) -> bool:
    """Return whether the inside of a square is evenly dark: an empty box is as even, and as light as the paper around it."""
    half, whole = max(1, int(side * 0.3)), max(2, int(side))
    inside = grey[max(0, int(y) - half) : int(y) + half + 1, max(0, int(x) - half) : int(x) + half + 1]
    around = grey[max(0, int(y) - whole) : int(y) + whole + 1, max(0, int(x) - whole) : int(x) + whole + 1]
    if not inside.size or float(inside.std()) >= 30:
        return False
    return float(inside.mean()) < _DARK * float(np.percentile(around, 90))


def _angles(grey: Grey, contours: Sequence[Line], tree: Line) -> _Found:
    found: _Found = []
    for contour, links in zip(contours, tree, strict=True):
        box = _sized(grey, contour)
        if links[3] >= 0 or box is None:
            continue
        x, y, width, height = box
        area, hull = cv2.contourArea(contour), cv2.contourArea(cv2.convexHull(contour))
        if hull <= 0 or not 0.12 < area / (width * height) < 0.75:
            continue
        # An angle's hull is a little more than the triangle of its ends: half of its box.
        likeness = 1 - abs(hull / (width * height) - 0.62) * 2
        if likeness > 0.5 and area / hull < 0.9:
            found.append((x + width / 2 - 0.5, y + height / 2 - 0.5, (width + height) / 2, likeness))
    return found


def _rings(grey: Grey, contours: Sequence[Line], _tree: Line) -> _Found:
    """Return places with circles around one middle: edges of rings and discs. A blot that touches a ring spoils its outer edge alone."""
    circles = sorted(
        (one for one in map(partial(_circle, grey), contours) if one is not None), key=lambda one: -one[2]
    )
    found: _Found = []
    used: set[int] = set()
    for at, (x, y, diameter) in enumerate(circles):
        if at in used:
            continue
        family = [(x, y, diameter)]
        for other in range(at + 1, len(circles)):
            ox, oy, smaller = circles[other]
            if np.hypot(ox - x, oy - y) < _CONCENTRIC * diameter:
                used.add(other)
                if smaller < _NEXT_CIRCLE * family[-1][2]:
                    family.append(circles[other])
        if len(family) > 1:
            inner = family[-1]
            found.append((inner[0], inner[1], diameter, min(1.0, len(family) / 4)))
    return found


def _circle(grey: Grey, contour: Line) -> tuple[float, float, float] | None:
    if len(contour) < 10 or _sized(grey, contour, smallest=4) is None:
        return None
    (x, y), (width, height), _ = cv2.fitEllipse(contour)
    outline = np.pi * width * height / 4
    if not (outline > 0 and max(width, height) < 1.5 * min(width, height)):
        return None
    filled = cv2.contourArea(contour) / outline
    return (x, y, (width + height) / 2) if 0.75 < filled < 1.2 else None


_KINDS: dict[MarkerKind, Callable[[Grey, Sequence[Line], Line], _Found]] = {
    MarkerKind.SQUARE: _squares,
    MarkerKind.L: _angles,
    MarkerKind.RINGS: _rings,
}
