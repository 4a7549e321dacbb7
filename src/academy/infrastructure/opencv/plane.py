"""Between millimetres of a page and pixels of a picture."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Floats",
    "Grey",
    "Line",
    "area_of",
    "corners_of",
    "page_map",
    "plausible",
    "project",
    "quarter_turns",
]

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]
Line: TypeAlias = NDArray[Any]  # a contour as OpenCV hands it out: points of whole pixels

_LEAST_SHARE = 0.02  # of the picture that a page fills
_LARGEST_STRETCH = 1.7  # between the proportions of the page and those of its picture
_LARGEST_LEAN = 2.2  # between opposite sides


def project(matrix: Floats, points: Floats) -> Floats:
    """Return `points` (n, 2) through a homography (3, 3)."""
    x, y = points[:, 0], points[:, 1]
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w
    down = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w
    return np.stack((across, down), axis=1)


def corners_of(width: float, height: float) -> Floats:
    """Return the corners of a page in millimetres: upper left, upper right, lower right, lower left."""
    return np.array(((0, 0), (width, 0), (width, height), (0, height)), dtype=np.float64)


def area_of(corners: Floats) -> float:
    """Return the area within `corners` (n, 2), positive when they go around clockwise in a picture."""
    after = np.roll(corners, -1, axis=0)
    return 0.5 * float(np.sum(corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]))


def page_map(millimetres: Floats, pixels: Floats, tolerance: float) -> Floats | None:
    """Return the homography from millimetres to pixels, None when there is none.

    Three points give an affine map. Of more than four those are left out that lie further than `tolerance` pixels from the rest.
    """
    source, target = millimetres.astype(np.float32), pixels.astype(np.float32)
    if len(source) < 3:
        return None
    found: NDArray[np.generic] | None
    if len(source) == 3:
        affine = cv2.getAffineTransform(source, target)
        found = np.vstack((affine, (0, 0, 1)))
    elif len(source) == 4:
        found = cv2.getPerspectiveTransform(source, target)
    else:
        found, _ = cv2.findHomography(source, target, cv2.RANSAC, tolerance)
    if found is None or not np.all(np.isfinite(found)):
        return None
    return np.asarray(found, dtype=np.float64)


def plausible(matrix: Floats, page: tuple[float, float], size: tuple[int, int]) -> bool:
    """Return whether the page (width and height, mm) lies in the picture (pixels) as paper can: convex, not mirrored, hardly stretched."""
    corners = project(matrix, corners_of(*page))
    if not np.all(np.isfinite(corners)):
        return False
    after = np.roll(corners, -1, axis=0)
    sides = after - corners
    following = np.roll(sides, -1, axis=0)
    if np.any(sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0] <= 0):
        return False
    area = area_of(corners)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if area < _LEAST_SHARE * size[0] * size[1] or lengths.min() <= 0:
        return False
    lean = max(_ratio(lengths[0], lengths[2]), _ratio(lengths[1], lengths[3]))
    stretch = _ratio((lengths[0] + lengths[2]) / page[0], (lengths[1] + lengths[3]) / page[1])
    return lean < _LARGEST_LEAN and stretch < _LARGEST_STRETCH


def _ratio(one: float, two: float) -> float:
    return max(one / two, two / one)


def quarter_turns(matrix: Floats, page: tuple[float, float]) -> int:
    """Return by how many quarter turns clockwise the page stands in the picture."""
    ends = project(matrix, np.array(((0, page[1] / 2), (page[0], page[1] / 2)), dtype=np.float64))
    right = ends[1] - ends[0]
    return round(float(np.degrees(np.arctan2(right[1], right[0]))) / 90) % 4
