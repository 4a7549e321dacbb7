"""The sheet reader: a page in, a reading out (OMR-2 to OMR-4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from academy.application.ports.sheets import OverlayMark, ScanInvalid
from academy.domain.failures import Failure
from academy.domain.omr.judge import SEEN, Ink, judge
from academy.domain.omr.reading import FieldReading, PageReading, SheetCode
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.opencv.align import aligned
from academy.infrastructure.opencv.code import code_anywhere, read_code
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


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a page's bubbles gave: whether streaks lie over the page, and whether the outlines are seen."""

    measured: Measured
    streaky: bool
    print_seen: bool


class OpenCvSheetReader:
    """Reads scans and photos of sheets. One thread: a worker runs several processes."""

    def __init__(self, limits: ScanLimits | None = None) -> None:
        """Keep the bounds; OpenCV is told to use one thread in this process."""
        cv2.setNumThreads(1)
        self._limits = limits or ScanLimits()

    def read(self, spec: SheetSpec, scan: Path, blank: Path | None = None) -> Iterator[PageReading]:
        """Yield a reading for each page, in order. Raises ScanInvalid when the file holds no pages, or `blank` no picture (blank_broken)."""
        layout = layout_of(spec)
        empty = None if blank is None else self._blank(blank)
        with open_scan(scan, self._limits) as pages:
            for number in range(1, pages.count + 1):
                yield _reading(spec, layout, pages.picture(number), empty)

    def blank_size(self, blank: Path) -> tuple[int, int]:
        """Return width and height in pixels of an empty sheet as pages are compared with it. Raises ScanInvalid (blank_broken)."""
        height, width = self._blank(blank).shape
        return width, height

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

    def _blank(self, blank: Path) -> Grey:
        try:
            return self._decoded(blank, 1).grey
        except ScanInvalid as error:
            raise ScanInvalid(problem("blank_broken", error.failure.code, "open").failure) from error

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
        found = _other_sheet(spec, picture) or error.failure
        return PageReading(picture.number, problem=found, size=size)
    except cv2.error as error:
        return PageReading(
            picture.number, problem=problem("page_broken", str(error), "read").failure, size=size
        )


def _other_sheet(spec: SheetSpec, picture: PagePicture) -> Failure | None:
    """Return what to say of a page that could not be read because it is one of another specification; None when no code says so."""
    try:
        said = code_anywhere(decode(picture, FINE).grey)
    except PageUnread:
        return None
    if said is None or _names(said, spec):
        return None
    names = f"{said.spec_id} v{said.spec_version}", f"{spec.id} v{spec.version}"
    return problem("other_sheet", said=names[0], wanted=names[1]).failure


def _names(code: SheetCode, spec: SheetSpec) -> bool:
    return (code.spec_id, code.spec_version) == (spec.id, spec.version)


def _read_page(
    spec: SheetSpec, layout: Layout, picture: PagePicture, page: Decoded, located: Located
) -> PageReading:
    matrix, warnings = located.matrix, list(located.warnings)
    code, unread = _code(spec, picture, page, matrix)
    look = _look(spec, layout, page.grey, matrix)
    measured = look.measured
    fields = _fields(spec, layout, look)
    hidden = {
        spec.blocks[layout.block[at]].fields[layout.field[at]] for at in np.flatnonzero(measured.seen < SEEN)
    }
    if hidden and page.factor > 1:
        # A streak takes whole pixels: in small ones it hides less of a bubble.
        again = _fields(spec, layout, _look(spec, layout, *_in_full(picture, page, matrix)))
        fields |= {name: again[name] for name in hidden}
    odd = {
        "streaks": look.streaky,
        "low_contrast": measured.ink < _FAINT,
        "dark": measured.paper < _DARK_PAPER,
        "outlines_unseen": not look.print_seen,
        "other_sheet": code is not None and not _names(code, spec),
        unread: unread != "",
    }
    warnings += [name for name, seen in odd.items() if seen]
    corners = project(matrix, corners_of(spec.width, spec.height))
    full = (corners + 0.5) * page.factor - 0.5
    return PageReading(
        number=picture.number,
        code=code,
        rotation=quarter_turns(matrix, (spec.width, spec.height)),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in full),
        size=page.size,
        fields=fields,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _code(
    spec: SheetSpec, picture: PagePicture, page: Decoded, matrix: Floats
) -> tuple[SheetCode | None, str]:
    if spec.code is None:
        return None, ""
    code, unread = read_code(page.grey, matrix, spec.code)
    if code is None:
        code, unread = read_code(*_in_full(picture, page, matrix), spec.code, harder=True)
    return code, unread


def _in_full(picture: PagePicture, page: Decoded, matrix: Floats) -> tuple[Grey, Floats]:
    """Return the page with all the pixels that help, and the map to them."""
    full = page if page.factor == 1 else decode(picture, FINE)
    grow = page.factor / full.factor
    return full.grey, np.array(((grow, 0, (grow - 1) / 2), (0, grow, (grow - 1) / 2), (0, 0, 1.0))) @ matrix


def _look(spec: SheetSpec, layout: Layout, grey: Grey, matrix: Floats) -> _Look:
    patches, fits = aligned(grey, matrix, layout)
    lines = streaks(grey, project(matrix, corners_of(spec.width, spec.height)))
    spoilt = None if lines is None else lines.over(patches.across, patches.down)
    measured = measure(layout, patches, print_level(grey, matrix, spec), spoilt)
    if lines is not None:
        shades = [lines.shade(patches.across, patches.down, each) for each in (measured.mean, measured.peak)]
        measured = replace(measured, mean=measured.mean - shades[0], peak=measured.peak - shades[1])
    return _Look(measured, lines is not None, bool(np.median(fits) >= _OUTLINES))


def _fields(spec: SheetSpec, layout: Layout, look: _Look) -> dict[str, FieldReading]:
    measured = look.measured
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
    return judge(spec.blocks, inks, print_seen=look.print_seen)
