"""The sheet reader: a page in, a reading out (OMR-2 to OMR-4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from academy.application.ports.sheets import OverlayMark, ScanInvalid
from academy.domain.omr.judge import Ink, judge
from academy.domain.omr.reading import FieldReading, PageReading, SheetCode
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.opencv.align import aligned
from academy.infrastructure.opencv.code import read_code
from academy.infrastructure.opencv.decode import ENOUGH, FINE, Decoded, decode
from academy.infrastructure.opencv.locate import Located, locate
from academy.infrastructure.opencv.measure import Measured, measure, print_level
from academy.infrastructure.opencv.overlay import draw, upright
from academy.infrastructure.opencv.patches import Layout, layout_of
from academy.infrastructure.opencv.plane import Floats, Grey, corners_of, page_map, project, quarter_turns
from academy.infrastructure.opencv.problems import PageUnread, problem
from academy.infrastructure.opencv.streaks import streaks
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture
from academy.infrastructure.pdf.scan import open_scan

__all__ = ["OpenCvSheetReader"]

_FAINT = 0.45  # print that takes away less of the paper's light is worth a warning
_OUTLINES = 0.2  # how well outlines fit that are seen
_DARK_PAPER = 90.0


class OpenCvSheetReader:
    """Reads scans and photos of sheets. One thread: a worker runs several processes."""

    def __init__(self, limits: ScanLimits | None = None) -> None:
        """Keep the bounds; OpenCV is told to use one thread in this process."""
        cv2.setNumThreads(1)
        self._limits = limits or ScanLimits()

    def read(self, spec: SheetSpec, scan: Path, blank: Path | None = None) -> Iterator[PageReading]:
        """Yield a reading for each page, in order. Raises ScanInvalid when the file holds no pages, or `blank` no picture."""
        layout = layout_of(spec)
        empty = None if blank is None else self._decoded(blank, 1).grey
        with open_scan(scan, self._limits) as pages:
            for number in range(1, pages.count + 1):
                yield _reading(spec, layout, pages.picture(number), empty)

    def overlay(
        self, spec: SheetSpec, scan: Path, reading: PageReading, marks: Sequence[OverlayMark], target: Path
    ) -> None:
        """Write the page with what was read. Raises ScanInvalid when the page has no pixels, OSError when the file cannot be written."""
        page = self._decoded(scan, reading.number, FINE)
        matrix = None
        if len(reading.corners) == 4:
            matrix = page_map(
                corners_of(spec.width, spec.height), np.array(reading.corners, dtype=np.float64), 1.0
            )
        flat, per_mm = upright(page.grey, matrix, spec, reading.rotation)
        draw(flat, per_mm, spec, marks, target)

    def _decoded(self, scan: Path, number: int, least: int = ENOUGH) -> Decoded:
        with open_scan(scan, self._limits) as pages:
            picture = pages.picture(number)
            if picture.problem is not None:
                raise ScanInvalid(picture.problem)
            try:
                return decode(picture, least)
            except PageUnread as error:
                raise ScanInvalid(error.failure) from error


def _reading(spec: SheetSpec, layout: Layout, picture: PagePicture, blank: Grey | None) -> PageReading:
    if picture.problem is not None:
        return PageReading(picture.number, problem=picture.problem)
    size = (0, 0)
    try:
        page = decode(picture)
        size = page.size
        try:
            located = locate(page.grey, spec, layout, blank)
        except PageUnread:
            if page.factor == 1 or spec.anchor == "edge":
                raise
            page = decode(picture, FINE)  # marks may be too small for the reduced picture
            located = locate(page.grey, spec, layout, blank)
        return _read_page(spec, layout, picture, page, located)
    except PageUnread as error:
        return PageReading(picture.number, problem=error.failure, size=size)
    except cv2.error as error:
        return PageReading(
            picture.number, problem=problem("page_broken", str(error), "read").failure, size=size
        )


def _read_page(
    spec: SheetSpec, layout: Layout, picture: PagePicture, page: Decoded, located: Located
) -> PageReading:
    matrix, warnings = located.matrix, list(located.warnings)
    code, unread = _code(spec, picture, page, matrix)
    patches, fits = aligned(page.grey, matrix, layout)
    corners = project(matrix, corners_of(spec.width, spec.height))
    lines = streaks(page.grey, corners)
    spoilt = None if lines is None else lines.over(patches.across, patches.down)
    measured = measure(layout, patches, print_level(page.grey, matrix, spec), spoilt)
    print_seen = bool(np.median(fits) >= _OUTLINES)
    odd = {
        "streaks": lines is not None,
        "low_contrast": measured.ink < _FAINT,
        "dark": measured.paper < _DARK_PAPER,
        "outlines_unseen": not print_seen,
        unread: unread != "",
    }
    warnings += [name for name, seen in odd.items() if seen]
    full = (corners + 0.5) * page.factor - 0.5
    return PageReading(
        number=picture.number,
        code=code,
        rotation=quarter_turns(matrix, (spec.width, spec.height)),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in full),
        size=page.size,
        fields=_fields(spec, layout, measured, print_seen=print_seen),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _code(
    spec: SheetSpec, picture: PagePicture, page: Decoded, matrix: Floats
) -> tuple[SheetCode | None, str]:
    if spec.code is None:
        return None, ""
    code, unread = read_code(page.grey, matrix, spec.code)
    if code is None:
        full = page if page.factor == 1 else decode(picture, FINE)
        grow = page.factor / full.factor
        finer = np.array(((grow, 0, (grow - 1) / 2), (0, grow, (grow - 1) / 2), (0, 0, 1.0))) @ matrix
        code, unread = read_code(full.grey, finer, spec.code, harder=True)
    return code, unread


def _fields(
    spec: SheetSpec, layout: Layout, measured: Measured, *, print_seen: bool
) -> dict[str, FieldReading]:
    rows = zip(
        measured.mean.tolist(),
        measured.peak.tolist(),
        measured.halo.tolist(),
        measured.seen.tolist(),
        strict=True,
    )
    every = [Ink(mean, peak, halo, seen) for mean, peak, halo, seen in rows]
    inks = []
    for block, start in zip(spec.blocks, layout.starts, strict=True):
        wide = len(block.choices)
        inks.append([every[start + at * wide : start + (at + 1) * wide] for at in range(len(block.fields))])
    return judge(spec.blocks, inks, print_seen=print_seen)
