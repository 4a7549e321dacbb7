"""What an exam is graded from: its sheet, its roster, the pages of its scans and what people decided (OMR-5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from academy.application.academics.asker import today
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam
from academy.domain.omr.decisions import Decision
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.scan import Scan

__all__ = ["ExamReadings", "ExamRoster", "Logs", "exam_roster", "read_exam"]

Logs = Mapping[tuple[str, int], Sequence[Decision]]
"""Decisions by (scan id, page number)."""


@dataclass(frozen=True, slots=True)
class ExamRoster:
    """Who belongs to an exam.

    Attributes:
        ids: student ids by identifier, of everybody whom a page may belong to.
        students: the same by id.
        expected: ids of those who are to sit it.
    """

    ids: Mapping[str, Sequence[str]]
    students: Mapping[str, Student]
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExamReadings:
    """What an exam is graded from.

    Attributes:
        scans: all of the exam, by number.
        roster, students, expected: as in ExamRoster.
        pages: of the readings that count, by scan and page.
    """

    exam: Exam
    sheet: ExamSheet
    scans: tuple[Scan, ...]
    roster: Mapping[str, Sequence[str]]
    students: Mapping[str, Student]
    expected: frozenset[str]
    pages: tuple[tuple[Scan, ScanPage], ...]
    logs: Logs


def exam_roster(tx: Transaction, tenant_id: str, exam: Exam) -> ExamRoster:
    """Return who is expected at an exam, and everybody whom a page of it may belong to.

    Expected are those in its class on its day (today without one), and those with a score already; of an exam in the past also who has
    left the academy since. Whoever came into the class later is not, but may sit it late, so a page may be theirs.
    """
    now = today(tx)
    day = exam.held_on or now
    past = day < now

    def members(on: date, *, active_only: bool = True) -> set[str]:
        found = tx.teaching.enrolments(tenant_id, exam.class_id, on, active_only=active_only)
        return {each.student_id for each in found}

    expected = members(day, active_only=not past)
    expected |= {each.student_id for each in tx.teaching.scores(tenant_id, exam.id)}
    # At the end of time are those who stay, though they may begin tomorrow: nothing has to be matched anew when that day comes.
    found = expected | members(date.max) | (members(now) if past else set())
    students = tx.people.by_ids(tenant_id, sorted(found))
    roster: dict[str, list[str]] = {}
    for student in students.values():
        roster.setdefault(student.identifier, []).append(student.id)
    return ExamRoster(roster, students, frozenset(expected & students.keys()))


def read_exam(tx: Transaction, tenant_id: str, exam_id: str, *, lock: bool = False) -> ExamReadings | None:
    """Return what an exam is graded from, None as `graded_exam`; `lock` keeps the exam until the transaction ends."""
    exam = tx.teaching.exam(tenant_id, exam_id, lock=lock)
    sheet = None if exam is None else tx.exam_sheets.get(tenant_id, exam_id)
    if exam is None or sheet is None:
        return None
    scans = tuple(tx.scans.of_exam(tenant_id, exam_id))
    ids = [scan.id for scan in scans]
    pages = tx.scans.pages(tenant_id, ids)
    roster = exam_roster(tx, tenant_id, exam)
    return ExamReadings(
        exam,
        sheet,
        scans,
        roster.ids,
        roster.students,
        roster.expected,
        tuple((scan, page) for scan in scans for page in pages.get(scan.id, ())),
        tx.scans.decisions(tenant_id, ids),
    )
