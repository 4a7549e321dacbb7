"""Print answer sheets and read scans of them, in a process of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from academy.application.ai.reading_json import line_of
from academy.application.ai.sheet_json import from_contract
from academy.application.ports.sheets import OverlayMark, PrintedSheet, ScanInvalid, SheetReader
from academy.contracts.ai import BlankChecked
from academy.contracts.base import validate
from academy.contracts.children.omr import (
    PrintSheets,
    ReadBlank,
    ReadScan,
    ScanRead,
    SheetLine,
    SheetsPrinted,
)
from academy.domain.omr.reading import MarkState, PageReading, SheetCode
from academy.domain.omr.sheet import SheetSpec

__all__ = ["PAGES", "print_sheets", "read_blank", "read_scan"]

Report = Callable[[str, float], None]

PAGES = "pages.jsonl"


def print_sheets(payload: Mapping[str, Any], report: Report) -> SheetsPrinted:
    """Print sheets; see PrintSheets. Raises SheetRefused for what cannot be printed."""
    from academy.infrastructure.reportlab import ReportLabSheetPrinter  # noqa: PLC0415 - a reader needs no printer

    request = validate(PrintSheets, dict(payload))
    sheets = [_sheet(line) for line in request.sheets]
    report("make", 0.0)
    ReportLabSheetPrinter().print(from_contract(request.spec), sheets, Path(request.target))
    report("make", 1.0)
    return SheetsPrinted(pages=len(sheets))


def read_blank(payload: Mapping[str, Any], _report: Report) -> BlankChecked:
    """Look at an empty sheet; see ReadBlank. Raises ScanInvalid (`blank_broken`)."""
    from academy.infrastructure.opencv.reader import OpenCvSheetReader  # noqa: PLC0415 - a printer needs no reader

    width, height = OpenCvSheetReader().blank_size(Path(validate(ReadBlank, dict(payload)).source))
    return BlankChecked(width=width, height=height)


def read_scan(payload: Mapping[str, Any], report: Report) -> ScanRead:
    """Read a scan page by page, in memory that does not grow with them; see ReadScan. Raises ScanInvalid for a file without pages."""
    from academy.infrastructure.opencv.reader import OpenCvSheetReader  # noqa: PLC0415 - a printer needs no reader

    request = validate(ReadScan, dict(payload))
    spec, scan, folder = from_contract(request.spec), Path(request.scan), Path(request.folder)
    reader = OpenCvSheetReader()
    count = _pages_of(scan)
    done = 0
    with (folder / PAGES).open("w", encoding="utf-8") as lines:
        for reading in reader.read(spec, scan, Path(request.blank) if request.blank else None):
            drawn = _draw(reader, spec, scan, reading, request.threshold, folder)
            lines.write(line_of(reading, overlay=drawn).model_dump_json() + "\n")
            done += 1
            report("read", done / count)
    return ScanRead(pages=done)


def _sheet(line: SheetLine) -> PrintedSheet:
    code = SheetCode(**line.code.model_dump())
    return PrintedSheet(code, line.title, line.subtitle, line.student, line.identifier, line.held_on)


def _pages_of(scan: Path) -> int:
    from academy.infrastructure.pdf.limits import ScanLimits  # noqa: PLC0415 - a printer needs no reader
    from academy.infrastructure.pdf.scan import open_scan  # noqa: PLC0415 - a printer needs no reader

    with open_scan(scan, ScanLimits()) as pages:
        return max(1, pages.count)


def _draw(
    reader: SheetReader, spec: SheetSpec, scan: Path, reading: PageReading, threshold: float, folder: Path
) -> bool:
    """Draw the overlay of a page; return whether it has any pixels to draw on."""
    marks = [
        OverlayMark(
            each.field,
            each.marked,
            doubtful=each.state is MarkState.AMBIGUOUS or each.confidence < threshold,
        )
        for each in reading.fields.values()
    ]
    try:
        reader.overlay(spec, scan, reading, marks, folder / f"{reading.number}.jpg")
    except ScanInvalid:
        return False
    return True
