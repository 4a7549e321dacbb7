"""Port: print answer sheets, and read scans of them.

All of it is work of the processor on files of this machine: nothing here is asynchronous, and a caller runs it in a process of its own.
Pictures and PDFs come from strangers: every reader bounds pixels, pages and bytes before it decodes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.omr.reading import PageReading, SheetCode
from academy.domain.omr.sheet import SheetSpec

__all__ = ["OverlayMark", "PrintedSheet", "ScanInvalid", "SheetPrinter", "SheetReader"]


class ScanInvalid(Exception):
    """A file that holds no pages at all: no PDF or picture, encrypted, broken, too large. `failure` says which; no page was read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """What is printed on one sheet beside its bubbles.

    Attributes:
        code: what the QR code says; None leaves it out.
        title, subtitle: the exam and the class, for people.
        held_on: the day of the exam as it is printed, "" for none.
        student: name for people, "" for a sheet that anybody may use.
        identifier: digits that are marked beforehand, "" for none.
    """

    code: SheetCode | None
    title: str
    subtitle: str = ""
    student: str = ""
    identifier: str = ""
    held_on: str = ""


class SheetPrinter(Protocol):
    """Draws sheets."""

    def print(self, spec: SheetSpec, sheets: Sequence[PrintedSheet], target: Path) -> None:
        """Write a PDF with one page for each sheet, fonts embedded. The same input gives the same bytes."""
        ...


@dataclass(frozen=True, slots=True)
class OverlayMark:
    """How a field is shown on an overlay: its choices taken as marked, and whether a person is to look at it."""

    field: str
    marked: tuple[str, ...]
    doubtful: bool


class SheetReader(Protocol):
    """Reads scans."""

    def read(self, spec: SheetSpec, scan: Path, blank: Path | None = None) -> Iterator[PageReading]:
        """Yield a reading for each page of a PDF (any number of pages, streamed), JPEG, PNG or TIFF, in order.

        One page that cannot be read is a reading with a problem and never ends the rest. Raises ScanInvalid before the first page
        when the file holds none. `blank` is the empty sheet's scan, for a specification whose anchor is BLANK.
        """
        ...

    def overlay(
        self, spec: SheetSpec, scan: Path, reading: PageReading, marks: Sequence[OverlayMark], target: Path
    ) -> None:
        """Write a JPEG of the page, upright, at most 1,600 pixels high, with what was read drawn over it: marked choices ringed, doubtful fields boxed."""
        ...
