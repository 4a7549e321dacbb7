"""A sheet of paper in a picture: where it lies, seen straight on, how much is written on it, and whether two are the same."""

from dataclasses import dataclass
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.opencv.ink import ink_of
from academy.infrastructure.opencv.plane import Floats, Grey

__all__ = ["Sheet", "likeness", "page_of", "sheet_in"]

Soft: TypeAlias = NDArray[np.float32]

_SMALL = 320
_LEAST_SHARE = 0.15  # of the picture that a page fills
_LEAST_DIFFERENCE = 35  # of 255 between paper and what it lies on
_PAPER = 120  # of 255: a picture that is as dark as this shows no paper
_LONG, _SHORT = 904, 640  # pixels of a page seen straight on: A4
_EDGE = 0.03  # of each side: shadows, fingers and the desk's edge
_CELL = 20
_WRITTEN = 0.03  # of a cell that is ink
_BLANK = 0.002  # of a page that is ink
_LOOK = (64, 90)
_AROUND = 15  # of such points: what is less even than this far around is what tells pages apart
_SHIFT = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of paper.

    Attributes:
        written: share of its area with writing on it, the room between lines and words included.
        ink: share that is ink.
        sharpness: higher is sharper; comparable between pictures of one page.
        look: a small picture of where the ink is.
    """

    written: float
    ink: float
    sharpness: float
    look: Soft


def sheet_in(grey: Grey) -> Sheet | None:
    """Return the largest sheet of paper in a picture, None where there is none."""
    corners = _corners(grey)
    if corners is None:
        return None
    page = _straight(grey, corners, (_SHORT, _LONG))
    if (
        page.shape[1] > page.shape[0]
    ):  # upright by its longer side, so that two pictures of it can be compared
        page = cast("Grey", cv2.rotate(page, cv2.ROTATE_90_CLOCKWISE))
    sharpness = float(np.std(cv2.Laplacian(page, cv2.CV_32F)))
    mask = ink_of(page).mask
    rows, columns = round(mask.shape[0] * _EDGE), round(mask.shape[1] * _EDGE)
    inner = (mask[rows:-rows, columns:-columns] > 0).astype(np.float32)
    cells = cv2.resize(
        inner, (inner.shape[1] // _CELL, inner.shape[0] // _CELL), interpolation=cv2.INTER_AREA
    )
    written = (cells > _WRITTEN).astype(np.uint8)
    padded = cv2.copyMakeBorder(written, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    filled = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))[2:-2, 2:-2]
    return Sheet(float(filled.mean()), float(inner.mean()), sharpness, _look(inner))


def page_of(grey: Grey) -> Grey:
    """Return the largest sheet of paper in a picture, seen straight on and without its edges; all of a picture that is paper or shows none."""
    corners = _corners(grey)
    height, width = grey.shape
    if corners is None or corners.tolist() == _whole(width, height).tolist():
        return grey
    page = _straight(grey, corners)
    rows, columns = max(1, round(page.shape[0] * _EDGE)), max(1, round(page.shape[1] * _EDGE))
    return np.ascontiguousarray(page[rows:-rows, columns:-columns])


def likeness(one: Sheet, other: Sheet) -> float:
    """Return how alike two pages are, 1 for the same, about 0 for others; a page may be upside down, two blank ones are alike."""
    if min(one.ink, other.ink) < _BLANK:
        return 1.0 if max(one.ink, other.ink) < 2 * _BLANK else 0.0
    inner = one.look[_SHIFT:-_SHIFT, _SHIFT:-_SHIFT]
    turned = np.ascontiguousarray(other.look[::-1, ::-1])
    found = (cv2.matchTemplate(look, inner, cv2.TM_CCOEFF_NORMED).max() for look in (other.look, turned))
    return max(0.0, *map(float, found))


def _look(ink: Soft) -> Soft:
    """Return where there is more ink than to the left and right: lines and margins are alike on all pages of a notebook."""
    small = cv2.GaussianBlur(cv2.resize(ink, _LOOK, interpolation=cv2.INTER_AREA), (3, 3), 0)
    return (small - cv2.blur(small, (_AROUND, 1))).astype(np.float32)


def _corners(grey: Grey) -> Floats | None:
    """Return the four corners of the paper in pixels, in order around it; those of the picture where paper fills it."""
    height, width = grey.shape
    scale = min(1.0, _SMALL / max(height, width))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    whole = _whole(width, height)
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    paper, rest = small[light > 0], small[light == 0]
    if not rest.size or not paper.size or float(paper.mean()) - float(rest.mean()) < _LEAST_DIFFERENCE:
        return whole if float(np.median(small)) > _PAPER else None
    if float(paper.mean()) < _PAPER:
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats(light)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    area = float(stats[largest, cv2.CC_STAT_AREA])
    if not largest or area < _LEAST_SHARE * small.size:
        return None
    if area > 0.95 * small.size:
        return whole
    found = _four(np.where(labels == largest, 255, 0).astype(np.uint8), area)
    return None if found is None else found / scale


def _whole(width: int, height: int) -> Floats:
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _four(shape: Grey, area: float) -> Floats | None:
    """Return the corners of a shape that is nearly a quadrilateral of `area` pixels, else None."""
    outlines, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    around = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, closed=True)
        if len(corners) == 4:
            if 0.8 < area / max(1.0, cv2.contourArea(corners)) < 1.25:
                return corners.reshape(4, 2).astype(np.float64)
            break
    box = cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float64)
    return box if area / max(1.0, cv2.contourArea(box.astype(np.float32))) > 0.8 else None


def _straight(grey: Grey, corners: Floats, size: tuple[int, int] | None = None) -> Grey:
    """Return the page as if seen from right above, of width and height `size`, else as large as it is seen."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    corners = corners[np.argsort(angles)]
    corners = np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    across, down = round(float(sides[::2].mean())), round(float(sides[1::2].mean()))
    if size is None:
        width, height = max(8, across), max(8, down)
    else:
        width, height = size if down >= across else size[::-1]
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    straight = cv2.warpPerspective(
        grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cast("Grey", straight)
