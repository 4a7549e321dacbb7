"""The empty sheet with which scans are compared is looked at when an exam gets it, not when its first scan fails (OMR-3)."""

from dataclasses import replace

from academy.application.ai.files import DocumentFiles
from academy.application.errors import Conflict
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.jobs.job_type import NoEffects
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.ai import BlankChecked, CheckBlank
from academy.contracts.children.omr import ReadBlank
from academy.domain.document.document import DocumentState
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.omr.exam_sheet import ExamSheet

__all__ = ["BlankEffects", "BlankHandler", "refuse_broken_blank"]

ENTRY = "academy.bootstrap.children.omr:read_blank"


class BlankHandler:
    """The handler of `blank_sheet_check`; BlankEffects say of the document what was found."""

    def __init__(self, files: DocumentFiles, children: Children) -> None:
        """Take files and processes."""
        self._files = files
        self._children = children

    async def run(self, work: Work) -> BlankChecked:
        """Read the sheet as a scan's reader does, in a process of its own. Raises WorkFailed (`blank_broken` among others)."""
        wish = work.payload
        assert isinstance(wish, CheckBlank)
        work.report("fetch", 0.0)
        async with self._files.folder(work) as folder:
            source = await self._files.fetch(work, wish.document_id, folder)
            return await self._children.call(work, ENTRY, ReadBlank(source=str(source)), BlankChecked)


class BlankEffects(NoEffects):
    """Make an empty sheet that cannot be read FAILED with the reason: no exam gets it any more, and no scan is added for those that have it."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Keep what was found wrong for good; an outage says nothing about the sheet."""
        if end.state is not JobState.FAILED or end.failure is None:
            return
        document = tx.documents.get(job.tenant_id, str(job.payload.get("document_id", "")), lock=True)
        if document is not None and document.state is DocumentState.READY:
            tx.documents.save(replace(document, state=DocumentState.FAILED, failure=end.failure))


def refuse_broken_blank(tx: Transaction, sheet: ExamSheet) -> None:
    """Raise Conflict with what is wrong with the empty sheet of an exam; what is not known yet is no reason to wait."""
    if not sheet.blank_document_id:
        return
    document = tx.documents.get(sheet.tenant_id, sheet.blank_document_id)
    if document is not None and document.failure is not None:
        raise Conflict(document.failure)
