"""What the tests of people and classes share."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from tests.contract.database.conftest import Place

from academy.application.ports.academics import NameTaken, PeopleFilter, TeachingRepository
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.domain.academics.people import Parent, ParentOf, Relation, Student
from academy.domain.academics.teaching import Exam, Lecture, SchoolClass, Session
from academy.infrastructure.sql.database import SqlDatabase

T = TypeVar("T")
Row = TypeVar("Row", Student, Parent, SchoolClass, Lecture, Session, Exam)
UNREAD = datetime(2001, 1, 1, tzinfo=UTC)
"""What the port does not look at: times are the database's."""


def student(student_id: str, identifier: str, tenant: str = "t1", **changes: object) -> Student:
    plain = Student(
        id=student_id,
        tenant_id=tenant,
        name=f"학생 {student_id}",
        phone="",
        identifier=identifier,
        school="한빛고",
        grade="2",
        note="",
        account="",
        active=True,
        created_at=UNREAD,
        updated_at=UNREAD,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def parent(parent_id: str, phone: str, tenant: str = "t1", **changes: object) -> Parent:
    plain = Parent(parent_id, tenant, f"보호자 {parent_id}", phone, "", UNREAD, UNREAD)
    return replace(plain, **changes)  # type: ignore[arg-type]


def school_class(class_id: str, name: str, tenant: str = "t1", **changes: object) -> SchoolClass:
    plain = SchoolClass(class_id, tenant, name, "수학", True, UNREAD, UNREAD)
    return replace(plain, **changes)  # type: ignore[arg-type]


def lecture(lecture_id: str, title: str, tenant: str = "t1", class_id: str = "c1") -> Lecture:
    return Lecture(lecture_id, tenant, class_id, title, UNREAD, UNREAD)


def session(session_id: str, number: int, tenant: str = "t1", **changes: object) -> Session:
    plain = Session(session_id, tenant, "l1", number, f"{number}차시", None, UNREAD, UNREAD)
    return replace(plain, **changes)  # type: ignore[arg-type]


def exam(exam_id: str, tenant: str = "t1", **changes: object) -> Exam:
    plain = Exam(exam_id, tenant, "c1", "중간고사", None, 100.0, UNREAD, UNREAD)
    return replace(plain, **changes)  # type: ignore[arg-type]


def add_students(place: Place, *students: Student) -> None:
    place.database.run_sync(lambda tx: tx.people.add_students(students))


def add_parents(place: Place, *parents: Parent) -> dict[str, Parent]:
    return dict(place.database.run_sync(lambda tx: tx.people.add_parents(parents)))


def link(place: Place, *links: tuple[str, str, Relation], tenant: str = "t1") -> None:
    place.database.run_sync(lambda tx: tx.people.link(tenant, links))


def get_student(place: Place, student_id: str, tenant: str = "t1") -> Student | None:
    return place.database.read_sync(lambda tx: tx.people.student(tenant, student_id))


def get_parent(place: Place, parent_id: str, tenant: str = "t1") -> Parent | None:
    return place.database.read_sync(lambda tx: tx.people.parent(tenant, parent_id))


def listed(place: Place, tenant: str = "t1", **where: object) -> list[str]:
    """Return the ids of the students that a filter finds."""
    chosen = PeopleFilter(**where)  # type: ignore[arg-type]
    return [each.id for each in page(place, chosen, "", 100, tenant).items]


def page(place: Place, where: PeopleFilter, cursor: str, limit: int, tenant: str = "t1") -> Page[Student]:
    return place.database.read_sync(lambda tx: tx.people.students(tenant, where, cursor, limit))


def parents_of(place: Place, *student_ids: str, tenant: str = "t1") -> Sequence[ParentOf]:
    return place.database.read_sync(lambda tx: tx.people.parents_of(tenant, student_ids))


def do(place: Place, *works: Callable[[TeachingRepository], object]) -> None:
    """Carry out each in one transaction of its own."""
    for work in works:
        place.database.run_sync(lambda tx, work=work: work(tx.teaching))  # type: ignore[misc]


def see(place: Place, work: Callable[[TeachingRepository], T]) -> T:
    return place.database.read_sync(lambda tx: work(tx.teaching))


def school(place: Place) -> None:
    """Make academy t1 with a class, a lecture, a session, an exam and three students, and t2 with the same under other ids."""

    def students(tenant: str, *ids: str) -> list[Student]:
        return [
            Student(each, tenant, f"학생 {each}", "", f"{at:08}", "", "", "", "", True, UNREAD, UNREAD)
            for at, each in enumerate(ids)
        ]

    def work(tx: Transaction) -> None:
        tx.people.add_students(students("t1", "s1", "s2", "s3"))
        tx.people.add_students(students("t2", "o1", "o2"))
        for tenant, mark in (("t1", ""), ("t2", "o")):
            tx.teaching.add_class(school_class(f"{mark}c1", "고2 심화", tenant))
            tx.teaching.add_lecture(lecture(f"{mark}l1", "미적분", tenant, f"{mark}c1"))
            tx.teaching.add_session(session(f"{mark}n1", 1, tenant, lecture_id=f"{mark}l1"))
            tx.teaching.add_exam(exam(f"{mark}e1", tenant, class_id=f"{mark}c1"))

    place.database.run_sync(work)


def timeless(row: Row | None) -> Row:
    """Return a row, which must be there, with the times that it was given."""
    assert row is not None
    return replace(row, created_at=UNREAD, updated_at=UNREAD)


def at_once(place: Place, works: Sequence[Callable[[Transaction], object]]) -> list[object]:
    """Run each at the same moment, with connections of its own as another process has; return what each returned or found taken."""
    barrier = threading.Barrier(len(works))
    databases = [place.another() for _ in works]

    def one(database: SqlDatabase, work: Callable[[Transaction], object]) -> object:
        database.read_sync(lambda tx: tx.now())
        barrier.wait()
        try:
            return database.run_sync(work)
        except NameTaken as refused:
            return refused

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, databases, works))


def taken(answers: list[object]) -> list[str]:
    """Return what those who were refused found taken, in order."""
    return sorted(answer.field for answer in answers if isinstance(answer, NameTaken))
