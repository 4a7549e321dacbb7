"""Exams on paper follow the people: whoever joins a class, or has other digits, may be whose a page is (OMR-5)."""

from collections.abc import Collection

from academy.application.ai.grading import regrade
from academy.application.ports.database import Transaction

__all__ = ["ScoresFollow"]


class ScoresFollow:
    """Grades exams anew, in the transaction that changes on whom their pages match; a `RosterFollower`."""

    def people_changed(
        self,
        tx: Transaction,
        tenant_id: str,
        *,
        class_ids: Collection[str] = (),
        student_ids: Collection[str] = (),
    ) -> None:
        """Grade the exams anew that have pages, of these classes and of those that the students are or were in.

        Exams are taken by id, so that two changes at once never wait for each other in a circle.
        """
        for exam_id in tx.scans.exams_read(tenant_id, sorted(class_ids), sorted(student_ids)):
            regrade(tx, tenant_id, exam_id)

    def exam_changed(self, tx: Transaction, tenant_id: str, exam_id: str) -> None:
        """Grade an exam anew, if it has a sheet."""
        regrade(tx, tenant_id, exam_id)
