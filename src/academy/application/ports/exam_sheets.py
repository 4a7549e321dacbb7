"""Port: sheets, scans, readings and decisions of exams within a transaction.

Every method that takes a `tenant_id` finds nothing of another's. Times are the database's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from academy.domain.omr.decisions import Decision
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.reading import PageReading
from academy.domain.omr.scan import Scan

__all__ = ["DecisionTaken", "ExamSheetRepository", "ScanPage", "ScanRepository"]


class DecisionTaken(Exception):
    """Somebody else decided on this page at the same moment; nothing has changed, and trying again is right."""


@dataclass(frozen=True, slots=True)
class ScanPage:
    """One page of a scan as it was read; `overlay_key` names its object, "" for none."""

    scan_id: str
    reading: PageReading
    overlay_key: str


class ExamSheetRepository(Protocol):
    """Sheets and answer keys."""

    def get(self, tenant_id: str, exam_id: str, *, lock: bool = False) -> ExamSheet | None:
        """Return the sheet of an exam or None; `lock` keeps the row until the transaction ends."""
        ...

    def save(self, sheet: ExamSheet) -> None:
        """Write the sheet of an exam, over the one before. Raises ValueError when the academy has no such exam."""
        ...


class ScanRepository(Protocol):
    """Scans, their pages and what people decided."""

    def add(self, scan: Scan) -> None:
        """Insert a scan. Raises ValueError when the academy has no such exam."""
        ...

    def get(self, tenant_id: str, scan_id: str, *, lock: bool = False) -> Scan | None:
        """Return a scan or None; `lock` keeps the row until the transaction ends."""
        ...

    def of_exam(self, tenant_id: str, exam_id: str) -> Sequence[Scan]:
        """Return the scans of an exam by number."""
        ...

    def exams_read(
        self, tenant_id: str, class_ids: Sequence[str], student_ids: Sequence[str]
    ) -> Sequence[str]:
        """Return the ids, in order, of exams that have pages which count.

        Those of these classes, of the classes that one of these students is or was in, and those that one of them has a score of.
        """
        ...

    def next_number(self, tenant_id: str, exam_id: str) -> int:
        """Return one more than the highest number of the exam's scans; the caller holds the lock of the exam's sheet."""
        ...

    def save(self, scan: Scan) -> None:
        """Write state, revision, pages, job_id and failure of an existing scan."""
        ...

    def remove(self, tenant_id: str, scan_id: str) -> None:
        """Delete a scan, its pages of every revision and its decisions."""
        ...

    def put_pages(self, tenant_id: str, revision: str, pages: Sequence[ScanPage]) -> None:
        """Write pages of a reading; those that are there with this revision are written over."""
        ...

    def drop_pages(self, tenant_id: str, scan_id: str, *, but: str) -> Sequence[str]:
        """Delete the pages of every revision but one; return the keys of their overlays."""
        ...

    def pages(self, tenant_id: str, scan_ids: Sequence[str]) -> Mapping[str, Sequence[ScanPage]]:
        """Return the pages of each scan's revision that counts, by number; a scan without pages is left out."""
        ...

    def page(self, tenant_id: str, scan_id: str, number: int) -> ScanPage | None:
        """Return one page of the revision that counts, or None."""
        ...

    def decisions(
        self, tenant_id: str, scan_ids: Sequence[str]
    ) -> Mapping[tuple[str, int], Sequence[Decision]]:
        """Return the logs of decisions by (scan, page), each in order of number."""
        ...

    def decide(self, tenant_id: str, scan_id: str, page: int, decisions: Sequence[Decision]) -> None:
        """Append to the log of a page. Raises DecisionTaken when a number is there already, and appends nothing then."""
        ...
