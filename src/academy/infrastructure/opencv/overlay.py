"""Draw over a page what was read from it."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from academy.application.ports.sheets import OverlayMark
from academy.domain.omr.sheet import Bubble, Shape, SheetSpec, bubbles
from academy.infrastructure.opencv.plane import Floats, Grey, Line, corners_of

__all__ = ["draw", "upright"]

_HIGHEST = 1_600
_QUALITY = 82
_MARKED, _DOUBTFUL = (60, 150, 0), (0, 110, 255)  # blue green red
_ROOM_MM = 1.0


def upright(grey: Grey, matrix: Floats | None, spec: SheetSpec, turns: int) -> tuple[Grey, float]:
    """Return the page upright and its pixels for a millimetre, 0.0 when it is not known where the page lies."""
    if matrix is None:
        turned = np.ascontiguousarray(np.rot90(grey, turns))
        share = min(1.0, _HIGHEST / turned.shape[0])
        return np.asarray(
            cv2.resize(turned, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8
        ), 0.0
    sides = np.hypot(*np.diff(_pixel_corners(matrix, spec), axis=0).T)
    per_mm = min(_HIGHEST / spec.height, float(sides[1]) / spec.height)
    size = (round(spec.width * per_mm), round(spec.height * per_mm))
    to_page = matrix @ np.diag((1 / per_mm, 1 / per_mm, 1.0))
    flat = cv2.warpPerspective(
        grey, to_page, size, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderValue=(255.0,)
    )
    return np.asarray(flat, np.uint8), per_mm


def _pixel_corners(matrix: Floats, spec: SheetSpec) -> Floats:
    points = cv2.perspectiveTransform(corners_of(spec.width, spec.height)[None], matrix)[0]
    return np.asarray(points, dtype=np.float64)


def draw(page: Grey, per_mm: float, spec: SheetSpec, marks: Sequence[OverlayMark], target: Path) -> None:
    """Write the JPEG. Raises OSError when it cannot be written."""
    colours = cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)
    if per_mm > 0:
        fields: dict[str, list[Bubble]] = {}
        for bubble in bubbles(spec.blocks):
            fields.setdefault(spec.blocks[bubble.block].fields[bubble.field], []).append(bubble)
        for mark in marks:
            _draw_field(colours, per_mm, spec, fields.get(mark.field, []), mark)
    done, data = cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise OSError(f"cannot encode {target.name}")
    target.write_bytes(data.tobytes())


def _draw_field(
    page: Line, per_mm: float, spec: SheetSpec, field: Sequence[Bubble], mark: OverlayMark
) -> None:
    line = max(1, round(0.35 * per_mm))
    for bubble in field:
        block = spec.blocks[bubble.block]
        if block.choices[bubble.choice] in mark.marked:
            room = 1 + _ROOM_MM / block.grid.height
            half = (round(block.grid.width * room / 2 * per_mm), round(block.grid.height * room / 2 * per_mm))
            middle = (round(bubble.centre.x * per_mm), round(bubble.centre.y * per_mm))
            if block.grid.shape is Shape.ELLIPSE:
                cv2.ellipse(page, middle, half, 0, 0, 360, _MARKED, line, cv2.LINE_AA)
            else:
                ends = (
                    (middle[0] - half[0], middle[1] - half[1]),
                    (middle[0] + half[0], middle[1] + half[1]),
                )
                cv2.rectangle(page, *ends, _MARKED, line, cv2.LINE_AA)
    if mark.doubtful and field:
        grid = spec.blocks[field[0].block].grid
        room_x, room_y = grid.width / 2 + _ROOM_MM, grid.height / 2 + _ROOM_MM / 2
        low = (
            round((min(one.centre.x for one in field) - room_x) * per_mm),
            round((min(one.centre.y for one in field) - room_y) * per_mm),
        )
        high = (
            round((max(one.centre.x for one in field) + room_x) * per_mm),
            round((max(one.centre.y for one in field) + room_y) * per_mm),
        )
        cv2.rectangle(page, low, high, _DOUBTFUL, line, cv2.LINE_AA)
