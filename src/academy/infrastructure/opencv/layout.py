"""OpenCV as PageLayouts: pages of a scan, upright and straight, with their columns as pictures that an engine reads best."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from academy.application.ports.ocr import ColumnPicture, LaidOut
from academy.domain.ocr.page import Box, FormulaRegion, RegionKind
from academy.infrastructure.opencv.blocks import Blocks, blocks_of, letter_height, letters_of
from academy.infrastructure.opencv.columns import columns_of
from academy.infrastructure.opencv.decode import decode
from academy.infrastructure.opencv.plane import Grey
from academy.infrastructure.opencv.problems import PageUnread
from academy.infrastructure.opencv.rules import column_rules, without_rules
from academy.infrastructure.opencv.straight import (
    black_on_white,
    evened,
    lies_sideways,
    skew_of,
    straightened,
    turned,
)
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture
from academy.infrastructure.pdf.scan import open_scan

__all__ = ["OCR_LIMITS", "OpenCvPageLayouts"]

OCR_LIMITS = ScanLimits(pixels=80_000_000, pages=200, dpi=300)
_SIDE = 3_000  # pixels of the longer side that are kept: 250 dpi of A4
_LETTER = 26.0  # pixels, the height at which the engine reads best
_SCALE = (0.4, 2.5)
_ROOM = 16
_AROUND = 0.3  # of a letter's height, kept around a picture
_RING_STEP, _RING_HIGH = 72, 34
_PRINTED = 190  # grey below which paper is printed on
_DIRT, _AIR = (
    0.002,
    0.006,
)  # of the page's longer side: what is smaller is dirt, and what is left around print


class OpenCvPageLayouts:
    """Finds what stands where. One thread: a worker runs several processes."""

    def __init__(self, limits: ScanLimits = OCR_LIMITS) -> None:
        """Keep the bounds; OpenCV is told to use one thread in this process."""
        cv2.setNumThreads(1)
        self._limits = limits

    def count(self, scan: Path) -> int:
        """See PageLayouts."""
        with open_scan(scan, self._limits) as pages:
            return pages.count

    def pages(self, scan: Path, folder: Path, turns: Callable[[Path], int]) -> Iterator[LaidOut]:
        """See PageLayouts."""
        with open_scan(scan, self._limits) as pages:
            for number in range(1, pages.count + 1):
                yield _page(pages.picture(number), folder, turns)

    def tight(self, picture: Path, box: Box) -> Box | None:
        """See PageLayouts."""
        page = _read(picture)
        printed = page[box.top : box.bottom, box.left : box.right] < _PRINTED
        many, labels, stats, _ = cv2.connectedComponentsWithStats(printed.astype(np.uint8), connectivity=8)
        size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        dirt = (size < max(3, round(_DIRT * max(page.shape)))) | (np.arange(many) == 0)
        rows = np.flatnonzero((~dirt)[labels].any(axis=1))
        if not len(rows):
            return None
        room = round(_AIR * max(page.shape))
        top, bottom = box.top + int(rows[0]) - room, box.top + int(rows[-1]) + 1 + room
        return Box(box.left, max(box.top, top), box.right, min(box.bottom, bottom))

    def cut(self, parts: Sequence[tuple[Path, Box]], target: Path) -> None:
        """See PageLayouts."""
        pieces = [_piece(path, box) for path, box in parts]
        wide = max(piece.shape[1] for piece in pieces)
        whole = np.vstack([_wider(piece, wide) for piece in pieces])
        _write(target, whole)


def _page(picture: PagePicture, folder: Path, turns: Callable[[Path], int]) -> LaidOut:
    if picture.problem is not None:
        return LaidOut(picture.number, problem=picture.problem)
    try:
        even = evened(decode(picture, _SIDE).grey)
    except PageUnread as error:
        return LaidOut(picture.number, problem=error.failure)
    ink = black_on_white(even)
    page = folder / f"page-{picture.number}.png"
    glyph = letter_height(ink)
    quarter, skew = 0, 0.0
    if glyph:
        quarter, skew = _lie(even, ink, glyph, page, turns)
        even = straightened(turned(even, quarter), skew)
        ink = black_on_white(even)
        glyph = letter_height(ink)
    rules = column_rules(ink, glyph) if glyph else []
    even, ink = without_rules(even, ink, rules, glyph)
    _write(page, even)
    size = even.shape[1], even.shape[0]
    if not glyph:
        return LaidOut(picture.number, page, *size, turns=quarter, skew=skew)
    blocks = blocks_of(ink, glyph)
    columns = tuple(
        _column(even, blocks, box, glyph, folder / f"page-{picture.number}-column-{at}")
        for at, box in enumerate(columns_of(blocks.text, glyph, rules))
    )
    regions = tuple(FormulaRegion(RegionKind.PICTURE, _grown(box, glyph, size)) for box in blocks.pictures)
    return LaidOut(picture.number, page, *size, quarter, skew, glyph, columns, regions)


def _grown(box: Box, glyph: float, size: tuple[int, int]) -> Box:
    """Return a box with a little room around it, within the page."""
    room = round(_AROUND * glyph)
    right, bottom = min(size[0], box.right + room), min(size[1], box.bottom + room)
    return Box(max(0, box.left - room), max(0, box.top - room), right, bottom)


def _lie(even: Grey, ink: Grey, glyph: float, page: Path, turns: Callable[[Path], int]) -> tuple[int, float]:
    """Return the quarter turns clockwise, and then the degrees, that make a page upright and straight."""
    letters = letters_of(ink, glyph)
    sideways = int(lies_sideways(letters, glyph))
    _write(page, _sized(turned(even, sideways), _LETTER / glyph))
    quarter = (sideways + turns(page)) % 4
    return quarter, skew_of(turned(letters, quarter))


def _column(even: Grey, blocks: Blocks, box: Box, glyph: float, stem: Path) -> ColumnPicture:
    """Write the picture of a column: only what may be letters, at the engine's size."""
    rings = tuple(ring for ring in blocks.rings if box.holds(*ring.middle))
    signs = tuple(sign for sign in blocks.signs if box.holds(*sign.middle))
    view = np.s_[box.top : box.bottom, box.left : box.right]
    reach = max(3, round(glyph / 5)) | 1
    near = cv2.dilate(blocks.text[view], np.ones((reach, reach), np.uint8))
    seen = np.where(near > 0, even[view], 255).astype(np.uint8)
    for ring in rings:
        grown = max(1, round(0.06 * glyph))
        top, left = ring.top - box.top - grown, ring.left - box.left - grown
        seen[max(0, top) : ring.bottom - box.top + grown, max(0, left) : ring.right - box.left + grown] = 255
    scale = min(_SCALE[1], max(_SCALE[0], _LETTER / glyph))
    if 0.85 < scale < 1.3:
        scale = 1.0
    sized = _sized(seen, scale)
    file = stem.with_suffix(".png")
    _write(file, np.pad(sized, _ROOM, constant_values=255))
    row = None
    if rings:
        row = stem.with_name(stem.name + "-rings.png")
        _write(row, np.hstack([_within_ring(even, ring) for ring in rings]))
    return ColumnPicture(box, file, scale, _ROOM, signs, rings, row, _RING_STEP)


