"""Find what somebody who manages may work on; to everybody else it is not there."""

from academy.application.academics.asker import Asker
from academy.application.academics.form import Fault, FieldsRefused
from academy.application.ai import refusals
from academy.application.errors import Conflict, NotFound, Path
from academy.application.ports.database import Transaction
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.domain.document.document import Document, DocumentPurpose, DocumentState
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.scan import Scan

__all__ = ["managed_class", "managed_document", "managed_exam", "managed_scan", "managed_sheet"]


def managed_exam(tx: Transaction, asker: Asker, exam_id: str, *, lock: bool = False) -> Exam:
    """Return an exam; `lock` keeps it until the transaction ends. Raises NotFound."""
    exam = tx.teaching.exam(asker.tenant_id, exam_id, lock=lock) if asker.manages else None
    if exam is None:
        raise NotFound("exam")
    return exam


def managed_sheet(tx: Transaction, asker: Asker, exam_id: str, *, lock: bool = False) -> ExamSheet:
    """Return the sheet of an exam; `lock` keeps both until the transaction ends. Raises NotFound."""
    managed_exam(tx, asker, exam_id, lock=lock)
    sheet = tx.exam_sheets.get(asker.tenant_id, exam_id, lock=lock)
    if sheet is None:
        raise NotFound("sheet")
    return sheet


def managed_scan(tx: Transaction, asker: Asker, scan_id: str, *, lock: bool = False) -> Scan:
    """Return a scan; `lock` keeps its exam, then itself, until the transaction ends. Raises NotFound."""
    scan = tx.scans.get(asker.tenant_id, scan_id) if asker.manages else None
    if scan is not None and lock:
        # The exam first: whoever changes what its scores follow from takes this lock before any other.
        tx.teaching.exam(asker.tenant_id, scan.exam_id, lock=True)
        scan = tx.scans.get(asker.tenant_id, scan_id, lock=True)
    if scan is None:
        raise NotFound("scan")
    return scan


def managed_class(tx: Transaction, asker: Asker, class_id: str) -> SchoolClass:
    """Return a class. Raises NotFound."""
    found = tx.teaching.school_class(asker.tenant_id, class_id) if asker.manages else None
    if found is None:
        raise NotFound("class")
    return found


def managed_document(
    tx: Transaction, asker: Asker, document_id: str, purpose: DocumentPurpose, named_at: Path
) -> Document:
    """Return a document that is READY and of this purpose, kept as it is until the transaction ends.

    `named_at` is where the request names it. Raises NotFound, FieldsRefused, Conflict while its upload is open.
    """
    found = tx.documents.get(asker.tenant_id, document_id, lock=True) if asker.manages else None
    if found is None:
        raise NotFound("document", [named_at])
    if found.purpose is not purpose:
        raise FieldsRefused([Fault(named_at, refusals.DOCUMENT_WRONG_PURPOSE)])
    if found.state is not DocumentState.READY:
        raise Conflict(
            found.failure or refusals.DOCUMENT_NOT_READY,
            [Fault(named_at, found.failure or refusals.DOCUMENT_NOT_READY)],
        )
    return found
