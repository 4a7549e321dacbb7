"""A page of print made even, upright and straight: paper white, ink black, lines level."""

from typing import cast

import cv2
import numpy as np

from academy.infrastructure.opencv.plane import Floats, Grey

__all__ = ["black_on_white", "evened", "lies_sideways", "skew_of", "straightened", "turned"]

_SMALL = 900  # pixels of the longer side on which the lean is measured
_STEEPEST, _COARSE, _FINE = 8.0, 0.5, 0.05  # degrees
_LEAST_LEAN = 0.08
_NEIGHBOUR, _SIDEWAYS = 0.45, 0.8  # in heights of a letter; of the pieces that are left
_FEWEST, _ENOUGH = 200, 60_000  # points of ink
_PAPER_PIXELS = 64  # the paper's light is taken from a picture so many pixels wide, over
_LEAST_CONTRAST = 40
_TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)


def evened(grey: Grey) -> Grey:
    """Return the page with shadows and uneven light taken out: paper near 255."""
    longer = max(grey.shape)
    share = min(1.0, 4 * _PAPER_PIXELS / longer)
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 9)
    light = cv2.resize(np.maximum(paper, 40), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cast("Grey", cv2.divide(grey, light, scale=255))


def black_on_white(even: Grey) -> Grey:
    """Return 255 where there is ink; nothing on a page without contrast."""
    level, ink = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    dark = even[ink > 0]
    if not dark.size or 255 - float(dark.mean()) < _LEAST_CONTRAST or level > 235:
        return np.zeros_like(even)
    return cast("Grey", ink)


def turned(grey: Grey, turns: int) -> Grey:
    """Return the page after quarter turns clockwise."""
    how = _TURNS[turns % 4]
    return grey if how is None else np.ascontiguousarray(cv2.rotate(grey, how)).astype(np.uint8, copy=False)


def lies_sideways(letters: Grey, glyph: float) -> bool:
    """Return whether lines of print go from top to bottom: letters are closer to their neighbours in the line than in the next one."""
    reach = max(3, round(_NEIGHBOUR * glyph))
    across, _ = cv2.connectedComponents(cv2.dilate(letters, np.ones((1, reach), np.uint8)))
    down, _ = cv2.connectedComponents(cv2.dilate(letters, np.ones((reach, 1), np.uint8)))
    return down < _SIDEWAYS * across


def skew_of(letters: Grey) -> float:
    """Return the degrees clockwise by which the page has to be turned so that its lines are level; at most 8 either way."""
    share = min(1.0, _SMALL / max(letters.shape))
    small = cv2.resize(letters, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(small > 60)
    if len(ys) < _FEWEST:
        return 0.0
    step = len(ys) // _ENOUGH + 1
    points = ys[::step].astype(np.float64), xs[::step].astype(np.float64)
    best = _best(*points, np.arange(-_STEEPEST, _STEEPEST + 1e-6, _COARSE))
    best = _best(*points, np.arange(best - _COARSE, best + _COARSE + 1e-6, _FINE))
    return round(best, 2) if abs(best) >= _LEAST_LEAN else 0.0


def _best(ys: Floats, xs: Floats, angles: Floats) -> float:
    """Return the angle at which rows of ink are told best from rows of paper."""
    sharp = []
    for angle in angles:
        lean = np.radians(angle)
        rows = np.bincount(np.maximum(0, (ys * np.cos(lean) + xs * np.sin(lean) + _SMALL).astype(np.int64)))
        sharp.append(float(np.square(np.diff(rows.astype(np.float64))).sum()))
    return float(angles[int(np.argmax(sharp))])


def straightened(grey: Grey, skew: float) -> Grey:
    """Return the page turned clockwise about its middle by `skew` degrees, what comes in from outside white."""
    if not skew:
        return grey
    high, wide = grey.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), -skew, 1.0)
    found = cv2.warpAffine(grey, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255.0,))
    return cast("Grey", found)
