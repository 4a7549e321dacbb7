"""Lines printed between the columns of a page: where they stand, and the page without them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.ocr.page import Box
from academy.infrastructure.opencv.plane import Grey

__all__ = ["column_rules", "without_rules"]

_REACH = 2.0  # letters that a stroke is long at least
_TALL = 0.35  # of the page's height that a line covers
_LEAN = 0.3  # letters to each side that a line may wander
_MARGIN = 0.18  # of the width where no line between columns stands
_BESIDE, _FAR = 0.6, 2.5  # letters, where lines that meet it are looked for
_APART = 6.0  # letters between two lines
_MOST = 3
_CELLS = 2  # level lines that cross it, from which it is a table's


def column_rules(ink: Grey, glyph: float) -> list[Box]:
    """Return the lines between columns from left to right; a frame's or a table's side is none.

    Args:
        ink: 255 where there is print.
        glyph: height of a letter in pixels.
    """
    high, wide = ink.shape
    reach, lean = max(3, round(_REACH * glyph)), max(1, round(_LEAN * glyph))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8)) > 0
    near = cv2.dilate(upright, np.ones((1, 2 * lean + 1), np.uint8)) > 0
    covered = near.sum(axis=0)
    covered[: round(_MARGIN * wide)] = covered[round((1 - _MARGIN) * wide) :] = 0
    found = []
    for _ in range(_MOST):
        most = int(covered.max(initial=0))
        if most < _TALL * high:
            break
        same = np.flatnonzero(covered >= most)
        x = int(same[len(same) // 2])
        rows = np.flatnonzero(near[:, x])
        box = Box(max(0, x - lean), int(rows[0]), min(wide, x + lean + 1), int(rows[-1]) + 1)
        if not _is_of_frame(level, box, glyph):
            found.append(box)
        covered[max(0, x - round(_APART * glyph)) : x + round(_APART * glyph)] = 0
    return sorted(found, key=lambda box: box.left)


def without_rules(page: Grey, ink: Grey, rules: list[Box], glyph: float) -> tuple[Grey, Grey]:
    """Return the page and its ink with the lines taken out: white, and no ink."""
    if not rules:
        return page, ink
    page, ink = page.copy(), ink.copy()
    reach = max(3, round(_REACH * glyph))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    stroke = cv2.dilate(upright, np.ones((2 * round(glyph) + 1, 5), np.uint8)) > 0
    for box in rules:
        end = round(glyph)
        view = np.s_[max(0, box.top - end) : box.bottom + end, box.left : box.right]
        page[view][stroke[view]] = 255
        ink[view][stroke[view]] = 0
    return page, ink


def _is_of_frame(level: NDArray[np.bool_], line: Box, glyph: float) -> bool:
    """Return whether level lines cross an upright one, as in a table, or turn off at its end, as at a frame's corner."""
    beside, far, end = (max(1, round(each * glyph)) for each in (_BESIDE, _FAR, _REACH))
    left = np.asarray(level[:, max(0, line.left - far) : max(0, line.left - beside) + 1].any(axis=1), bool)
    right = np.asarray(level[:, line.right + beside - 1 : line.right + far].any(axis=1), bool)
    inner = np.s_[line.top + end : line.bottom - end]
    if _runs(left[inner] & right[inner]) >= _CELLS:
        return True
    ends = (np.s_[max(0, line.top - end) : line.top + end], np.s_[line.bottom - end : line.bottom + end])
    return any(bool(left[each].any()) != bool(right[each].any()) for each in ends)


def _runs(rows: NDArray[np.bool_]) -> int:
    return int((np.diff(rows.astype(np.int8), prepend=0) == 1).sum())
