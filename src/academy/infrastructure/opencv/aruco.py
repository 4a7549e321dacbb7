"""Find ArUco squares of dictionary 4x4_50."""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from academy.domain.omr.sheet import Marker
from academy.infrastructure.opencv.plane import Floats, Grey, Line, corners_of, project

__all__ = ["Square", "in_corners", "spotted", "squares"]

_DICTIONARY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
_CORNERS = (
    0.17,
    0.26,
)  # of the picture's shorter side: where a straight scan has its squares, and a crooked one
_SPOT_REACH = 1.1  # of its side: how far a spoilt square is looked for
_SPOT_CELL = 6  # pixels of a module there
_SPOT_LIKENESS = 0.6
_FEWEST_PIXELS = 9.0  # across a square that is worth a try


@dataclass(frozen=True, slots=True)
class Square:
    """A square: its number and its corners (4, 2) in pixels, from its own upper left one clockwise."""

    number: int
    corners: Floats

    @property
    def side(self) -> float:
        """Return the mean side in pixels."""
        sides = np.roll(self.corners, -1, axis=0) - self.corners
        return float(np.hypot(sides[:, 0], sides[:, 1]).mean())


def _detector(windows: tuple[int, int, int], *, thorough: bool) -> cv2.aruco.ArucoDetector:
    parameters = cv2.aruco.DetectorParameters()
    (
        parameters.adaptiveThreshWinSizeMin,
        parameters.adaptiveThreshWinSizeMax,
        parameters.adaptiveThreshWinSizeStep,
    ) = windows
    parameters.adaptiveThreshConstant = 5 if thorough else 7
    parameters.minMarkerPerimeterRate = 0.02
    parameters.maxMarkerPerimeterRate = 1.0
    parameters.polygonalApproxAccuracyRate = 0.05
    parameters.minDistanceToBorder = 0
    parameters.errorCorrectionRate = 0.8 if thorough else 0.6
    parameters.maxErroneousBitsInBorderRate = 0.45 if thorough else 0.35
    parameters.perspectiveRemovePixelPerCell = 6
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_NONE
    return cv2.aruco.ArucoDetector(_DICTIONARY, parameters)


_QUICK = _detector((23, 23, 10), thorough=False)
_THOROUGH = _detector((5, 45, 8), thorough=True)


def in_corners(grey: Grey, numbers: frozenset[int]) -> list[Square]:
    """Return the squares near the four corners of the picture, where those of a scan are: a part of the time of the whole picture."""
    found: list[Square] = []
    for right, bottom in product((False, True), (False, True)):
        for share in _CORNERS:
            seen = _in_corner(grey, numbers, share, right=right, bottom=bottom)
            if seen:
                found += seen
                break
    return found


def _in_corner(
    grey: Grey, numbers: frozenset[int], share: float, *, right: bool, bottom: bool
) -> list[Square]:
    height, width = grey.shape
    side = round(share * min(height, width))
    left, top = (width - side) * right, (height - side) * bottom
    seen = squares(grey[top : top + side, left : left + side], numbers, thorough=False)
    return [Square(one.number, one.corners + np.array((left, top))) for one in seen]


def squares(grey: Grey, numbers: frozenset[int], *, thorough: bool) -> list[Square]:
    """Return the squares with one of `numbers`, their corners to a part of a pixel. `thorough` takes several times longer."""
    corners, numbered, _ = (_THOROUGH if thorough else _QUICK).detectMarkers(grey)
    found: Line | None = numbered  # the stubs promise an array, but there is none when nothing was found
    if found is None:
        return []
    seen = [
        Square(int(number), np.asarray(quad, dtype=np.float64).reshape(4, 2))
        for number, quad in zip(np.asarray(found).ravel(), corners, strict=True)
    ]
    return [_refined(grey, one) for one in seen if one.number in numbers and one.side >= _FEWEST_PIXELS]


def _refined(grey: Grey, square: Square) -> Square:
    """Move the corners to where the edges cross: a window of half a module, so that no inner edge is taken for an outer one."""
    reach = max(2, round(square.side / 6 * 0.6))
    height, width = grey.shape
    room = min(
        float(square.corners.min()),
        width - 1 - float(square.corners[:, 0].max()),
        height - 1 - float(square.corners[:, 1].max()),
    )
    if room <= reach + 1:
        return square
    rough = square.corners.astype(np.float32).reshape(-1, 1, 2)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 12, 0.03)
    fine = (
        cv2.cornerSubPix(grey, rough.copy(), (reach, reach), (-1, -1), stop).reshape(4, 2).astype(np.float64)
    )
    moved = np.hypot(*(fine - square.corners).T)
    return Square(square.number, np.where((moved < reach)[:, None], fine, square.corners))


def spotted(grey: Grey, matrix: Floats, marker: Marker) -> Square | None:
    """Return a square that is spoilt, by what is left of it, near where the map (3, 3) from millimetres expects it; None when nothing is."""
    cells = 6
    reach = marker.size * (0.5 + _SPOT_REACH)
    side = round(2 * reach / marker.size * cells * _SPOT_CELL)
    step = 2 * reach / side
    left, top = marker.centre.x - reach, marker.centre.y - reach
    to_page = np.array(((step, 0, left + step / 2), (0, step, top + step / 2), (0, 0, 1)))
    near = cv2.warpPerspective(
        grey,
        matrix @ to_page,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(255.0,),
    )
    width = cells * _SPOT_CELL
    drawn = cv2.aruco.generateImageMarker(_DICTIONARY, marker.number, width)
    framed = cv2.copyMakeBorder(
        drawn, _SPOT_CELL, _SPOT_CELL, _SPOT_CELL, _SPOT_CELL, cv2.BORDER_CONSTANT, value=(255.0,)
    )
    _, likeness, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(near, framed, cv2.TM_CCOEFF_NORMED))
    if likeness < _SPOT_LIKENESS:
        return None
    corners = corners_of(width, width) + np.array((x + _SPOT_CELL - 0.5, y + _SPOT_CELL - 0.5))
    return Square(marker.number, project(matrix @ to_page, corners))
