"""Lectures, their sessions, and who came."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from academy.application.ports.academics import NameTaken
from academy.application.ports.page import Page
from academy.domain.academics.teaching import Attendance, Lecture, Session
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.names import page_by_name, save_unless_taken
from academy.infrastructure.sql.tables_academics import attendance, classes, lectures, sessions, students
from academy.infrastructure.sql.teaching_rows import SqlRows, columns_of, known, new_columns_of, ours

__all__ = ["SqlLessons"]

_CAME = tuple(column for column in attendance.columns if column.name != "tenant_id")


class SqlLessons(SqlRows):
    """Lectures, sessions and attendance of `TeachingRepository`."""

    def add_lecture(self, lecture: Lecture) -> None:
        """Insert a lecture. Raises ValueError when the academy has no such class."""
        self._require(classes, lecture.tenant_id, lecture.class_id)
        new = self._insert(lectures).values(new_columns_of(lectures, lecture))
        self._connection.execute(new)

    def lecture(self, tenant_id: str, lecture_id: str, *, lock: bool = False) -> Lecture | None:
        """Return a lecture or None; `lock` keeps the row until the transaction ends."""
        row = self._one(lectures, tenant_id, lecture_id, lock=lock)
        return None if row is None else Lecture(*row)

    def lectures(self, tenant_id: str, class_id: str, cursor: str, limit: int) -> Page[Lecture]:
        """Return lectures of a class ("": of all) by title; a cursor that is not ours raises ValueError."""
        query = select(lectures).where(lectures.c.tenant_id == tenant_id)
        if class_id:
            query = query.where(lectures.c.class_id == class_id)
        title = lectures.c.title
        return page_by_name(self._connection, query, title, cursor, limit, lambda row: Lecture(*row))

    def save_lecture(self, lecture: Lecture) -> None:
        """Write every field of a lecture; nothing when the academy has no such lecture or class."""
        mine = ours(lectures, lecture.tenant_id, lecture.id)
        allowed = known(classes, lecture.tenant_id, lecture.class_id)
        change = update(lectures).where(mine, allowed).values(columns_of(lectures, lecture))
        self._connection.execute(change)

    def add_session(self, session: Session) -> None:
        """Insert a session. Raises NameTaken for its number, ValueError when the academy has no such lecture."""
        self._require(lectures, session.tenant_id, session.lecture_id)
        new = self._insert(sessions).values(new_columns_of(sessions, session))
        free = new.on_conflict_do_nothing(index_elements=["lecture_id", "number"])
        if self._connection.execute(free.returning(sessions.c.id)).one_or_none() is None:
            raise NameTaken("number", (session.id,))

    def session(self, tenant_id: str, session_id: str, *, lock: bool = False) -> Session | None:
        """Return a session or None; `lock` keeps the row until the transaction ends."""
        row = self._one(sessions, tenant_id, session_id, lock=lock)
        return None if row is None else _session(row)

    def sessions(self, tenant_id: str, lecture_id: str) -> Sequence[Session]:
        """Return the sessions of a lecture by number."""
        mine = (sessions.c.tenant_id == tenant_id) & (sessions.c.lecture_id == lecture_id)
        rows = self._connection.execute(select(sessions).where(mine).order_by(sessions.c.number))
        return [_session(row) for row in rows]

    def save_session(self, session: Session) -> None:
        """Write every field of a session; nothing when the academy has no such session or lecture. Raises NameTaken."""
        mine = ours(sessions, session.tenant_id, session.id)
        allowed = known(lectures, session.tenant_id, session.lecture_id)
        change = update(sessions).where(mine, allowed).values(columns_of(sessions, session))
        same = (sessions.c.lecture_id == session.lecture_id) & (sessions.c.number == session.number)
        others = same & (sessions.c.id != session.id)
        save_unless_taken(self._connection, change, sessions.c.number, session.id, others)

    def note_attendance(self, tenant_id: str, notes: Sequence[Attendance]) -> None:
        """Write who came, over what was noted before; the last of several notes on the same counts. Ids of others are left out."""
        last = {(note.session_id, note.student_id): note for note in notes}
        # Sorted, so that two batches with the same rows never wait for each other in a circle.
        rows = [[*pair, note.status.value, note.note, note.by] for pair, note in sorted(last.items())]
        fields = dict.fromkeys(("session_id", "student_id", "status", "note", "noted_by"), "text")
        given = given_rows(self._connection, rows, **fields)
        noted = (given.c.status, given.c.note, given.c.noted_by, row_now())
        chosen = select(sessions.c.tenant_id, sessions.c.id, students.c.id, *noted).where(
            sessions.c.id == given.c.session_id,
            sessions.c.tenant_id == tenant_id,
            students.c.id == given.c.student_id,
            students.c.tenant_id == tenant_id,
        )
        columns = list(attendance.c.keys())
        new = self._insert(attendance).from_select(columns, chosen.order_by(given.c.n))
        over = {name: new.excluded[name] for name in ("status", "note", "by", "updated_at")}
        pair = ["session_id", "student_id"]
        self._connection.execute(new.on_conflict_do_update(index_elements=pair, set_=over))

    def attendance(self, tenant_id: str, session_id: str) -> Sequence[Attendance]:
        """Return who came to a session, by student id."""
        mine = (attendance.c.tenant_id == tenant_id) & (attendance.c.session_id == session_id)
        rows = self._connection.execute(select(*_CAME).where(mine).order_by(attendance.c.student_id))
        return [Attendance(*row) for row in rows]


def _session(row: Sequence[Any]) -> Session:
    return Session(*row)
