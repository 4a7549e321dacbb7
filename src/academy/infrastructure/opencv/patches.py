"""Every bubble of a sheet as a small upright picture of one size, sampled through the page's map without warping the page."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.omr.sheet import Block, Shape, SheetSpec, bubbles
from academy.infrastructure.opencv.plane import Floats, Grey, project

__all__ = ["COLUMNS", "REACH", "ROWS", "Layout", "Patches", "layout_of", "sample"]

REACH = 2.0
"""How far a patch reaches from the middle of its bubble, in half widths and half heights of the bubble."""

ROWS, COLUMNS = 24, 28
_MOST_ROWS = 30_000  # of one call: remap takes sides below 32,768
_CHUNK = 10  # fields of a block that are aligned together
_NEAR = 6

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layout:
    """The bubbles of a specification as arrays, one row for each, in the order of `bubbles`.

    Attributes:
        centres, halves: (n, 2) millimetres.
        block, field, choice, chunk: (n,) indices; a chunk is a part of a block that lies close together.
        box: (n,) whether the outline is a box.
        kind: (n,) index of what is printed alike: the same choice of blocks with the same outline and size.
        near: (n, 6) rows of the bubbles that lie closest to each, of its chunk.
        starts: of each block, its first row.
    """

    blocks: tuple[Block, ...]
    centres: Floats
    halves: Floats
    block: NDArray[np.intp]
    field: NDArray[np.intp]
    choice: NDArray[np.intp]
    chunk: NDArray[np.intp]
    box: NDArray[np.bool_]
    kind: NDArray[np.intp]
    near: NDArray[np.intp]
    starts: tuple[int, ...]


def layout_of(spec: SheetSpec) -> Layout:
    """Return the arrays of a specification."""
    every = list(bubbles(spec.blocks))
    grids = [spec.blocks[one.block].grid for one in every]
    chunks: dict[tuple[int, int], int] = {}
    kinds: dict[tuple[object, ...], int] = {}
    for one in every:
        block = spec.blocks[one.block]
        chunks.setdefault((one.block, one.field // _CHUNK), len(chunks))
        kinds.setdefault(_kind(block, one.choice), len(kinds))
    starts = np.searchsorted([one.block for one in every], range(len(spec.blocks)))
    centres = np.array([(one.centre.x, one.centre.y) for one in every])
    chunk = np.array([chunks[one.block, one.field // _CHUNK] for one in every])
    return Layout(
        spec.blocks,
        centres,
        np.array([(grid.width / 2, grid.height / 2) for grid in grids]),
        np.array([one.block for one in every]),
        np.array([one.field for one in every]),
        np.array([one.choice for one in every]),
        chunk,
        np.array([grid.shape is Shape.BOX for grid in grids]),
        np.array([kinds[_kind(spec.blocks[one.block], one.choice)] for one in every]),
        _closest(centres, chunk),
        tuple(int(start) for start in starts),
    )


def _closest(centres: Floats, chunk: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each bubble the rows of its closest neighbours within its chunk, some twice where it has fewer, itself without any."""
    found = np.repeat(np.arange(len(centres))[:, None], _NEAR, axis=1)
    for one in np.unique(chunk):
        rows = np.flatnonzero(chunk == one)
        if len(rows) > 1:
            apart = np.square(centres[rows, None] - centres[rows]).sum(axis=2)
            closest = np.argsort(apart, axis=1, kind="stable")[:, 1 : _NEAR + 1]
            found[rows] = rows[np.resize(closest.T, (_NEAR, len(rows))).T]
    return found


def _kind(block: Block, choice: int) -> tuple[object, ...]:
    grid = block.grid
    return block.choices[choice], grid.shape, grid.width, grid.height, block.run


_BESIDE = np.linspace(-REACH, REACH, COLUMNS).astype(np.float32)
_BELOW = np.linspace(-REACH, REACH, ROWS).astype(np.float32)
ACROSS: Singles = np.repeat(_BESIDE[None, :], ROWS, axis=0)
DOWN: Singles = np.repeat(_BELOW[:, None], COLUMNS, axis=1)
"""Where the samples of a patch lie, in half widths and half heights: (ROWS, COLUMNS) each."""


@dataclass(frozen=True, slots=True)
class Patches:
    """Samples of `n` bubbles.

    Attributes:
        values: (n, ROWS, COLUMNS) grey, 0 to 255.
        across, down: (n, ROWS, COLUMNS) where each was taken, in pixels.
    """

    values: Singles
    across: Singles
    down: Singles


def sample(grey: Grey, matrix: Floats, centres: Floats, halves: Floats) -> Patches:
    """Return the patches of bubbles at `centres` (n, 2) with `halves` (n, 2), both in millimetres; outside of the picture is white.

    Within a bubble the map is taken as straight, which is off by less than a hundredth of a pixel.
    """
    count = len(centres)
    beside, below = halves * (1, 0), halves * (0, 1)
    ends = project(
        matrix,
        np.concatenate((centres, centres + beside, centres - beside, centres + below, centres - below)),
    )
    middle, right, left, bottom, top = ends.reshape(5, count, 2, 1, 1).astype(np.float32)
    wide, tall = np.subtract(right, left) / 2, np.subtract(bottom, top) / 2
    across: Singles = np.asarray(middle[:, 0] + wide[:, 0] * ACROSS + tall[:, 0] * DOWN, dtype=np.float32)
    down: Singles = np.asarray(middle[:, 1] + wide[:, 1] * ACROSS + tall[:, 1] * DOWN, dtype=np.float32)
    flat = (count * ROWS, COLUMNS)
    rows_across, rows_down = across.reshape(flat), down.reshape(flat)
    values = np.empty(flat, dtype=np.float32)
    for at in range(0, len(values), _MOST_ROWS):
        part = slice(at, at + _MOST_ROWS)
        values[part] = cv2.remap(
            grey,
            rows_across[part],
            rows_down[part],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(255.0,),
        )
    return Patches(values.reshape(count, ROWS, COLUMNS), across, down)
