"""Jobs that a teacher orders of the AI worker: sheets, notes, exports, a roster's preview (AI-1)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from academy.application.academics.asker import Asker
from academy.application.academics.form import Fault, FieldsRefused, Form
from academy.application.ai import refusals
from academy.application.ai.exam_readings import exam_roster
from academy.application.ai.job_types import (
    ATTENDANCE_EXPORT,
    NOTES,
    ROSTER_APPLY,
    ROSTER_PREVIEW,
    SCORE_EXPORT,
    SHEETS,
)
from academy.application.ai.managed import managed_class, managed_document, managed_exam, managed_sheet
from academy.application.ai.ordering import Orders, exam_subject
from academy.application.ai.roster_fence import ROSTER_APPLIED, was_applied
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.jobs.job_type import JobTypes
from academy.application.ports.database import Transaction
from academy.domain.document.document import DocumentPurpose
from academy.domain.job.job import Job

__all__ = ["JobDesk"]


class JobDesk:
    """The use cases of ordering work, for those who manage; to others an exam or a class is not there."""

    def __init__(self, types: JobTypes, new_id: Callable[[], str]) -> None:
        """Take the registry of job types and a maker of ids."""
        self._orders = Orders(types, new_id)

    def print_sheets(
        self,
        tx: Transaction,
        asker: Asker,
        exam_id: str,
        student_ids: Sequence[str],
        copies: int,
        tier: str = "",
        trace: str = "",
    ) -> Job:
        """Have sheets printed: `copies` for anybody, or one for each student (none named: for everybody expected).

        Raises NotFound, FieldsRefused (student_ids, copies), Refused.
        """
        managed_sheet(tx, asker, exam_id)
        if copies and student_ids:
            raise FieldsRefused([Fault(("copies",), refusals.COPIES_AND_STUDENTS)])
        if not copies:
            self._check_students(tx, asker, exam_id, student_ids)
        payload = {"exam_id": exam_id, "student_ids": list(student_ids), "copies": copies}
        return self._order(tx, asker, SHEETS, payload, tier, trace, exam_subject(exam_id))

    def make_notes(
        self,
        tx: Transaction,
        asker: Asker,
        exam_id: str,
        student_ids: Sequence[str],
        tier: str = "",
        trace: str = "",
    ) -> Job:
        """Have wrong-answer notes made (no student named: for everybody with a score).

        Raises NotFound, FieldsRefused (student_ids), Conflict (`key_missing`), Refused (`notes_too_many` among others).
        """
        if managed_sheet(tx, asker, exam_id).key is None:
            raise Conflict(refusals.KEY_MISSING)
        self._check_students(tx, asker, exam_id, student_ids)
        payload = {"exam_id": exam_id, "student_ids": list(student_ids)}
        return self._order(tx, asker, NOTES, payload, tier, trace, exam_subject(exam_id))

    def export_scores(
        self, tx: Transaction, asker: Asker, class_id: str, tier: str = "", trace: str = ""
    ) -> Job:
        """Have the scores of a class written as a spreadsheet. Raises NotFound, Refused."""
        managed_class(tx, asker, class_id)
        return self._order(tx, asker, SCORE_EXPORT, {"class_id": class_id}, tier, trace, f"class:{class_id}")

    def export_attendance(
        self,
        tx: Transaction,
        asker: Asker,
        class_id: str,
        since: date | None = None,
        until: date | None = None,
        tier: str = "",
        trace: str = "",
    ) -> Job:
        """Have the attendance of a class written as a spreadsheet, both days included.

        Raises NotFound, FieldsRefused (until), Refused.
        """
        managed_class(tx, asker, class_id)
        if since and until and until < since:
            raise FieldsRefused([Fault(("until",), refusals.DAYS_TURNED)])
        payload = {"class_id": class_id, "since": since, "until": until}
        return self._order(tx, asker, ATTENDANCE_EXPORT, payload, tier, trace, f"class:{class_id}")

    def preview_roster(
        self,
        tx: Transaction,
        asker: Asker,
        document_id: str,
        sheet: str = "",
        tier: str = "",
        trace: str = "",
    ) -> Job:
        """Have a document of purpose ROSTER looked through; nobody is changed.

        Raises NotFound, FieldsRefused (document_id), Conflict (`document_not_ready`), Refused.
        """
        managed_document(tx, asker, document_id, DocumentPurpose.ROSTER, ("document_id",))
        payload = {"document_id": document_id, "sheet": sheet}
        return self._order(tx, asker, ROSTER_PREVIEW, payload, tier, trace, f"document:{document_id}")

    def apply_roster(
        self,
        tx: Transaction,
        asker: Asker,
        document_id: str,
        digest: str,
        choice: Mapping[str, Any],
        tier: str = "",
        trace: str = "",
    ) -> Job:
        """Have the rows of a previewed roster taken, all or none; `choice` as RosterChoice.

        Raises NotFound, FieldsRefused (document_id), Conflict (`roster_applied`, `document_not_ready`), Refused.
        """
        try:
            managed_document(tx, asker, document_id, DocumentPurpose.ROSTER, ("document_id",))
        except NotFound:
            if asker.manages and was_applied(tx, asker.tenant_id, document_id):
                raise Conflict(ROSTER_APPLIED) from None
            raise
        payload = {"document_id": document_id, "digest": digest, "choice": choice}
        return self._order(tx, asker, ROSTER_APPLY, payload, tier, trace, f"document:{document_id}")

    def order(
        self,
        tx: Transaction,
        tenant_id: str,
        type_name: str,
        payload: Mapping[str, Any],
        tier: str = "",
        trace: str = "",
        key: str = "",
        subject: str = "",
    ) -> Job:
        """Order a job of any type that has tiers; a second call with the same `key` returns the first job.

        `key` "" is a fresh one. Raises Refused: `job_type_unknown`, `tier_not_allowed`, `payload_invalid`,
        and what `check_order` refuses.
        """
        return self._orders.order(
            tx, tenant_id, type_name, payload, tier=tier, trace=trace, key=key, subject=subject
        )

    def _order(
        self,
        tx: Transaction,
        asker: Asker,
        type_name: str,
        payload: Mapping[str, Any],
        tier: str,
        trace: str,
        subject: str,
    ) -> Job:
        return self.order(tx, asker.tenant_id, type_name, payload, tier, trace, subject=subject)

    def _check_students(
        self, tx: Transaction, asker: Asker, exam_id: str, student_ids: Sequence[str]
    ) -> None:
        roster = exam_roster(tx, asker.tenant_id, managed_exam(tx, asker, exam_id))
        if not (student_ids or roster.expected):
            raise Refused(refusals.NO_STUDENTS)
        form = Form()
        form.students_once({("student_ids", at): each for at, each in enumerate(student_ids)})
        for at, each in enumerate(student_ids):
            if each not in roster.students:
                form.refuse(("student_ids", at), refusals.NOT_ON_ROSTER)
        form.check()
