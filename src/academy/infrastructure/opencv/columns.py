"""The columns of a page: white strips from top to bottom that part its print."""

import numpy as np
from numpy.typing import NDArray

from academy.domain.ocr.page import Box

__all__ = ["columns_of"]

_CELL = 0.34  # of a letter's height
_GUTTER = 1.25  # letters wide, at least
_TALLEST_SHARE = 0.35  # of the part's height that a white strip is long
_LEAST_LINES = 5.0  # in letters' heights times two
_SIDE_FILLED = 0.3  # of the strip's rows that have print on each side
_MARGIN = 0.18  # of the width where no gutter lies
_NARROWEST = 10.0  # letters
_DEEPEST = 2

_Grid = NDArray[np.bool_]


def columns_of(ink: NDArray[np.uint8], glyph: float) -> list[Box]:
    """Return the columns in reading order; what goes across stands before and after them. Empty for a page without print.

    Args:
        ink: 255 where there is print, lines and pictures taken out.
        glyph: height of a letter in pixels.
    """
    cell = max(1, round(_CELL * glyph))
    high, wide = -(-ink.shape[0] // cell), -(-ink.shape[1] // cell)
    padded = np.zeros((high * cell, wide * cell), np.uint8)
    padded[: ink.shape[0], : ink.shape[1]] = ink
    grid = padded.reshape(high, cell, wide, cell).max(axis=(1, 3)) > 0
    found = _parts(grid, (0, 0, high, wide), 1 / _CELL, 0)
    limit = ink.shape[1], ink.shape[0]
    return [
        Box(x0 * cell, y0 * cell, min(limit[0], x1 * cell), min(limit[1], y1 * cell))
        for y0, x0, y1, x1 in found
    ]


_Part = tuple[int, int, int, int]


def _parts(grid: _Grid, part: _Part, letter: float, depth: int) -> list[_Part]:
    trimmed = _trim(grid, part)
    if trimmed is None:
        return []
    gutter = _gutter(grid, trimmed, letter) if depth < _DEEPEST else None
    if gutter is None:
        return [trimmed]
    x, start, end = gutter
    y0, x0, y1, x1 = trimmed
    found = []
    for inner, deeper in (
        ((y0, x0, start, x1), _DEEPEST),
        ((start, x0, end, x), depth + 1),
        ((start, x, end, x1), depth + 1),
        ((end, x0, y1, x1), depth + 1),
    ):
        found += _parts(grid, inner, letter, deeper)
    return found


def _trim(grid: _Grid, part: _Part) -> _Part | None:
    y0, x0, y1, x1 = part
    inner = grid[y0:y1, x0:x1]
    rows, across = np.flatnonzero(inner.any(axis=1)), np.flatnonzero(inner.any(axis=0))
    if not len(rows):
        return None
    return y0 + int(rows[0]), x0 + int(across[0]), y0 + int(rows[-1]) + 1, x0 + int(across[-1]) + 1


def _gutter(grid: _Grid, part: _Part, letter: float) -> tuple[int, int, int] | None:
    """Return the column of cells where to cut, and the first and last row (not included) of the strip; None without one."""
    y0, x0, y1, x1 = part
    inner = grid[y0:y1, x0:x1]
    high, wide = inner.shape
    half = max(1, round(_GUTTER * letter / 2))
    if wide < _NARROWEST * letter:
        return None
    least = max(_TALLEST_SHARE * high, 2 * _LEAST_LINES * letter)
    sums = np.pad(np.cumsum(inner, axis=1), ((0, 0), (1, 0)))
    runs: list[tuple[int, int, int, int]] = []
    for x in range(max(half, round(_MARGIN * wide)), min(wide - half, round((1 - _MARGIN) * wide))):
        clear = sums[:, x + half] == sums[:, x - half]
        start, end = _longest(clear)
        if end - start >= least and _both_filled(inner, x, start, end):
            runs.append((end - start, start, end, x))
    if not runs:
        return None
    tallest = max(run[0] for run in runs)
    same = [run for run in runs if run[0] >= tallest - 2]
    _, start, end, x = same[len(same) // 2]
    rows = np.flatnonzero(inner[start:end].any(axis=1))
    return x0 + x, y0 + start + int(rows[0]), y0 + start + int(rows[-1]) + 1


def _longest(clear: _Grid) -> tuple[int, int]:
    """Return first and last (not included) of the longest row of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], clear.astype(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    starts, ends = edges[::2], edges[1::2]
    at = int(np.argmax(ends - starts))
    return int(starts[at]), int(ends[at])


def _both_filled(inner: _Grid, x: int, start: int, end: int) -> bool:
    left, right = inner[start:end, :x].any(axis=1).mean(), inner[start:end, x:].any(axis=1).mean()
    return bool(left >= _SIDE_FILLED and right >= _SIDE_FILLED)
