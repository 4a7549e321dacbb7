"""The HTTP API as somebody uses it who holds exams: sheets, keys, scans, review, results."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from academy.contracts.rest.documents import DocumentAddressView, DocumentPage, DocumentStarted, DocumentView
from academy.contracts.rest.exam_sheets import ExamKeyView, ExamSheetView, KeyEntry, StandardSheet
from academy.contracts.rest.exams import ExamView
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.results import ExamResultsView
from academy.contracts.rest.scans import PageView, ReviewQueueView, ScanAndJob
from academy.interfaces.cli.office import OfficeClient

__all__ = ["ExamClient"]

_API = "/api/v1"


class ExamClient(OfficeClient):
    """The session of a teacher who holds an exam. Methods raise as those of AcademyClient do."""

    def add_exam(self, class_id: str, title: str, max_score: float) -> ExamView:
        """Make an exam of a class."""
        wish = {"class_id": class_id, "title": title, "max_score": max_score}
        return self._ask(ExamView, "POST", f"{_API}/exams", wish, once=True)

    def set_sheet(self, exam_id: str, sheet: StandardSheet) -> ExamSheetView:
        """Give an exam a sheet of our own design."""
        wish = {"standard": sheet.model_dump(mode="json")}
        return self._ask(ExamSheetView, "PUT", f"{_API}/exams/{exam_id}/sheet", wish)

    def set_key(self, exam_id: str, items: Sequence[KeyEntry]) -> ExamKeyView:
        """Give an exam its answer key."""
        wish = {"items": [each.model_dump(mode="json", exclude_defaults=True) for each in items]}
        return self._ask(ExamKeyView, "PUT", f"{_API}/exams/{exam_id}/key", wish)

    def print_sheets(self, exam_id: str) -> JobView:
        """Order a personal sheet for everybody."""
        return self._ask(JobView, "POST", f"{_API}/exams/{exam_id}/sheets", {}, once=True)

    def send_document(self, file: Path, purpose: str, content_type: str, subject: str = "") -> DocumentView:
        """Upload a file as a document."""
        wish = {
            "purpose": purpose,
            "file_name": file.name,
            "size": file.stat().st_size,
            "content_type": content_type,
            "subject": subject,
        }
        started = self._ask(DocumentStarted, "POST", f"{_API}/documents", wish, once=True)
        parts = self._send(file, started.upload, lambda _bytes: None)
        path = f"{_API}/documents/{started.document.id}/complete"
        return self._ask(DocumentView, "POST", path, {"parts": parts}, once=True)

    def documents(self, purpose: str, subject: str) -> Sequence[DocumentView]:
        """Return the documents of a purpose and subject, newest first, at most a page of them."""
        query = f"purpose={purpose}&subject={subject}"
        return self._ask(DocumentPage, "GET", f"{_API}/documents?{query}").items

    def fetch_document(self, document_id: str, target: Path) -> None:
        """Write a document's bytes into a file."""
        address = self._ask(DocumentAddressView, "GET", f"{_API}/documents/{document_id}/url")
        target.write_bytes(self.fetch(address.url))

    def add_scan(self, exam_id: str, document_id: str) -> ScanAndJob:
        """Have a scan read and graded."""
        wish = {"document_id": document_id}
        return self._ask(ScanAndJob, "POST", f"{_API}/exams/{exam_id}/scans", wish, once=True)

    def review(self, exam_id: str) -> ReviewQueueView:
        """Return what waits for a person."""
        return self._ask(ReviewQueueView, "GET", f"{_API}/exams/{exam_id}/review")

    def page(self, scan_id: str, number: int) -> PageView:
        """Show a page of a scan."""
        return self._ask(PageView, "GET", f"{_API}/scans/{scan_id}/pages/{number}")

    def decide(self, scan_id: str, number: int, fields: Mapping[str, Sequence[str]]) -> PageView:
        """Say what is marked on a page."""
        wish = {"fields": {name: list(marked) for name, marked in fields.items()}}
        return self._ask(
            PageView, "POST", f"{_API}/scans/{scan_id}/pages/{number}/decisions", wish, once=True
        )

    def results(self, exam_id: str) -> ExamResultsView:
        """Return how the exam went."""
        return self._ask(ExamResultsView, "GET", f"{_API}/exams/{exam_id}/results")

    def make_notes(self, exam_id: str, student_ids: Sequence[str]) -> JobView:
        """Order wrong-answer notes."""
        wish = {"student_ids": list(student_ids)}
        return self._ask(JobView, "POST", f"{_API}/exams/{exam_id}/notes", wish, once=True)
