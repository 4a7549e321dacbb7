"""Students and parents."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Select,
    delete,
    exists,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from academy.application.ports.academics import NameTaken, PeopleFilter
from academy.application.ports.page import Page
from academy.domain.academics.people import Parent, ParentOf, Relation, Student
from academy.domain.phone import PhoneInvalid, mobile
from academy.infrastructure.sql.columns import SQLITE_NOW, now, row_now
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.names import page_by_name, save_unless_taken
from academy.infrastructure.sql.tables_academics import enrolments, parents, student_parents, students

__all__ = ["SqlPeopleRepository"]

_TIMES = ("created_at", "updated_at")
_STUDENT = tuple(name for name in students.columns.keys() if name not in _TIMES)  # noqa: SIM118 (columns iterate as columns)
_PARENT = tuple(name for name in parents.columns.keys() if name not in _TIMES)  # noqa: SIM118
_STUDENT_TYPES = {name: "boolean" if name == "active" else "text" for name in _STUDENT}
_PARENT_TYPES = dict.fromkeys(_PARENT, "text")
_SEPARATORS = str.maketrans("", "", " -.()+")


class SqlPeopleRepository:
    """`PeopleRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def add_students(self, new: Sequence[Student]) -> None:
        """Insert students, all or none, in one statement. Raises NameTaken with the ids of the students given whose identifier is taken."""
        # Sorted, here and below, so that two batches with the same rows never wait for each other in a circle.
        in_order = sorted(new, key=attrgetter("tenant_id", "identifier"))
        given = given_rows(self._connection, [_cells(each, _STUDENT) for each in in_order], **_STUDENT_TYPES)
        values = select(*(given.c[name] for name in _STUDENT), now(), now()).where(true())
        insert = self._insert(students).from_select([*_STUDENT, *_TIMES], values.order_by(given.c.n))
        free = insert.on_conflict_do_nothing(index_elements=["tenant_id", "identifier"])
        made = set(self._connection.scalars(free.returning(students.c.id)))
        taken = [each.id for each in new if each.id not in made]
        if taken:
            self._connection.execute(delete(students).where(students.c.id.in_(self._ids(made))))
            raise NameTaken("identifier", taken)

    def student(self, tenant_id: str, student_id: str, *, lock: bool = False) -> Student | None:
        """Return a student or None, active or not; `lock` keeps the row until the transaction ends."""
        query = select(students).where(students.c.tenant_id == tenant_id, students.c.id == student_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _student(row)

    def students(self, tenant_id: str, where: PeopleFilter, cursor: str, limit: int) -> Page[Student]:
        """Return students by name; a cursor that is not ours raises ValueError."""
        query = select(students).where(students.c.tenant_id == tenant_id)
        if where.active_only:
            query = query.where(students.c.active)
        if where.text is not None:
            query = query.where(_like(tenant_id, where.text.strip()))
        if where.class_id is not None:
            query = query.where(students.c.id.in_(_there_today(tenant_id, where.class_id)))
        if where.account is not None:
            query = query.where(students.c.id.in_(_of_account(tenant_id, where.account)))
        name = students.c.name
        return page_by_name(self._connection, query, name, cursor, limit, _student)

    def by_ids(self, tenant_id: str, student_ids: Sequence[str]) -> Mapping[str, Student]:
        """Return students by id, active or not."""
        wanted = students.c.id.in_(self._ids(student_ids))
        query = select(students).where(students.c.tenant_id == tenant_id, wanted)
        found = (_student(row) for row in self._connection.execute(query))
        return {student.id: student for student in found}

    def by_identifiers(self, tenant_id: str, identifiers: Sequence[str]) -> Mapping[str, Student]:
        """Return students by identifier, active or not."""
        wanted = students.c.identifier.in_(self._ids(identifiers))
        query = select(students).where(students.c.tenant_id == tenant_id, wanted)
        found = (_student(row) for row in self._connection.execute(query))
        return {student.identifier: student for student in found}

    def save_student(self, student: Student) -> None:
        """Write every field of a student. Raises NameTaken."""
        mine = (students.c.tenant_id == student.tenant_id) & (students.c.id == student.id)
        fields = {name: getattr(student, name) for name in _STUDENT}
        change = update(students).where(mine).values(**fields, updated_at=row_now())
        same = (students.c.tenant_id == student.tenant_id) & (students.c.identifier == student.identifier)
        others = same & (students.c.id != student.id)
        save_unless_taken(self._connection, change, students.c.identifier, student.id, others)

    def add_parents(self, new: Sequence[Parent]) -> Mapping[str, Parent]:
        """Insert parents whose phone the academy does not know yet; return all of them by phone, as they are stored."""
        by_phone = {(each.tenant_id, each.phone): each for each in reversed(new)}
        rows = [_cells(each, _PARENT) for _, each in sorted(by_phone.items(), key=lambda item: item[0])]
        given = given_rows(self._connection, rows, **_PARENT_TYPES)
        values = select(*(given.c[name] for name in _PARENT), now(), now()).where(true())
        insert = self._insert(parents).from_select([*_PARENT, *_TIMES], values.order_by(given.c.n))
        # Written as they stand: they are returned, and nobody removes them before this transaction ends.
        all_of_them = insert.on_conflict_do_update(
            index_elements=["tenant_id", "phone"], set_={"updated_at": parents.c.updated_at}
        )
        stored = [Parent(*row) for row in self._connection.execute(all_of_them.returning(*parents.c))]
        return {parent.phone: parent for parent in stored}

    def save_parent(self, parent: Parent) -> None:
        """Write every field of a parent. Raises NameTaken."""
        mine = (parents.c.tenant_id == parent.tenant_id) & (parents.c.id == parent.id)
        fields = {name: getattr(parent, name) for name in _PARENT}
        change = update(parents).where(mine).values(**fields, updated_at=row_now())
        same = (parents.c.tenant_id == parent.tenant_id) & (parents.c.phone == parent.phone)
        others = same & (parents.c.id != parent.id)
        save_unless_taken(self._connection, change, parents.c.phone, parent.id, others)

    def parent(self, tenant_id: str, parent_id: str, *, lock: bool = False) -> Parent | None:
        """Return a parent or None; `lock` keeps the row until the transaction ends."""
        query = select(parents).where(parents.c.tenant_id == tenant_id, parents.c.id == parent_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Parent(*row)

    def link(self, tenant_id: str, links: Sequence[tuple[str, str, Relation]]) -> None:
        """Make (student id, parent id, relation) belong together; again changes the relation. Ids of others are left out."""
        last = {(student_id, parent_id): relation.value for student_id, parent_id, relation in links}
        rows = [[*pair, relation] for pair, relation in sorted(last.items())]
        given = given_rows(self._connection, rows, student_id="text", parent_id="text", relation="text")
        ours = select(parents.c.tenant_id, students.c.id, parents.c.id, given.c.relation).where(
            students.c.id == given.c.student_id,
            students.c.tenant_id == tenant_id,
            parents.c.id == given.c.parent_id,
            parents.c.tenant_id == tenant_id,
        )
        # Held, so that `unlink` does not remove a parent who is just being given a student.
        ours = ours.order_by(given.c.n).with_for_update(read=True, key_share=True, of=parents)
        insert = self._insert(student_parents).from_select(list(student_parents.c.keys()), ours)
        pair = ["student_id", "parent_id"]
        set_ = {"relation": insert.excluded.relation}
        self._connection.execute(insert.on_conflict_do_update(index_elements=pair, set_=set_))

    def unlink(self, tenant_id: str, student_id: str, parent_id: str) -> bool:
        """Take them apart; a parent without students is removed. Return whether they belonged together."""
        link = (student_parents.c.student_id == student_id) & (student_parents.c.parent_id == parent_id)
        ours = student_parents.c.tenant_id == tenant_id
        parted = delete(student_parents).where(link, ours).returning(student_parents.c.parent_id)
        if self._connection.execute(parted).one_or_none() is None:
            return False
        mine = (parents.c.tenant_id == tenant_id) & (parents.c.id == parent_id)
        # Locked first: only a statement begun afterwards sees the students whom others gave or took meanwhile.
        self._connection.execute(select(parents.c.id).where(mine).with_for_update())
        left = exists().where(student_parents.c.parent_id == parent_id)
        self._connection.execute(delete(parents).where(mine, ~left))
        return True

    def parents_of(self, tenant_id: str, student_ids: Sequence[str]) -> Sequence[ParentOf]:
        """Return the parents of students, by student and name."""
        link = student_parents.c
        query = select(link.student_id, link.relation, *parents.c).where(
            link.tenant_id == tenant_id,
            link.student_id.in_(self._ids(student_ids)),
            parents.c.id == link.parent_id,
            parents.c.tenant_id == tenant_id,
        )
        in_order = query.order_by(link.student_id, parents.c.name, parents.c.id)
        return [ParentOf(row[0], Parent(*row[2:]), row[1]) for row in self._connection.execute(in_order)]

    def _ids(self, ids: Sequence[str] | set[str]) -> Select[Any]:
        return select(given_rows(self._connection, [[each] for each in ids], id="text").c.id)


class _today(FunctionElement[date]):  # noqa: N801 (reads as the SQL function it is)
    """The day it is in Korea (UTC+9 all year round) by the database's time."""

    name = "academy_today"
    inherit_cache = True
    type = Date()


@compiles(_today, "sqlite")
def _sqlite_today(*_: object, **__: object) -> str:
    return f"date({SQLITE_NOW} / 1000, 'unixepoch', '+9 hours')"


@compiles(_today, "postgresql")
def _postgresql_today(*_: object, **__: object) -> str:
    return "CAST(statement_timestamp() AT TIME ZONE INTERVAL '9 hours' AS date)"


def _student(row: Sequence[Any]) -> Student:
    return Student(*row)


def _cells(one: Student | Parent, names: Sequence[str]) -> list[Any]:
    return [getattr(one, name) for name in names]


def _like(tenant_id: str, words: str) -> ColumnElement[bool]:
    """Return the condition for students whose name has these words, or who or whose parents have these digits."""
    named = students.c.name.icontains(words, autoescape=True)
    digits = _digits(words)
    if not digits:
        return named
    own = students.c.phone.contains(digits), students.c.identifier.contains(digits)
    link = student_parents.c
    theirs = select(link.student_id).where(
        link.tenant_id == tenant_id,
        link.parent_id == parents.c.id,
        parents.c.tenant_id == tenant_id,
        parents.c.phone.contains(digits),
    )
    return or_(named, *own, students.c.id.in_(theirs))


def _digits(words: str) -> str:
    """Return the digits of what may be a number or a part of one, however it is written; "" for other words."""
    try:
        return mobile(words)
    except PhoneInvalid:
        part = unicodedata.normalize("NFKC", words).translate(_SEPARATORS)
        return part if part.isascii() and part.isdigit() else ""


def _there_today(tenant_id: str, class_id: str) -> Select[Any]:
    """Return a query for the ids of students who are in a class today."""
    here = enrolments.c
    begun, not_over = here.since <= _today(), or_(here.until.is_(None), here.until > _today())
    return select(here.student_id).where(
        here.tenant_id == tenant_id, here.class_id == class_id, begun, not_over
    )


def _of_account(tenant_id: str, account: str) -> CompoundSelect[Any]:
    """Return a query for the ids of students who are the login, or a child of the parent who is; none for ""."""
    link = student_parents.c
    # Written out, not bound: the partial indexes on accounts are only recognised by their literal conditions.
    themselves = select(students.c.id).where(
        students.c.tenant_id == tenant_id, students.c.account == account, text("students.account != ''")
    )
    children = select(link.student_id).where(
        link.tenant_id == tenant_id,
        link.parent_id == parents.c.id,
        parents.c.tenant_id == tenant_id,
        parents.c.account == account,
        text("parents.account != ''"),
    )
    return union_all(themselves.correlate(None), children)
