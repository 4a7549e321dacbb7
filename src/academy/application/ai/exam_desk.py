"""What a teacher does with the sheet, the key and the scans of an exam, and the jobs that follow (OMR-1 to OMR-5)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from academy.application.academics.asker import Asker
from academy.application.ai import refusals
from academy.application.ai.blank_sheets import refuse_broken_blank
from academy.application.ai.grading import regrade
from academy.application.ai.job_desk import JobDesk
from academy.application.ai.managed import (
    managed_document,
    managed_exam,
    managed_scan,
    managed_sheet,
)
from academy.application.ai.sheet_desk import check_key, check_sheet
from academy.application.errors import Conflict
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Transaction
from academy.domain.document.document import DocumentPurpose
from academy.domain.job.job import Job
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import AnswerKey
from academy.domain.omr.scan import Scan, ScanState
from academy.domain.omr.sheet import SheetSpec

__all__ = ["ExamDesk"]


class ExamDesk(JobDesk):
    """The use cases of exams on paper, for those who manage; to others an exam is not there.

    `tier` is the word of a tier ("lite", "basic", "premium"), "" for the least in which the work is done; one that is not allowed is
    Refused (`tier_not_allowed`). `trace` is a W3C traceparent, "" for none.
    """

    def __init__(self, types: JobTypes, new_id: Callable[[], str]) -> None:
        """Take the registry of job types and a maker of ids."""
        super().__init__(types, new_id)
        self._types = types
        self._new_id = new_id

    def sheet(self, tx: Transaction, asker: Asker, exam_id: str) -> ExamSheet:
        """Return the sheet of an exam. Raises NotFound."""
        return managed_sheet(tx, asker, exam_id)

    def set_sheet(
        self,
        tx: Transaction,
        asker: Asker,
        exam_id: str,
        spec: SheetSpec,
        threshold: float,
        blank_document_id: str,
    ) -> ExamSheet:
        """Say what the exam is marked on; scores follow the threshold. A job looks at the empty sheet, where the sheet has one.

        Raises NotFound, FieldsRefused (threshold, blank_document_id), and Conflict: `sheet_in_use` when scans are there and the fields
        change, `sheet_key_misfit` when the answer key does not fit (change it or take it away first).
        """
        managed_exam(tx, asker, exam_id, lock=True)
        before = tx.exam_sheets.get(asker.tenant_id, exam_id, lock=True)
        check_sheet(tx, asker, before, spec, threshold, blank_document_id)
        if blank_document_id:
            self._orders.check_blank(tx, asker.tenant_id, blank_document_id)
        made = ExamSheet(
            asker.tenant_id,
            exam_id,
            spec,
            before.key if before else None,
            threshold,
            blank_document_id,
            before.revision + 1 if before else 1,
            asker.account,
            tx.now(),
        )
        return self._changed(tx, made)

    def set_key(
        self,
        tx: Transaction,
        asker: Asker,
        exam_id: str,
        key: AnswerKey | None,
        *,
        ends_before: bool = False,
    ) -> ExamSheet:
        """Say what is right (None takes the key away); scores follow at once.

        `ends_before`: the exam has fewer questions than the sheet. Raises NotFound, and FieldsRefused with what is wrong at
        ("items", index) or, for the key as a whole or questions without an answer, ("items",).
        """
        exam = managed_exam(tx, asker, exam_id, lock=True)
        before = managed_sheet(tx, asker, exam_id, lock=True)
        if key is not None:
            check_key(exam, before, key, ends_before=ends_before)
        made = replace(before, key=key, revision=before.revision + 1, by=asker.account, updated_at=tx.now())
        return self._changed(tx, made)

    def add_scan(
        self, tx: Transaction, asker: Asker, exam_id: str, document_id: str, tier: str = "", trace: str = ""
    ) -> tuple[Scan, Job]:
        """Have a document of purpose SCAN read and graded.

        Raises NotFound, FieldsRefused (document_id), Conflict (`document_not_ready`, `scan_twice`, what is wrong with the exam's empty
        sheet), Refused.
        """
        refuse_broken_blank(tx, managed_sheet(tx, asker, exam_id, lock=True))
        document = managed_document(tx, asker, document_id, DocumentPurpose.SCAN, ("document_id",))
        if any(scan.document_id == document_id for scan in tx.scans.of_exam(asker.tenant_id, exam_id)):
            raise Conflict(refusals.SCAN_TWICE)
        scan_id = self._new_id()
        job = self._orders.read_scan(tx, asker.tenant_id, scan_id, tier, trace)
        made = Scan(
            id=scan_id,
            tenant_id=asker.tenant_id,
            exam_id=exam_id,
            number=tx.scans.next_number(asker.tenant_id, exam_id),
            document_id=document_id,
            file_name=document.file_name,
            state=ScanState.READING,
            revision="",
            pages=0,
            job_id=job.id,
            failure=None,
            by=asker.account,
            created_at=tx.now(),
        )
        tx.scans.add(made)
        return made, job

    def reread(
        self, tx: Transaction, asker: Asker, scan_id: str, tier: str = "", trace: str = ""
    ) -> tuple[Scan, Job]:
        """Read a scan again; what was read before counts until then, and decisions stay.

        Raises NotFound, Conflict (`scan_reading`), Refused.
        """
        scan = managed_scan(tx, asker, scan_id, lock=True)
        if scan.state is ScanState.READING:
            raise Conflict(refusals.SCAN_READING)
        refuse_broken_blank(tx, managed_sheet(tx, asker, scan.exam_id))
        job = self._orders.read_scan(tx, asker.tenant_id, scan_id, tier, trace)
        changed = replace(scan, state=ScanState.READING, job_id=job.id, failure=None)
        tx.scans.save(changed)
        return changed, job

    def remove_scan(self, tx: Transaction, asker: Asker, scan_id: str) -> None:
        """Take a scan away with its pages and decisions, and the scores that came of it; its document stays.

        The caller drops its overlays once this is committed (`Overlays.drop`). Raises NotFound.
        """
        # Its job first, as a worker that settles it takes the locks in this order.
        cancel(tx, self._types, managed_scan(tx, asker, scan_id).job_id)
        scan = managed_scan(tx, asker, scan_id, lock=True)
        tx.scans.remove(asker.tenant_id, scan_id)
        regrade(tx, asker.tenant_id, scan.exam_id)

    def scans(self, tx: Transaction, asker: Asker, exam_id: str) -> Sequence[Scan]:
        """Return the scans of an exam by number. Raises NotFound."""
        managed_exam(tx, asker, exam_id)
        return tx.scans.of_exam(asker.tenant_id, exam_id)

    def scan(self, tx: Transaction, asker: Asker, scan_id: str) -> Scan:
        """Return one scan. Raises NotFound."""
        return managed_scan(tx, asker, scan_id)

    def _changed(self, tx: Transaction, sheet: ExamSheet) -> ExamSheet:
        tx.exam_sheets.save(sheet)
        regrade(tx, sheet.tenant_id, sheet.exam_id)
        return sheet