def _within_ring(even: Grey, ring: Box) -> Grey:
    """Return what stands in a ring, in a field of its own."""
    away_x, away_y = round(0.17 * ring.width), round(0.15 * ring.height)
    inner = even[ring.top + away_y : ring.bottom - away_y, ring.left + away_x : ring.right - away_x]
    high, wide = inner.shape
    yy, xx = np.mgrid[0:high, 0:wide]
    outside = np.hypot((yy - (high - 1) / 2) / ring.height, (xx - (wide - 1) / 2) / ring.width) > 0.38
    clean = np.where(outside, 255, inner).astype(np.uint8)
    sized = cv2.resize(clean, (round(wide * _RING_HIGH / high), _RING_HIGH), interpolation=cv2.INTER_CUBIC)
    field = np.full((_RING_HIGH + 2 * _ROOM, _RING_STEP), 255, np.uint8)
    left = (_RING_STEP - sized.shape[1]) // 2
    field[_ROOM : _ROOM + _RING_HIGH, left : left + sized.shape[1]] = sized
    return field


def _read(path: Path) -> Grey:
    page = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if page is None:
        raise OSError(f"cannot read {path.name}")
    return cast("Grey", page)


def _piece(path: Path, box: Box) -> Grey:
    part = _read(path)[box.top : box.bottom, box.left : box.right]
    if not part.size:
        raise OSError(f"nothing of {path.name} lies in the box")
    return part


def _wider(piece: Grey, wide: int) -> Grey:
    return np.pad(piece, ((0, 0), (0, wide - piece.shape[1])), constant_values=255)


def _sized(grey: Grey, scale: float) -> Grey:
    if scale == 1.0:
        return grey
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cast("Grey", cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how))


def _write(target: Path, picture: Grey) -> None:
    """Write a PNG. Raises OSError."""
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise OSError(f"cannot encode {target.name}")
    target.write_bytes(data.tobytes())
