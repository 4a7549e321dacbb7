"""The columns of a page: lines, or white strips from top to bottom, that part its print."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from academy.domain.ocr.page import Box

__all__ = ["columns_of"]

_CELL = 0.34  # of a letter's height
_GUTTER = 1.25  # letters wide, at least
_TALLEST_SHARE = 0.35  # of the part's height that a white strip is long
_LEAST_LINES = 5.0  # in letters' heights times two
_SIDE_FILLED = 0.3  # of the strip's rows that have print on each side
_WHOLE, _FEWEST_LINES, _AS_MANY = (
    0.7,
    4,
    0.6,
)  # of the part's height, lines of a side, of the other side's lines
_EDGES, _ALIKE = 6, 0.7  # cells at which lines begin, and the share of rows that begin there
_MARGIN = 0.18  # of the width where no gutter lies
_NARROWEST = 10.0  # letters
_DEEPEST = 2
_APART = 2.0  # letters between what stands in a column and what stands beyond its end
_ASIDE = 2.0  # letters from a line between columns to where they are cut

_Grid = NDArray[np.bool_]
_Row = NDArray[np.bool_]


def columns_of(ink: NDArray[np.uint8], glyph: float, rules: Sequence[Box] = ()) -> list[Box]:
    """Return the columns in reading order; what goes across stands before and after them. Empty for a page without print.

    Args:
        ink: 255 where there is print, lines and pictures taken out.
        glyph: height of a letter in pixels.
        rules: lines between columns, which are cut along whatever touches them.
    """
    cell = max(1, round(_CELL * glyph))
    high, wide = -(-ink.shape[0] // cell), -(-ink.shape[1] // cell)
    padded = np.zeros((high * cell, wide * cell), np.uint8)
    padded[: ink.shape[0], : ink.shape[1]] = ink
    grid = padded.reshape(high, cell, wide, cell).max(axis=(1, 3)) > 0
    found = _beside(grid, (0, 0, high, wide), 1 / _CELL, [_in_cells(rule, cell) for rule in rules])
    limit = ink.shape[1], ink.shape[0]
    return [
        Box(x0 * cell, y0 * cell, min(limit[0], x1 * cell), min(limit[1], y1 * cell))
        for y0, x0, y1, x1 in found
    ]


_Part = tuple[int, int, int, int]


def _in_cells(rule: Box, cell: int) -> _Part:
    return rule.top // cell, rule.left // cell, -(-rule.bottom // cell), -(-rule.right // cell)


def _beside(grid: _Grid, part: _Part, letter: float, rules: list[_Part]) -> list[_Part]:
    """Return the parts above, left and right of, and below the first line, and so on with the lines to its right."""
    if not rules:
        return _parts(grid, part, letter, 0)
    y0, x0, y1, x1 = part
    (top, left, bottom, right), *rest = rules
    top, bottom = max(y0, top), min(y1, bottom)
    x = _emptiest(grid[top:bottom], (left + right) // 2, round(_ASIDE * letter), x0, x1)
    filled = np.asarray(grid[y0:y1, x0:x1].any(axis=1), bool)
    clear = ~np.asarray(grid[y0:y1, max(x0, x - 1) : x + 2].any(axis=1), bool)
    top = y1 - _end(filled[::-1], clear[::-1], y1 - top, letter)
    bottom = y0 + _end(filled, clear, bottom - y0, letter)
    rest = [(max(top, a), b, min(bottom, c), d) for a, b, c, d in rest if a < bottom and c > top]
    return [
        *_parts(grid, (y0, x0, top, x1), letter, _DEEPEST),
        *_parts(grid, (top, x0, bottom, x), letter, 1),
        *_beside(grid, (top, x, bottom, x1), letter, rest),
        *_parts(grid, (bottom, x0, y1, x1), letter, 1),
    ]


def _end(filled: _Row, clear: _Row, end: int, letter: float) -> int:
    """Return where columns end that reach beyond the end of their line: before what stands across, or apart, in an empty row.

    `filled` says of each row whether there is print, `clear` whether none stands where the columns are cut.
    """
    apart = round(_APART * letter)
    printed = np.flatnonzero(filled[:end])
    last = int(printed[-1]) if len(printed) else end
    empty = end
    for at in range(end, len(filled)):
        if not clear[at] or (filled[at] and at - last > apart):
            return empty
        if filled[at]:
            last = at
        else:
            empty = at
    return len(filled)


def _emptiest(rows: _Grid, x: int, reach: int, x0: int, x1: int) -> int:
    """Return where to cut near a line: where least print stands in the way, as some runs over the line, and nearest to it."""
    near = range(max(x0, x - reach), min(x1, x + reach + 1))
    filled = rows.sum(axis=0)
    return min(near, key=lambda each: (int(filled[each]), abs(each - x)), default=x)


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
    """Return whether print stands on both sides: in many rows, or along nearly the whole page in lines that begin one under another."""
    left = np.asarray(inner[start:end, :x].any(axis=1), bool)
    right = np.asarray(inner[start:end, x:].any(axis=1), bool)
    if left.mean() >= _SIDE_FILLED and right.mean() >= _SIDE_FILLED:
        return True
    fewer, more = sorted((_lines(left), _lines(right)))
    if end - start < _WHOLE * len(inner) or fewer < _FEWEST_LINES or fewer < _AS_MANY * more:
        return False
    begin = [int(np.argmax(row[x:])) for row, has in zip(inner[start:end], right, strict=True) if has]
    common = sum(sorted(np.bincount(begin).tolist())[-_EDGES:])
    return bool(common >= _ALIKE * len(begin))


def _lines(rows: _Row) -> int:
    return int((np.diff(rows.astype(np.int8), prepend=0) == 1).sum())
