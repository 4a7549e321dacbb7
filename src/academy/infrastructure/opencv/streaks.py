"""Lines that a scanner or a fax draws over a whole page: dust on the glass, a dead sensor, a lost row."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.opencv.plane import Floats, Grey, area_of

__all__ = ["Streaks", "streaks", "without_lines"]

_EVERY = 9  # of the pixels along a line are looked at
_SMALL = 1_200.0  # pixels of the longer side of a picture for which lengths are told; in a finer one they are as many times more
_WINDOW = 21  # pixels to both sides that a line is compared with
_STANDS_OUT = 10.0  # grey levels
_LENGTH = 0.96  # of the page that a streak covers
_MOST = 0.08  # of the columns: more than that is the paper's own pattern
_WIDEST = 7  # pixels
_CORE = 0.4  # of its deepest line's darkness: more belongs to a streak, less is the shadow beside it
_FILLS = 0.6  # of the picture: what a scanner gives
_ENOUGH = 8  # bubbles on a streak that tell what it leaves around itself
_LIGHTEST = 0.1  # of them, by number: hardly anybody marks nine in ten
_MOST_SHADE = 0.12  # darkness; the faintest mark is darker
_THIN = (4, 3)  # pixels of dark lines and of light ones, one more: a module of a marker is six
_SCAN_LIKE = 0.06  # how far from upright a page lies that went through a scanner, as a slope


@dataclass(frozen=True, slots=True)
class Streaks:
    """Which columns and rows of the picture are spoilt."""

    columns: NDArray[np.bool_]
    rows: NDArray[np.bool_]

    def over(self, across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return which samples, at these pixels, lie on a streak."""
        x = np.clip(np.rint(across), 0, len(self.columns) - 1).astype(np.intp)
        y = np.clip(np.rint(down), 0, len(self.rows) - 1).astype(np.intp)
        return np.asarray(self.columns[x] | self.rows[y])

    def shade(self, across: NDArray[np.float32], down: NDArray[np.float32], darkness: Floats) -> Floats:
        """Return how much of the darkness (n,) of bubbles is a streak's own shadow: a fold is darker beside its line, too.

        It is what all bubbles have on the same streak; 0 off streaks, and on those that have too few bubbles to tell.
        """
        found = np.zeros(len(darkness))
        for flags, pixels in ((self.columns, across), (self.rows, down)):
            centres = pixels.reshape(len(pixels), -1)
            low, high = centres.min(axis=1), centres.max(axis=1)
            for start, end in _runs(flags)[1]:
                members = (low < end) & (high >= start)
                if members.sum() >= _ENOUGH:
                    shade = float(np.quantile(darkness[members], _LIGHTEST))
                    if shade <= _MOST_SHADE:
                        found[members] = np.maximum(found[members], shade)
        return found


def streaks(grey: Grey, corners: Floats) -> Streaks | None:
    """Return the streaks over a page whose corners (4, 2) lie there; None when there are none, or when this is no scan but a photo."""
    sides = np.roll(corners, -1, axis=0) - corners
    slopes = np.abs(sides).min(axis=1) / np.abs(sides).max(axis=1)
    if slopes.max() > _SCAN_LIKE or area_of(corners) < _FILLS * grey.size:
        return None
    height, width = grey.shape
    left, top = np.clip(corners.min(axis=0).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(corners.max(axis=0).astype(int) + 1, 1, (width, height))
    columns, rows = np.zeros(width, dtype=bool), np.zeros(height, dtype=bool)
    finer = max(1.0, max(grey.shape) / _SMALL)
    columns[left:right] = _lines(grey[top:bottom:_EVERY, left:right].T, finer)
    rows[top:bottom] = _lines(grey[top:bottom, left:right:_EVERY], finer)
    return Streaks(columns, rows) if columns.any() or rows.any() else None


def without_lines(grey: Grey) -> Iterator[Grey]:
    """Yield the picture without thin lines across it, then without those down it, dark ones and light ones; all that is thin goes with them."""
    finer = max(1.0, max(grey.shape) / _SMALL)
    for turn in (False, True):
        clean = grey
        for kind, wide in ((cv2.MORPH_CLOSE, _THIN[0]), (cv2.MORPH_OPEN, _THIN[1])):
            size = (round(wide * finer), 1)
            clean = np.asarray(cv2.morphologyEx(clean, kind, np.ones(size[::-1] if turn else size, np.uint8)))
        yield clean


def _lines(part: Grey, finer: float) -> NDArray[np.bool_]:
    """Return which rows of `part` are darker, nearly from end to end, than those beside them."""
    width, count = part.shape
    window = 2 * round((_WINDOW * finer - 1) / 2) + 1
    if count < 16 or width < 2 * window:
        return np.zeros(width, dtype=bool)
    # Darker nearly from end to end: neither print nor marks are, not even the frames of a sheet.
    at = int(_LENGTH * count)
    level = np.ascontiguousarray(np.partition(np.ascontiguousarray(part), at, axis=1)[:, at])
    beside = cv2.medianBlur(np.ascontiguousarray(level[None, :]), window)[0]
    depth = beside.astype(np.float64) - level
    labels, runs = _runs(depth > _STANDS_OUT)
    for start, end in runs:
        # Beside a fold the paper is a little darker, and what is marked there can be seen.
        labels[start:end] = depth[start:end] > _CORE * depth[start:end].max()
        if labels[start:end].sum() > _WIDEST * finer:
            labels[start:end] = False
    if labels.mean() > _MOST:
        labels[:] = False
    return np.asarray(cv2.dilate(labels.astype(np.uint8)[None, :], np.ones((1, 3), np.uint8))[0] > 0)


def _runs(flags: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], list[tuple[int, int]]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return flags.copy(), [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
