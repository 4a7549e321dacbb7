"""What an exam is graded from: its sheet, its roster, the pages of its scans and what people decided (OMR-5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from academy.application.academics.asker import today
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam
from academy.domain.omr.decisions import Decision
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.scan import Scan

__all__ = ["ExamReadings", "Logs", "exam_roster", "read_exam"]

Logs = Mapping[tuple[str, int], Sequence[Decision]]
"""Decisions by (scan id, page number)."""


@dataclass(frozen=True, slots=True)
class ExamReadings:
    """What an exam is graded from.

    Attributes:
        scans: all of the exam, by number.
        roster: student ids by identifier.
        students: those of the roster, by id.
        pages: of the readings that count, by scan and page.
    """

    exam: Exam
    sheet: ExamSheet
    scans: tuple[Scan, ...]
    roster: Mapping[str, Sequence[str]]
    students: Mapping[str, Student]
    pages: tuple[tuple[Scan, ScanPage], ...]
    logs: Logs


def exam_roster(
    tx: Transaction, tenant_id: str, exam: Exam
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Student]]:
    """Return the student ids by identifier, and the students by id, of everybody who may have sat an exam.

    They are in its class on its day (today without one), or noted with a score already. Of an exam in the past those in the class today
    belong to it too, for they may sit it late, and who has left the academy since stays.
    """
    now = today(tx)
    day = exam.held_on or now
    past = day < now
    found = {
        each.student_id
        for each in tx.teaching.enrolments(tenant_id, exam.class_id, day, active_only=not past)
    }
    if past:
        found |= {each.student_id for each in tx.teaching.enrolments(tenant_id, exam.class_id, now)}
    found |= {each.student_id for each in tx.teaching.scores(tenant_id, exam.id)}
    students = tx.people.by_ids(tenant_id, sorted(found))
    roster: dict[str, list[str]] = {}
    for student in students.values():
        roster.setdefault(student.identifier, []).append(student.id)
    return roster, students


def read_exam(tx: Transaction, tenant_id: str, exam_id: str, *, lock: bool = False) -> ExamReadings | None:
    """Return what an exam is graded from, None as `graded_exam`; `lock` keeps the exam until the transaction ends."""
    exam = tx.teaching.exam(tenant_id, exam_id, lock=lock)
    sheet = None if exam is None else tx.exam_sheets.get(tenant_id, exam_id)
    if exam is None or sheet is None:
        return None
    scans = tuple(tx.scans.of_exam(tenant_id, exam_id))
    ids = [scan.id for scan in scans]
    pages = tx.scans.pages(tenant_id, ids)
    roster, students = exam_roster(tx, tenant_id, exam)
    return ExamReadings(
        exam,
        sheet,
        scans,
        roster,
        students,
        tuple((scan, page) for scan in scans for page in pages.get(scan.id, ())),
        tx.scans.decisions(tenant_id, ids),
    )
