"""What applying a roster writes beside the students: its file is not kept."""

from dataclasses import replace

from academy.application.jobs.job_type import NoEffects
from academy.application.ports.database import Settlement, Transaction
from academy.domain.document.document import DocumentState
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

__all__ = ["RosterEffects"]


class RosterEffects(NoEffects):
    """Remove a roster's file once its rows were taken: names and numbers of people stand where they belong.

    One whose rows were not taken stays, for another try.
    """

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Make the document REMOVED; the reconciler takes object and row away within minutes."""
        if end.state is not JobState.SUCCEEDED:
            return
        document = tx.documents.get(job.tenant_id, str(job.payload.get("document_id", "")), lock=True)
        if document is not None:
            tx.documents.save(replace(document, state=DocumentState.REMOVED))
