"""Classes and who is in them (ACA-1)."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from academy.application.academics.asker import (
    Asker,
    find_class,
    own_classes,
    today,
    whole,
)
from academy.application.academics.following import RosterFollower
from academy.application.academics.form import Fault, FieldsRefused, Form, Path
from academy.application.errors import NotFound
from academy.application.ports.academics import NameTaken
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.domain.academics import refusals
from academy.domain.academics.teaching import Enrolment, SchoolClass

__all__ = ["ClassChange", "Classes", "Members", "check_members"]


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What to change of a class; None stays."""

    name: str | None = None
    subject: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in a class on a day, without students who are not active."""

    on: date
    enrolments: tuple[Enrolment, ...]

    @property
    def student_ids(self) -> frozenset[str]:
        """Return their ids."""
        return frozenset(each.student_id for each in self.enrolments)


class Classes:
    """The use cases of classes; those who do not manage see those that they or their children are in."""

    def __init__(self, new_id: Callable[[], str], follower: RosterFollower) -> None:
        """Take a maker of ids, and what follows from changes."""
        self._new_id = new_id
        self._follower = follower

    def list(
        self, tx: Transaction, asker: Asker, cursor: str, limit: int, *, include_inactive: bool
    ) -> Page[SchoolClass]:
        """Return classes by name; raises ValueError for a cursor that is not ours."""
        if not asker.manages:
            return whole(own_classes(tx, asker), cursor)
        return tx.teaching.classes(asker.tenant_id, cursor, limit, active_only=not include_inactive)

    def get(self, tx: Transaction, asker: Asker, class_id: str) -> SchoolClass:
        """Return a class. Raises NotFound."""
        return find_class(tx, asker, class_id)

    def add(self, tx: Transaction, asker: Asker, name: str, subject: str) -> SchoolClass:
        """Make a class. Raises FieldsRefused."""
        form = Form()
        named = form.name(("name",), name)
        form.check()
        now = tx.now()
        made = SchoolClass(
            self._new_id(), asker.tenant_id, named, subject, active=True, created_at=now, updated_at=now
        )
        try:
            tx.teaching.add_class(made)
        except NameTaken:
            raise _name_taken() from None
        return made

    def change(self, tx: Transaction, asker: Asker, class_id: str, change: ClassChange) -> SchoolClass:
        """Change a class. Raises NotFound, FieldsRefused."""
        before = find_class(tx, asker, class_id, lock=True)
        form = Form()
        changed = replace(
            before,
            name=before.name if change.name is None else form.name(("name",), change.name),
            subject=before.subject if change.subject is None else change.subject,
            active=before.active if change.active is None else change.active,
            updated_at=tx.now(),
        )
        form.check()
        try:
            tx.teaching.save_class(changed)
        except NameTaken:
            raise _name_taken() from None
        return changed

    def enrol(
        self, tx: Transaction, asker: Asker, class_id: str, student_ids: Sequence[str], since: date | None
    ) -> Members:
        """Put students into a class from a day on (None: today); return who is in it on that day.

        Raises NotFound for the class or a student, FieldsRefused.
        """
        day = since or today(tx)
        self._check(tx, asker, class_id, student_ids)
        tx.teaching.enrol(asker.tenant_id, class_id, student_ids, day)
        self._follower.people_changed(tx, asker.tenant_id, class_ids=[class_id])
        return _members(tx, asker, class_id, day)

    def leave(
        self, tx: Transaction, asker: Asker, class_id: str, student_ids: Sequence[str], until: date | None
    ) -> Members:
        """Take students out of a class from a day on (None: today); return who is in it on that day.

        One who is not in it stays so. Raises NotFound for the class or a student, FieldsRefused.
        """
        day = until or today(tx)
        self._check(tx, asker, class_id, student_ids)
        tx.teaching.leave(asker.tenant_id, class_id, student_ids, day)
        self._follower.people_changed(tx, asker.tenant_id, class_ids=[class_id])
        return _members(tx, asker, class_id, day)

    def _check(self, tx: Transaction, asker: Asker, class_id: str, student_ids: Sequence[str]) -> None:
        find_class(tx, asker, class_id)
        form = Form()
        form.students_once({("student_ids", index): each for index, each in enumerate(student_ids)})
        form.check()
        known = tx.people.by_ids(asker.tenant_id, student_ids)
        missing = [("student_ids", index) for index, each in enumerate(student_ids) if each not in known]
        if missing:
            raise NotFound("student", missing)


def check_members(
    tx: Transaction,
    form: Form,
    given: SchoolClass,
    day: date,
    known: Set[str],
    student_ids: Mapping[Path, str],
) -> None:
    """Refuse students of a list who were not in a class on `day`, are not today and are not `known`, and those named twice.

    Somebody who came later may sit an exam late, one who has left the academy may have come before, and what stands already may
    be corrected.
    """
    form.students_once(student_ids)
    members = set(known)
    for on in {day, today(tx)}:
        there = tx.teaching.enrolments(given.tenant_id, given.id, on, active_only=False)
        members |= {each.student_id for each in there}
    for path, student_id in student_ids.items():
        if student_id not in members:
            form.refuse(path, refusals.NOT_IN_CLASS)


def _members(tx: Transaction, asker: Asker, class_id: str, day: date) -> Members:
    return Members(day, tuple(tx.teaching.enrolments(asker.tenant_id, class_id, day)))


def _name_taken() -> FieldsRefused:
    return FieldsRefused([Fault(("name",), refusals.CLASS_NAME_TAKEN)])
