"""What follows from who is in which class, and under which identifier: the scores of exams on paper (OMR-5)."""

from collections.abc import Collection
from typing import Protocol

from academy.application.ports.database import Transaction

__all__ = ["RosterFollower"]


class RosterFollower(Protocol):
    """Called in the transaction of every change that decides whose a page of an exam is, once the change is written."""

    def people_changed(
        self,
        tx: Transaction,
        tenant_id: str,
        *,
        class_ids: Collection[str] = (),
        student_ids: Collection[str] = (),
    ) -> None:
        """Let what was computed follow: these classes have other members, these students another identifier or state."""
        ...

    def exam_changed(self, tx: Transaction, tenant_id: str, exam_id: str) -> None:
        """Let what was computed follow: this exam is held on another day, or counts to another maximum."""
        ...
