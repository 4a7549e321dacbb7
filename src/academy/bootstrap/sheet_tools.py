"""The tools for answer sheets on files of this machine, without a database or a queue.

The packages behind them are the extra `worker-ai`; they are loaded only when a tool is asked for.
"""

from academy.application.ports.sheet_proposal import SheetDescriber
from academy.application.ports.sheets import SheetPrinter, SheetReader

__all__ = ["sheet_describer", "sheet_printer", "sheet_reader"]


def sheet_printer() -> SheetPrinter:
    """Return the printer of sheets."""
    from academy.infrastructure.reportlab.printer import ReportLabSheetPrinter  # noqa: PLC0415

    return ReportLabSheetPrinter()


def sheet_reader() -> SheetReader:
    """Return the reader of scans."""
    from academy.infrastructure.opencv.reader import OpenCvSheetReader  # noqa: PLC0415

    return OpenCvSheetReader()


def sheet_describer() -> SheetDescriber:
    """Return what proposes specifications."""
    from academy.infrastructure.opencv.describe import OpenCvSheetDescriber  # noqa: PLC0415

    return OpenCvSheetDescriber()
