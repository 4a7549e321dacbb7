"""What is refused before a job is ordered, beyond the form of its payload, so that it does not fail late (AI-1)."""

from academy.application.ai.note_choice import NOTES_TOO_MANY, too_many_notes
from academy.application.ai.refusals import EXAM_UNKNOWN, SCAN_READING
from academy.application.errors import Conflict, Refused
from academy.application.ports.database import Transaction
from academy.contracts.ai import GradeScan, MakeNotes
from academy.contracts.ai_documents import FindQuestions
from academy.contracts.base import Contract
from academy.domain.omr.scan import ScanState

__all__ = ["check_order"]


def check_order(tx: Transaction, tenant_id: str, payload: Contract) -> None:
    """Raise Refused (`exam_unknown`, `notes_too_many`), or Conflict (`scan_reading`), for a payload that the academy's rows do not allow."""
    match payload:
        case GradeScan():
            scan = tx.scans.get(tenant_id, payload.scan_id, lock=True)
            if scan is not None and scan.state is ScanState.READING:
                raise Conflict(SCAN_READING)
        case FindQuestions():
            if payload.exam_id and tx.teaching.exam(tenant_id, payload.exam_id) is None:
                raise Refused(EXAM_UNKNOWN)
        case MakeNotes():
            if too_many_notes(tx, tenant_id, payload.exam_id, frozenset(payload.student_ids)):
                raise Refused(NOTES_TOO_MANY)
        case _:
            pass
