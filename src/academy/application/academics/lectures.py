"""Lectures, their sessions, and who came (ACA-1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from academy.application.academics.asker import (
    Asker,
    find_class,
    own_classes,
    own_students,
    today,
    whole,
)
from academy.application.academics.classes import check_members
from academy.application.academics.form import Fault, FieldsRefused, Form, Path
from academy.application.errors import NotFound
from academy.application.ports.academics import NameTaken
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page, every
from academy.domain.academics import refusals
from academy.domain.academics.teaching import Attendance, AttendanceStatus, Lecture, Session
from academy.domain.korea import korean_day

__all__ = ["Came", "Lectures", "NewSession", "SessionChange"]


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session as somebody planned it; `number` None is the next one."""

    number: int | None = None
    title: str = ""
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What to change of a session; None stays; `unplanned` takes its time away."""

    number: int | None = None
    title: str | None = None
    held_at: datetime | None = None
    unplanned: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """Whether a student came."""

    student_id: str
    status: AttendanceStatus
    note: str = ""


class Lectures:
    """The use cases of lectures; those who do not manage see those of their or their children's classes."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        """Take a maker of ids."""
        self._new_id = new_id

    def list(self, tx: Transaction, asker: Asker, class_id: str, cursor: str, limit: int) -> Page[Lecture]:
        """Return lectures of a class ("": of all) by title; raises ValueError for a cursor that is not ours."""
        tenant_id = asker.tenant_id
        if asker.manages:
            return tx.teaching.lectures(tenant_id, class_id, cursor, limit)
        found: list[Lecture] = []
        for each in own_classes(tx, asker):
            if class_id in {"", each.id}:
                found += every(partial(tx.teaching.lectures, tenant_id, each.id))
        return whole(sorted(found, key=lambda lecture: (lecture.title, lecture.id)), cursor)

    def get(self, tx: Transaction, asker: Asker, lecture_id: str) -> Lecture:
        """Return a lecture. Raises NotFound."""
        return _lecture(tx, asker, lecture_id)

    def add(self, tx: Transaction, asker: Asker, class_id: str, title: str) -> Lecture:
        """Make a lecture of a class. Raises NotFound for the class."""
        find_class(tx, asker, class_id, named_at=("class_id",))
        now = tx.now()
        made = Lecture(self._new_id(), asker.tenant_id, class_id, title, created_at=now, updated_at=now)
        tx.teaching.add_lecture(made)
        return made

    def rename(self, tx: Transaction, asker: Asker, lecture_id: str, title: str | None) -> Lecture:
        """Change the title of a lecture; None stays. Raises NotFound."""
        before = _lecture(tx, asker, lecture_id, lock=True)
        changed = replace(before, title=title or before.title, updated_at=tx.now())
        tx.teaching.save_lecture(changed)
        return changed

    def sessions(self, tx: Transaction, asker: Asker, lecture_id: str) -> Sequence[Session]:
        """Return the sessions of a lecture by number. Raises NotFound."""
        self.get(tx, asker, lecture_id)
        return tx.teaching.sessions(asker.tenant_id, lecture_id)

    def add_session(self, tx: Transaction, asker: Asker, lecture_id: str, wish: NewSession) -> Session:
        """Add a session to a lecture. Raises NotFound, FieldsRefused."""
        # Locked, so that the next number of two at once is not the same.
        _lecture(tx, asker, lecture_id, lock=True)
        there = tx.teaching.sessions(asker.tenant_id, lecture_id)
        now = tx.now()
        made = Session(
            id=self._new_id(),
            tenant_id=asker.tenant_id,
            lecture_id=lecture_id,
            number=wish.number or max((each.number for each in there), default=0) + 1,
            title=wish.title,
            held_at=wish.held_at,
            created_at=now,
            updated_at=now,
        )
        try:
            tx.teaching.add_session(made)
        except NameTaken:
            raise _number_taken() from None
        return made

    def change_session(
        self, tx: Transaction, asker: Asker, session_id: str, change: SessionChange
    ) -> Session:
        """Change a session. Raises NotFound, FieldsRefused."""
        before, _ = _session(tx, asker, session_id, lock=True)
        held_at = change.held_at or before.held_at
        changed = replace(
            before,
            number=change.number or before.number,
            title=before.title if change.title is None else change.title,
            held_at=None if change.unplanned else held_at,
            updated_at=tx.now(),
        )
        try:
            tx.teaching.save_session(changed)
        except NameTaken:
            raise _number_taken() from None
        return changed

    def session(self, tx: Transaction, asker: Asker, session_id: str) -> Session:
        """Return a session. Raises NotFound."""
        return _session(tx, asker, session_id)[0]

    def attendance(self, tx: Transaction, asker: Asker, session_id: str) -> Sequence[Attendance]:
        """Return who came to a session, by student; those who do not manage see their own. Raises NotFound."""
        _session(tx, asker, session_id)
        noted = tx.teaching.attendance(asker.tenant_id, session_id)
        if asker.manages:
            return noted
        own = own_students(tx, asker)
        return [each for each in noted if each.student_id in own]

    def note_attendance(
        self, tx: Transaction, asker: Asker, session_id: str, came: Sequence[Came]
    ) -> Sequence[Attendance]:
        """Write who came, over what was noted of them before; return all that is noted. Raises NotFound, FieldsRefused."""
        session, lecture = _session(tx, asker, session_id)
        given = find_class(tx, asker, lecture.class_id)
        known = {each.student_id for each in tx.teaching.attendance(asker.tenant_id, session_id)}
        day = korean_day(session.held_at) if session.held_at else today(tx)
        form = Form()
        listed: dict[Path, str] = {
            ("items", index, "student_id"): each.student_id for index, each in enumerate(came)
        }
        check_members(tx, form, given, day, known, listed)
        form.check()
        now = tx.now()
        notes = [
            Attendance(session_id, each.student_id, each.status, each.note, asker.account, now)
            for each in came
        ]
        tx.teaching.note_attendance(asker.tenant_id, notes)
        return tx.teaching.attendance(asker.tenant_id, session_id)


def _lecture(tx: Transaction, asker: Asker, lecture_id: str, *, lock: bool = False) -> Lecture:
    lecture = tx.teaching.lecture(asker.tenant_id, lecture_id, lock=lock)
    if lecture is None:
        raise NotFound("lecture")
    find_class(tx, asker, lecture.class_id)
    return lecture


def _session(
    tx: Transaction, asker: Asker, session_id: str, *, lock: bool = False
) -> tuple[Session, Lecture]:
    session = tx.teaching.session(asker.tenant_id, session_id, lock=lock)
    if session is None:
        raise NotFound("session")
    return session, _lecture(tx, asker, session.lecture_id)


def _number_taken() -> FieldsRefused:
    return FieldsRefused([Fault(("number",), refusals.SESSION_NUMBER_TAKEN)])
