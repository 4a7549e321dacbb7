"""Classes, who is in them, what is taught there, who came, and how exams went."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

__all__ = [
    "Attendance",
    "AttendanceStatus",
    "Enrolment",
    "Exam",
    "Lecture",
    "SchoolClass",
    "Score",
    "Session",
    "score_problem",
]


class AttendanceStatus(StrEnum):
    """Whether a student came."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A group of students who are taught together (반); its name is unique in the academy."""

    id: str
    tenant_id: str
    name: str
    subject: str
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A student in a class from `since` on, up to and without `until` (None: still there)."""

    class_id: str
    student_id: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Lecture:
    """A course that a class is taught (강의)."""

    id: str
    tenant_id: str
    class_id: str
    title: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting of a lecture (차시); `number` counts from 1 and is unique in its lecture."""

    id: str
    tenant_id: str
    lecture_id: str
    number: int
    title: str
    held_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether a student came to a session; `by` is who noted it (viewer id)."""

    session_id: str
    student_id: str
    status: AttendanceStatus
    note: str
    by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam that a class takes; `max_score` is more than zero."""

    id: str
    tenant_id: str
    class_id: str
    title: str
    held_on: date | None
    max_score: float
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """How a student did in an exam; `score` is None exactly for one who was absent."""

    exam_id: str
    student_id: str
    score: float | None
    by: str
    updated_at: datetime


def score_problem(score: float | None, max_score: float) -> str:
    """Return the code of what is wrong with a score, "" for nothing; None (absent) is right."""
    if score is None or 0 <= score <= max_score:
        return ""
    return "score_out_of_range"
