"""What an order of wrong-answer notes that came as a message has to be, and what its job writes (DOC-3)."""

from academy.application.ai.effects import DocumentEffects
from academy.application.ai.note_choice import NOTES_TOO_MANY, too_many_notes
from academy.application.ports.database import Transaction
from academy.contracts.base import InvalidMessage
from academy.domain.job.job import Job

__all__ = ["NotesEffects"]


class NotesEffects(DocumentEffects):
    """Record the notes; an order of more than one job makes becomes no job."""

    def created(self, tx: Transaction, job: Job) -> None:
        """Raise InvalidMessage (`notes_too_many`): the message is a dead letter that says how to mend it."""
        exam_id = str(job.payload.get("exam_id", ""))
        if too_many_notes(tx, job.tenant_id, exam_id, frozenset(job.payload.get("student_ids", ()))):
            raise InvalidMessage(f"{NOTES_TOO_MANY.code}: {NOTES_TOO_MANY.message}")
