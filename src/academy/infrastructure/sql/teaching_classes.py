"""Classes and who is in them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, delete, literal, or_, select, update

from academy.application.ports.academics import NameTaken
from academy.application.ports.page import Page
from academy.domain.academics.teaching import Enrolment, SchoolClass
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.names import page_by_name, save_unless_taken
from academy.infrastructure.sql.tables_academics import classes, enrolments, students
from academy.infrastructure.sql.teaching_rows import SqlRows, columns_of, known, new_columns_of, ours

__all__ = ["SqlClasses"]

_HERE = (enrolments.c.class_id, enrolments.c.student_id, enrolments.c.since, enrolments.c.until)


class SqlClasses(SqlRows):
    """Classes and enrolments of `TeachingRepository`."""

    def add_class(self, given: SchoolClass) -> None:
        """Insert a class. Raises NameTaken."""
        new = self._insert(classes).values(new_columns_of(classes, given))
        free = new.on_conflict_do_nothing(index_elements=["tenant_id", "name"])
        if self._connection.execute(free.returning(classes.c.id)).one_or_none() is None:
            raise NameTaken("name", (given.id,))

    def school_class(self, tenant_id: str, class_id: str, *, lock: bool = False) -> SchoolClass | None:
        """Return a class or None, active or not; `lock` keeps the row until the transaction ends."""
        row = self._one(classes, tenant_id, class_id, lock=lock)
        return None if row is None else SchoolClass(*row)

    def classes(
        self, tenant_id: str, cursor: str, limit: int, *, active_only: bool = True
    ) -> Page[SchoolClass]:
        """Return classes by name; a cursor that is not ours raises ValueError."""
        query = select(classes).where(classes.c.tenant_id == tenant_id)
        if active_only:
            query = query.where(classes.c.active)
        name = classes.c.name
        return page_by_name(self._connection, query, name, cursor, limit, lambda row: SchoolClass(*row))

    def classes_of(self, tenant_id: str, student_ids: Sequence[str], on: date) -> Sequence[SchoolClass]:
        """Return the active classes that one of these students, active or not, is in on a day, by name."""
        given = given_rows(self._connection, [[each] for each in student_ids], id="text")
        theirs = select(enrolments.c.class_id).where(
            enrolments.c.tenant_id == tenant_id, enrolments.c.student_id.in_(select(given.c.id)), *_on(on)
        )
        query = select(classes).where(
            classes.c.tenant_id == tenant_id, classes.c.active, classes.c.id.in_(theirs)
        )
        rows = self._connection.execute(query.order_by(classes.c.name, classes.c.id))
        return [SchoolClass(*row) for row in rows]

    def save_class(self, given: SchoolClass) -> None:
        """Write every field of a class. Raises NameTaken."""
        change = update(classes).where(ours(classes, given.tenant_id, given.id))
        same = (classes.c.tenant_id == given.tenant_id) & (classes.c.name == given.name)
        others = same & (classes.c.id != given.id)
        change = change.values(columns_of(classes, given))
        save_unless_taken(self._connection, change, classes.c.name, given.id, others)

    def enrol(self, tenant_id: str, class_id: str, student_ids: Sequence[str], since: date) -> None:
        """Enrol students of the academy; one who is enrolled stays so since the earlier day, one who had left comes back from `since`."""
        # Sorted, so that two batches with the same rows never wait for each other in a circle.
        rows = [[student_id, since.isoformat()] for student_id in sorted(set(student_ids))]
        given = given_rows(self._connection, rows, student_id="text", since="date")
        here = literal(class_id, enrolments.c.class_id.type)
        chosen = select(students.c.tenant_id, here, students.c.id, given.c.since).where(
            students.c.id == given.c.student_id,
            students.c.tenant_id == tenant_id,
            known(classes, tenant_id, class_id),
        )
        columns = ["tenant_id", "class_id", "student_id", "since"]
        new = self._insert(enrolments).from_select(columns, chosen.order_by(given.c.n))
        begins = case(
            (enrolments.c.until <= new.excluded.since, new.excluded.since),
            (enrolments.c.since < new.excluded.since, enrolments.c.since),
            else_=new.excluded.since,
        )
        again = new.on_conflict_do_update(
            index_elements=["class_id", "student_id"], set_={"since": begins, "until": None}
        )
        self._connection.execute(again)

    def leave(self, tenant_id: str, class_id: str, student_ids: Sequence[str], until: date) -> None:
        """End enrolments; one that never began before `until` is removed, one that ended earlier stays as it is."""
        given = given_rows(self._connection, [[each] for each in student_ids], id="text")
        theirs = _in_class(tenant_id, class_id) & enrolments.c.student_id.in_(select(given.c.id))
        # Locked in one order, so that two batches with the same rows never wait for each other in a circle.
        held = select(enrolments.c.student_id).where(theirs).order_by(enrolments.c.student_id)
        self._connection.execute(held.with_for_update()).all()
        self._connection.execute(delete(enrolments).where(theirs, enrolments.c.since >= until))
        longer = or_(enrolments.c.until.is_(None), enrolments.c.until > until)
        self._connection.execute(update(enrolments).where(theirs, longer).values(until=until))

    def enrolments(
        self, tenant_id: str, class_id: str, on: date, *, active_only: bool = True
    ) -> Sequence[Enrolment]:
        """Return who is in a class on a day, by student id."""
        query = select(*_HERE).where(_in_class(tenant_id, class_id), *_on(on))
        if active_only:
            query = query.where(students.c.id == enrolments.c.student_id, students.c.active)
        rows = self._connection.execute(query.order_by(enrolments.c.student_id))
        return [Enrolment(*row) for row in rows]


def _on(day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for enrolments that have begun and are not over on a day."""
    return enrolments.c.since <= day, or_(enrolments.c.until.is_(None), enrolments.c.until > day)


def _in_class(tenant_id: str, class_id: str) -> ColumnElement[bool]:
    return (enrolments.c.tenant_id == tenant_id) & (enrolments.c.class_id == class_id)
