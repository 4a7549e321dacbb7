"""Attendance and scores of a class as sheets (XLS-1), row by row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from operator import attrgetter

from academy.application.academics.asker import Asker, find_class
from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.page import every
from academy.application.ports.spreadsheets import ColumnKind, SheetColumn, SheetTable, Value
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import AttendanceStatus, Exam, Session
from academy.domain.korea import korean_day

__all__ = ["SYMBOLS", "attendance_sheet", "class_attendance_sheet", "scores_sheet"]

SYMBOLS: Mapping[AttendanceStatus, str] = {
    AttendanceStatus.PRESENT: "○",
    AttendanceStatus.LATE: "△",
    AttendanceStatus.LEFT_EARLY: "▽",
    AttendanceStatus.ABSENT: "×",
    AttendanceStatus.EXCUSED: "공",
}
"""One sign for each status, as registers have them; the heading of its count says what it means."""
_COUNTS = {
    AttendanceStatus.PRESENT: "출석 ○",
    AttendanceStatus.LATE: "지각 △",
    AttendanceStatus.LEFT_EARLY: "조퇴 ▽",
    AttendanceStatus.ABSENT: "결석 ×",
    AttendanceStatus.EXCUSED: "공결 공",
}
_ABSENT = "결시"
_NO_SESSIONS = "출석을 기록할 차시가 없습니다."
_STUDENT = (
    SheetColumn("번호", ColumnKind.INTEGER, 6),
    SheetColumn("이름", ColumnKind.TEXT, 12),
    SheetColumn("학교", ColumnKind.TEXT, 14),
    SheetColumn("학년", ColumnKind.CENTRED, 8),
)
_FROZEN = 2
_EQUAL = 1e-9
"""Averages no further apart than this are the same: they are sums of decimal fractions."""


def attendance_sheet(
    tx: Transaction, asker: Asker, lecture_id: str
) -> tuple[SheetTable, Iterator[Sequence[Value]]]:
    """Return the register of a lecture: a row for each student, a sign for each session, then how often each sign stands there.

    For those who manage; raises NotFound. The rows are made while they are read.
    """
    lecture = tx.teaching.lecture(asker.tenant_id, lecture_id) if asker.manages else None
    if lecture is None:
        raise NotFound("lecture")
    sessions = [
        (_session_label(session), session) for session in tx.teaching.sessions(asker.tenant_id, lecture_id)
    ]
    return _register(tx, asker, lecture.class_id, f"{lecture.title} 출석부", sessions)


def class_attendance_sheet(
    tx: Transaction, asker: Asker, class_id: str, since: date | None = None, until: date | None = None
) -> tuple[SheetTable, Iterator[Sequence[Value]]]:
    """Return the register of a class: as that of a lecture, with the sessions of every lecture, lecture by lecture.

    Where days are given it has the sessions held from `since` to `until`, both included. For those who manage; raises NotFound.
    """
    if not asker.manages:
        raise NotFound("class")
    given = find_class(tx, asker, class_id)
    lectures = every(partial(tx.teaching.lectures, asker.tenant_id, class_id))
    sessions = [
        (f"{lecture.title}\n{_session_label(session)}", session)
        for lecture in lectures
        for session in tx.teaching.sessions(asker.tenant_id, lecture.id)
        if _held_between(session, since, until)
    ]
    return _register(tx, asker, class_id, f"{given.name} 출석부", sessions)


def _held_between(session: Session, since: date | None, until: date | None) -> bool:
    if since is None and until is None:
        return True
    if session.held_at is None:
        return False
    return (since or date.min) <= korean_day(session.held_at) <= (until or date.max)


def _register(
    tx: Transaction, asker: Asker, class_id: str, title: str, sessions: Sequence[tuple[str, Session]]
) -> tuple[SheetTable, Iterator[Sequence[Value]]]:
    noted = {
        (each.student_id, session.id): each.status
        for _, session in sessions
        for each in tx.teaching.attendance(asker.tenant_id, session.id)
    }
    columns = [
        *_STUDENT,
        *(SheetColumn(label, ColumnKind.CENTRED, 8) for label, _ in sessions),
        *(SheetColumn(label, ColumnKind.INTEGER, 8) for label in _COUNTS.values()),
        SheetColumn("출석률", ColumnKind.PERCENT, 9),
    ]
    students = _students(tx, asker, class_id, {student_id for student_id, _ in noted})
    table = SheetTable("출석부", title, columns, _FROZEN, tx.now())
    if not sessions:
        return table, _nobody_could_come(students, len(columns))
    return table, (
        (*_who(number, student), *_came([noted.get((student.id, session.id)) for _, session in sessions]))
        for number, student in enumerate(students, 1)
    )


def _nobody_could_come(students: Sequence[Student], width: int) -> Iterator[Sequence[Value]]:
    """Yield the register of no session: nothing is counted, for 0 would say that somebody did not come."""
    for number, student in enumerate(students, 1):
        yield (*_who(number, student), *[None] * (width - len(_STUDENT)))
    yield (None, _NO_SESSIONS, *[None] * (width - 2))


def scores_sheet(
    tx: Transaction, asker: Asker, class_id: str
) -> tuple[SheetTable, Iterator[Sequence[Value]]]:
    """Return the scores of a class: a row for each student, a column for each exam from the oldest on, the average in percent.

    An average counts what was scored of what could be, over the exams that the student sat, and those who have one are ranked by it,
    equals alike; the last row holds the averages of the exams, and that of the averages. For those who manage; raises NotFound.
    """
    if not asker.manages:
        raise NotFound("class")
    given = find_class(tx, asker, class_id)
    found = every(partial(tx.teaching.exams, asker.tenant_id, class_id))
    exams = sorted(found, key=lambda exam: (exam.held_on or date.max, exam.created_at, exam.id))
    noted = {
        (each.student_id, exam.id): each.score
        for exam in exams
        for each in tx.teaching.scores(asker.tenant_id, exam.id)
    }
    columns = [
        *_STUDENT,
        *(SheetColumn(_exam_label(exam), ColumnKind.DECIMAL, 12) for exam in exams),
        SheetColumn("평균(%)", ColumnKind.PERCENT, 10),
        SheetColumn("등수", ColumnKind.INTEGER, 6),
    ]
    students = _students(tx, asker, class_id, {student_id for student_id, _ in noted})
    table = SheetTable("성적", f"{given.name} 성적표", columns, _FROZEN, tx.now())
    return table, _score_rows(students, exams, noted)


def _score_rows(
    students: Sequence[Student], exams: Sequence[Exam], noted: Mapping[tuple[str, str], float | None]
) -> Iterator[Sequence[Value]]:
    averages = [_share(noted, student.id, exams) for student in students]
    known = [each for each in averages if each is not None]
    for number, (student, average) in enumerate(zip(students, averages, strict=True), 1):
        rank = None if average is None else 1 + sum(other > average + _EQUAL for other in known)
        scores = (_score(noted, student.id, exam.id) for exam in exams)
        yield (*_who(number, student), *scores, average, rank)
    if students and exams:
        mean = sum(known) / len(known) if known else None
        yield (None, "평균", None, None, *(_average(noted, exam.id) for exam in exams), mean, None)


def _share(
    noted: Mapping[tuple[str, str], float | None], student_id: str, exams: Sequence[Exam]
) -> float | None:
    """Return what a student scored of what could be, None for one who sat no exam."""
    sat = [exam for exam in exams if noted.get((student_id, exam.id)) is not None]
    total = sum(noted[student_id, exam.id] or 0.0 for exam in sat)
    return total / sum(exam.max_score for exam in sat) if sat else None


def _score(noted: Mapping[tuple[str, str], float | None], student_id: str, exam_id: str) -> Value:
    if (student_id, exam_id) not in noted:
        return None
    score = noted[student_id, exam_id]
    return _ABSENT if score is None else score


def _average(noted: Mapping[tuple[str, str], float | None], exam_id: str) -> float | None:
    scores = [score for (_, each), score in noted.items() if each == exam_id and score is not None]
    return sum(scores) / len(scores) if scores else None


def _came(statuses: Sequence[AttendanceStatus | None]) -> tuple[Value, ...]:
    signs = [SYMBOLS[status] if status else None for status in statuses]
    counts = [sum(1 for status in statuses if status is each) for each in _COUNTS]
    due = sum(1 for status in statuses if status and status is not AttendanceStatus.EXCUSED)
    missed = sum(1 for status in statuses if status is AttendanceStatus.ABSENT)
    return (*signs, *counts, (due - missed) / due if due else None)


def _who(number: int, student: Student) -> tuple[Value, ...]:
    return number, student.name, student.school, student.grade


def _students(tx: Transaction, asker: Asker, class_id: str, noted: set[str]) -> Sequence[Student]:
    """Return those who are in a class today and those of whom something is noted, by name."""
    enrolled = tx.teaching.enrolments(asker.tenant_id, class_id, korean_day(tx.now()))
    ids = {each.student_id for each in enrolled} | noted
    return sorted(tx.people.by_ids(asker.tenant_id, sorted(ids)).values(), key=attrgetter("name", "id"))


def _session_label(session: Session) -> str:
    return (
        f"{session.number}차시\n{korean_day(session.held_at):%m/%d}"
        if session.held_at
        else f"{session.number}차시"
    )


def _exam_label(exam: Exam) -> str:
    return f"{exam.title}\n({exam.max_score:g}점)"
