"""What machines look for on a sheet: marks of position and the QR code."""

import segno

from academy.domain.omr.sheet import CodeBox, Marker, MarkerKind, Point
from academy.infrastructure.reportlab.pen import INK, PAPER, Pen

__all__ = ["draw_code", "draw_marker"]

_ARUCO_4X4_50 = (
    0xB532, 0x0F9A, 0x332D, 0x9946, 0x549E, 0x79CD, 0x9E2E, 0xC4F2, 0xFEDA, 0xCF56, 0xF991, 0x11A7, 0x0EB7,
    0x2A0F, 0x24B1, 0x263E, 0x4665, 0x6600, 0x6C5E, 0x76AF, 0x868B, 0xB02B, 0xCCD5, 0xDD82, 0xFE47, 0x9471,
    0xACE4, 0xA554, 0x2123, 0x346F, 0x4415, 0x57B2, 0x9ECF, 0xF0CB, 0x08AE, 0x0929, 0x1875, 0x04FF, 0x0DF6,
    0x1C5A, 0x1718, 0x2A28, 0x328C, 0x38B2, 0x24E8, 0x2EEB, 0x2D3F, 0x4B64, 0x502E, 0x5013,
)  # fmt: skip
"""White cells of each marker, row by row from the upper left, the first in the highest bit."""

_MASK = 3


def draw_marker(pen: Pen, marker: Marker, middle: Point) -> None:
    """Draw a mark of position; the corner of an L points away from the middle of the page."""
    size, left, top = marker.size, marker.centre.x - marker.size / 2, marker.centre.y - marker.size / 2
    if marker.kind is MarkerKind.ARUCO:
        pen.squares(_aruco(marker.number, left, top, size / 6), INK)
    elif marker.kind is MarkerKind.SQUARE:
        pen.rectangle(left, top, size, size, fill=INK)
    elif marker.kind is MarkerKind.L:
        bar = size / 4
        pen.squares(_angle(marker, middle, left, top, bar), INK)
    elif marker.kind is MarkerKind.RINGS:
        x, y = marker.centre.x, marker.centre.y
        for part, colour in ((1.0, INK), (0.7, PAPER), (0.4, INK)):
            pen.ellipse(x, y, size * part, size * part, fill=colour)


def draw_code(pen: Pen, box: CodeBox, text: str) -> None:
    """Draw a QR code of level M whose side is the box's."""
    # A fixed mask is as readable for texts of this kind and takes a fifth of the time.
    rows = segno.make(text, error="m", boost_error=False, micro=False, mask=_MASK).matrix
    runs: list[tuple[int, int, int]] = []
    for y, row in enumerate(rows):
        start = -1
        for x, dark in enumerate((*row, 0)):
            if dark and start < 0:
                start = x
            elif not dark and start >= 0:
                runs.append((start, y, x - start))
                start = -1
    half = box.size / 2
    pen.modules(runs, box.centre.x - half, box.centre.y - half, box.size / len(rows))


def _angle(
    marker: Marker, middle: Point, left: float, top: float, bar: float
) -> list[tuple[float, float, float, float]]:
    size = marker.size
    upright = left if marker.centre.x < middle.x else left + size - bar
    flat = top if marker.centre.y < middle.y else top + size - bar
    beside = left + bar if upright == left else left
    return [(upright, top, bar, size), (beside, flat, size - bar, bar)]


def _aruco(number: int, left: float, top: float, cell: float) -> list[tuple[float, float, float, float]]:
    """Return the dark parts: a frame one cell wide, and the dark cells of the inner 4 x 4."""
    bits = _ARUCO_4X4_50[number]
    found: list[tuple[float, float, float, float]] = []
    for row in range(6):
        for column in range(6):
            inner = 0 < row < 5 and 0 < column < 5
            if not inner or not bits >> (15 - (row - 1) * 4 - (column - 1)) & 1:
                found.append((left + column * cell, top + row * cell, cell, cell))
    return found
