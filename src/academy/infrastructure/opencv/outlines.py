"""Find the outlines of empty bubbles on a page: ellipses and boxes, all of about one size."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from academy.infrastructure.opencv.plane import Grey, Line

__all__ = ["Outline", "marked_bubbles", "outlines"]

_SMALLEST, _LARGEST = 1.5, 13.0  # millimetres
_FEWEST = 8  # outlines of one size
_SAME_SIZE = 0.18  # of the usual one
_LIKENESS = 0.6  # of a bubble to the usual one: correlation
_AROUND = 1.25  # of a bubble's side: how much of its surroundings is compared
_PATCHES = 80
_PAPER_AROUND = 30.0  # millimetres: how far around a spot is looked for paper
_SPOT = (0.6, 1.6)  # of a bubble's sides: a mark
_SOLID = 0.6  # of its box that a mark fills
_NEXT = 4.5  # of a bubble's side: how far the next one stands
_HOLLOW = 0.55  # of the paper's light that an empty bubble keeps on the average, a printed digit within


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed outline: its middle and size in millimetres, and whether its corners are square."""

    x: float
    y: float
    width: float
    height: float
    square: bool


def outlines(grey: Grey, per_mm: float) -> list[Outline]:
    """Return the outlines of bubbles on an upright page of `per_mm` pixels for a millimetre, several sizes one after another."""
    found: list[Outline] = []
    for window in (15, 41):
        dark = cv2.adaptiveThreshold(
            grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _odd(window * per_mm / 8), 8
        )
        contours, tree = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        if tree is not None:
            seen = (
                _outline(grey, contour, per_mm)
                for contour, links in zip(contours, tree[0], strict=True)
                if links[3] >= 0  # the inner edge of an outline: nothing that touches it outside spoils it
            )
            found += [one for one in seen if one is not None]
    return _by_size(grey, _apart(found), per_mm)


def marked_bubbles(grey: Grey, per_mm: float, found: Sequence[Outline]) -> int:
    """Return how many solid spots about as large as a bubble stand in line with the outlines that were `found`: filled bubbles."""
    if not found:
        return 0
    width, height = median(one.width for one in found), median(one.height for one in found)
    dark = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _odd(_PAPER_AROUND * per_mm), 40
    )
    _, _, stats, centres = cv2.connectedComponentsWithStats(dark)
    count = 0
    for (_, _, wide, tall, area), (x, y) in zip(stats[1:], centres[1:] / per_mm, strict=True):
        sides = wide / per_mm / width, tall / per_mm / height
        sized = _SPOT[0] < min(sides) and max(sides) < _SPOT[1] and area > _SOLID * wide * tall
        count += sized and any(_in_line(float(x), float(y), one) for one in found)
    return count


def _in_line(x: float, y: float, one: Outline) -> bool:
    across, down = abs(x - one.x), abs(y - one.y)
    beside = down < 0.35 * one.height and 0.8 * one.width < across < _NEXT * one.width
    return beside or (across < 0.35 * one.width and 0.8 * one.height < down < _NEXT * one.height)


def _odd(pixels: float) -> int:
    return max(5, 2 * round(pixels) + 1)


def _outline(grey: Grey, contour: Line, per_mm: float) -> Outline | None:
    left, top, wide, tall = cv2.boundingRect(contour)
    if not (_SMALLEST * per_mm <= min(wide, tall) and max(wide, tall) <= _LARGEST * per_mm):
        return None
    if max(wide, tall) > 3 * min(wide, tall):
        return None
    filled = cv2.contourArea(contour) / (wide * tall)
    if not 0.68 < filled <= 1.0:
        return None
    inside = grey[top : top + tall, left : left + wide]
    paper = float(
        np.percentile(grey[max(0, top - tall) : top + 2 * tall, max(0, left - wide) : left + 2 * wide], 95)
    )
    if float(inside.mean()) < _HOLLOW * paper:
        return None
    middle = ((left + wide / 2) / per_mm, (top + tall / 2) / per_mm)
    # Of a rectangle four corners are all of the area; an ellipse fills pi / 4 of its box.
    return Outline(*middle, wide / per_mm, tall / per_mm, square=filled > 0.84)


def _apart(found: Sequence[Outline]) -> list[Outline]:
    """Leave one of several sightings of one outline: the larger."""
    kept: list[Outline] = []
    for one in sorted(found, key=lambda each: -each.width * each.height):
        if all(
            abs(one.x - other.x) > 0.5 * other.width or abs(one.y - other.y) > 0.5 * other.height
            for other in kept
        ):
            kept.append(one)
    return kept


def _by_size(grey: Grey, found: Sequence[Outline], per_mm: float) -> list[Outline]:
    """Return outlines of the sizes that stand on the page often enough to be bubbles, the most frequent first."""
    left, kept = list(found), list[Outline]()
    while left:
        groups = [[other for other in left if _alike(one, other)] for one in left]
        most = max(groups, key=len)
        if len(most) < _FEWEST:
            break
        kept += most
        left = [one for one in left if one not in most]
        kept += _faint(grey, most, [*kept, *left], per_mm)
    return kept


def _faint(grey: Grey, alike: Sequence[Outline], known: Sequence[Outline], per_mm: float) -> list[Outline]:
    """Return bubbles that look like the others, but whose outline is broken or too light to be followed."""
    width, height = median(one.width for one in alike), median(one.height for one in alike)
    half = (round(width * _AROUND * per_mm / 2), round(height * _AROUND * per_mm / 2))
    patches = [patch for patch in (_patch(grey, one, half, per_mm) for one in alike[:_PATCHES]) if patch.size]
    whole = [patch for patch in patches if patch.shape == (2 * half[1] + 1, 2 * half[0] + 1)]
    if not whole:
        return []
    usual = np.median(np.stack(whole), axis=0).astype(np.uint8)
    likeness = cv2.matchTemplate(grey, usual, cv2.TM_CCOEFF_NORMED)
    peaks = cv2.dilate(likeness, np.ones((half[1] | 1, half[0] | 1), np.uint8))
    rows, columns = np.nonzero((likeness >= _LIKENESS) & (likeness == peaks))
    square = sum(one.square for one in alike) > len(alike) / 2
    found = [
        Outline((column + half[0] + 0.5) / per_mm, (row + half[1] + 0.5) / per_mm, width, height, square)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return [
        one
        for one in found
        if all(
            abs(one.x - other.x) > 0.6 * max(width, other.width)
            or abs(one.y - other.y) > 0.6 * max(height, other.height)
            for other in known
        )
    ]


def _patch(grey: Grey, one: Outline, half: tuple[int, int], per_mm: float) -> Grey:
    x, y = int(one.x * per_mm), int(one.y * per_mm)
    return grey[max(0, y - half[1]) : y + half[1] + 1, max(0, x - half[0]) : x + half[0] + 1]


def _alike(one: Outline, other: Outline) -> bool:
    return (
        abs(one.width - other.width) <= _SAME_SIZE * one.width
        and abs(one.height - other.height) <= _SAME_SIZE * one.height
    )
