"""Port: people, classes, lectures, attendance, exams and scores within a transaction (ACA-1).

Every row is one academy's, and every method finds nothing of another's. Times are the database's: `created_at` and `updated_at` of what is
given are not looked at. Lists are in the order of names, people and classes that are not active left out unless asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from academy.application.ports.page import Page
from academy.domain.academics.people import Parent, ParentOf, Relation, Student
from academy.domain.academics.teaching import (
    Attendance,
    Enrolment,
    Exam,
    Lecture,
    SchoolClass,
    Score,
    Session,
)

__all__ = ["NameTaken", "PeopleFilter", "PeopleRepository", "TeachingRepository"]


class NameTaken(Exception):
    """Another row of the academy has what must be unique; `field` names it: "identifier", "phone", "name", "number"; nothing has changed."""

    def __init__(self, field: str, ids: Sequence[str] = ()) -> None:
        super().__init__(field)
        self.field = field
        self.ids = tuple(ids)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which students to list; None means any.

    Attributes:
        text: part of a name, or digits of a phone number or identifier.
        class_id: enrolled there today.
        account: the login that is the student, or a parent of theirs.
    """

    text: str | None = None
    class_id: str | None = None
    account: str | None = None
    active_only: bool = True


class PeopleRepository(Protocol):
    """Students and parents."""

    def add_students(self, students: Sequence[Student]) -> None:
        """Insert students, all or none, in one statement. Raises NameTaken with the ids of the students given whose identifier is taken."""
        ...

    def student(self, tenant_id: str, student_id: str, *, lock: bool = False) -> Student | None:
        """Return a student or None, active or not; `lock` keeps the row until the transaction ends."""
        ...

    def students(self, tenant_id: str, where: PeopleFilter, cursor: str, limit: int) -> Page[Student]:
        """Return students by name; a cursor that is not ours raises ValueError."""
        ...

    def by_ids(self, tenant_id: str, student_ids: Sequence[str]) -> Mapping[str, Student]:
        """Return students by id, active or not."""
        ...

    def by_identifiers(self, tenant_id: str, identifiers: Sequence[str]) -> Mapping[str, Student]:
        """Return students by identifier, active or not."""
        ...

    def save_student(self, student: Student) -> None:
        """Write every field of a student. Raises NameTaken."""
        ...

    def add_parents(self, parents: Sequence[Parent]) -> Mapping[str, Parent]:
        """Insert parents whose phone the academy does not know yet; return all of them by phone, as they are stored."""
        ...

    def save_parent(self, parent: Parent) -> None:
        """Write every field of a parent. Raises NameTaken."""
        ...

    def parent(self, tenant_id: str, parent_id: str, *, lock: bool = False) -> Parent | None:
        """Return a parent or None; `lock` keeps the row until the transaction ends."""
        ...

    def link(self, tenant_id: str, links: Sequence[tuple[str, str, Relation]]) -> None:
        """Make (student id, parent id, relation) belong together; again changes the relation."""
        ...

    def unlink(self, tenant_id: str, student_id: str, parent_id: str) -> bool:
        """Take them apart; a parent without students is removed. Return whether they belonged together."""
        ...

    def parents_of(self, tenant_id: str, student_ids: Sequence[str]) -> Sequence[ParentOf]:
        """Return the parents of students, by student and name."""
        ...


class TeachingRepository(Protocol):
    """Classes, enrolments, lectures, sessions, attendance, exams, scores."""

    def add_class(self, given: SchoolClass) -> None:
        """Insert a class. Raises NameTaken."""
        ...

    def school_class(self, tenant_id: str, class_id: str, *, lock: bool = False) -> SchoolClass | None:
        """Return a class or None, active or not; `lock` keeps the row until the transaction ends."""
        ...

    def classes(
        self, tenant_id: str, cursor: str, limit: int, *, active_only: bool = True
    ) -> Page[SchoolClass]:
        """Return classes by name; a cursor that is not ours raises ValueError."""
        ...

    def classes_of(self, tenant_id: str, student_ids: Sequence[str], on: date) -> Sequence[SchoolClass]:
        """Return the active classes that one of these students, active or not, is in on a day, by name."""
        ...

    def save_class(self, given: SchoolClass) -> None:
        """Write every field of a class. Raises NameTaken."""
        ...

    def enrol(self, tenant_id: str, class_id: str, student_ids: Sequence[str], since: date) -> None:
        """Enrol students of the academy; one who is enrolled stays so since the earlier day, one who had left comes back from `since`."""
        ...

    def leave(self, tenant_id: str, class_id: str, student_ids: Sequence[str], until: date) -> None:
        """End enrolments; one that never began before `until` is removed."""
        ...

    def enrolments(
        self, tenant_id: str, class_id: str, on: date, *, active_only: bool = True
    ) -> Sequence[Enrolment]:
        """Return who is in a class on a day, by student id."""
        ...

    def add_lecture(self, lecture: Lecture) -> None:
        """Insert a lecture. Raises ValueError when the academy has no such class."""
        ...

    def lecture(self, tenant_id: str, lecture_id: str, *, lock: bool = False) -> Lecture | None:
        """Return a lecture or None; `lock` keeps the row until the transaction ends."""
        ...

    def lectures(self, tenant_id: str, class_id: str, cursor: str, limit: int) -> Page[Lecture]:
        """Return lectures of a class ("": of all) by title; a cursor that is not ours raises ValueError."""
        ...

    def save_lecture(self, lecture: Lecture) -> None:
        """Write every field of a lecture."""
        ...

    def add_session(self, session: Session) -> None:
        """Insert a session. Raises NameTaken for its number, ValueError when the academy has no such lecture."""
        ...

    def session(self, tenant_id: str, session_id: str, *, lock: bool = False) -> Session | None:
        """Return a session or None; `lock` keeps the row until the transaction ends."""
        ...

    def sessions(self, tenant_id: str, lecture_id: str) -> Sequence[Session]:
        """Return the sessions of a lecture by number."""
        ...

    def save_session(self, session: Session) -> None:
        """Write every field of a session. Raises NameTaken."""
        ...

    def note_attendance(self, tenant_id: str, notes: Sequence[Attendance]) -> None:
        """Write who came, over what was noted before."""
        ...

    def attendance(self, tenant_id: str, session_id: str) -> Sequence[Attendance]:
        """Return who came to a session, by student id."""
        ...

    def add_exam(self, exam: Exam) -> None:
        """Insert an exam. Raises ValueError when the academy has no such class."""
        ...

    def exam(self, tenant_id: str, exam_id: str, *, lock: bool = False) -> Exam | None:
        """Return an exam or None; `lock` keeps the row until the transaction ends."""
        ...

    def exams(self, tenant_id: str, class_id: str, cursor: str, limit: int) -> Page[Exam]:
        """Return exams of a class ("": of all), newest first; a cursor that is not ours raises ValueError."""
        ...

    def save_exam(self, exam: Exam) -> None:
        """Write every field of an exam."""
        ...

    def note_scores(self, tenant_id: str, scores: Sequence[Score]) -> None:
        """Write scores, over those noted before."""
        ...

    def remove_scores(self, tenant_id: str, exam_id: str, student_ids: Sequence[str]) -> None:
        """Delete the scores of some students; one who has none is no error."""
        ...

    def scores(self, tenant_id: str, exam_id: str) -> Sequence[Score]:
        """Return the scores of an exam, by student id."""
        ...

    def scores_of(self, tenant_id: str, student_id: str, limit: int) -> Sequence[tuple[Exam, Score]]:
        """Return what a student scored, newest exam first."""
        ...
