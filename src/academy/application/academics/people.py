"""Students and their parents: see, change, bring together (ACA-1)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from academy.application.academics.asker import Asker, find_student
from academy.application.academics.following import RosterFollower
from academy.application.academics.form import Fault, FieldsRefused, Form, Path
from academy.application.errors import NotFound
from academy.application.ports.academics import NameTaken, PeopleFilter
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.domain.academics import refusals
from academy.domain.academics.people import Parent, ParentOf, Relation, Student
from academy.domain.phone import identifier_of

__all__ = ["NewParent", "ParentChange", "People", "Record", "StudentChange", "StudentsWanted"]

_MOST_CHILDREN = 100


@dataclass(frozen=True, slots=True)
class Record:
    """A student with their parents."""

    student: Student
    parents: tuple[ParentOf, ...]


@dataclass(frozen=True, slots=True)
class NewParent:
    """A parent as somebody typed them."""

    name: str
    phone: str
    relation: Relation

    def read(self, form: Form, path: Path = ()) -> "NewParent":
        """Return the parent with name and phone cleaned; faults are noted in `form`."""
        name = form.name((*path, "name"), self.name)
        return NewParent(name, form.phone((*path, "phone"), self.phone), self.relation)

    def made(self, parent_id: str, tenant_id: str, now: datetime) -> Parent:
        """Return the parent of an academy that this is."""
        return Parent(parent_id, tenant_id, self.name, self.phone, "", now, now)


@dataclass(frozen=True, slots=True)
class StudentsWanted:
    """Which students to list: `text` is part of a name or number, "" for any; `class_id` "" for any."""

    text: str = ""
    class_id: str = ""
    include_inactive: bool = False


@dataclass(frozen=True, slots=True)
class StudentChange:
    """What to change of a student; None stays, "" empties, an empty identifier is made anew from the phone numbers."""

    name: str | None = None
    phone: str | None = None
    identifier: str | None = None
    school: str | None = None
    grade: str | None = None
    note: str | None = None
    account: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class ParentChange:
    """What to change of a parent; None stays; only the account may be emptied."""

    name: str | None = None
    phone: str | None = None
    account: str | None = None


class People:
    """The use cases of people who are known already; those who do not manage see their own, changes are for those who do."""

    def __init__(self, new_id: Callable[[], str], follower: RosterFollower) -> None:
        """Take a maker of ids, and what follows from changes."""
        self._new_id = new_id
        self._follower = follower

    def list(
        self, tx: Transaction, asker: Asker, wanted: StudentsWanted, cursor: str, limit: int
    ) -> Page[Record]:
        """Return students by name; raises ValueError for a cursor that is not ours.

        The text of those who do not manage is looked for in names alone, for a number could be guessed digit by digit; their pages
        may hold fewer than `limit`.
        """
        where = PeopleFilter(
            text=wanted.text or None if asker.manages else None,
            class_id=wanted.class_id or None,
            account=None if asker.manages else asker.account,
            active_only=not wanted.include_inactive,
        )
        page = tx.people.students(asker.tenant_id, where, cursor, limit)
        part = wanted.text.casefold()
        seen = [each for each in page.items if asker.manages or part in each.name.casefold()]
        return Page(_records(tx, asker.tenant_id, seen), page.next_cursor)

    def get(self, tx: Transaction, asker: Asker, student_id: str) -> Record:
        """Return a student. Raises NotFound."""
        return _records(tx, asker.tenant_id, [find_student(tx, asker, student_id)])[0]

    def change(self, tx: Transaction, asker: Asker, student_id: str, change: StudentChange) -> Record:
        """Change a student; scores follow an identifier. Raises NotFound, FieldsRefused."""
        (before,) = _records(tx, asker.tenant_id, [find_student(tx, asker, student_id, lock=True)])
        form = Form()
        fields = {
            name: value
            for name in ("school", "grade", "note", "account", "active")
            if (value := getattr(change, name)) is not None
        }
        if change.name is not None:
            fields["name"] = form.name(("name",), change.name)
        if change.phone is not None:
            fields["phone"] = form.phone_or_none(("phone",), change.phone)
        changed = replace(before.student, updated_at=tx.now(), **fields)
        if change.identifier is not None:
            identifier = form.identifier(("identifier",), change.identifier)
            if not change.identifier.strip():
                identifier = _derived(form, changed, before.parents)
            changed = replace(changed, identifier=identifier)
        _check_account(tx, form, asker.tenant_id, change.account, student_id)
        form.check()
        try:
            tx.people.save_student(changed)
        except NameTaken:
            raise FieldsRefused([Fault(("identifier",), refusals.IDENTIFIER_TAKEN)]) from None
        counted = before.student.identifier, before.student.active
        if counted != (changed.identifier, changed.active):
            self._follower.people_changed(tx, asker.tenant_id, student_ids=[student_id])
        return replace(before, student=changed)

    def add_parent(self, tx: Transaction, asker: Asker, student_id: str, wish: NewParent) -> ParentOf:
        """Make somebody the parent of a student; one whom the academy knows by this phone keeps their name.

        Raises NotFound, FieldsRefused.
        """
        student = find_student(tx, asker, student_id)
        form = Form()
        read = wish.read(form)
        form.check()
        new = read.made(self._new_id(), asker.tenant_id, tx.now())
        parent = tx.people.add_parents([new])[new.phone]
        tx.people.link(asker.tenant_id, [(student.id, parent.id, read.relation)])
        return ParentOf(student.id, parent, read.relation)

    def remove_parent(self, tx: Transaction, asker: Asker, student_id: str, parent_id: str) -> None:
        """Take a parent from a student; one without children is forgotten. Raises NotFound."""
        student = find_student(tx, asker, student_id)
        if not tx.people.unlink(asker.tenant_id, student.id, parent_id):
            raise NotFound("parent")

    def parent(self, tx: Transaction, asker: Asker, parent_id: str) -> Parent:
        """Return a parent, for those who manage. Raises NotFound."""
        return _parent(tx, asker, parent_id)

    def change_parent(self, tx: Transaction, asker: Asker, parent_id: str, change: ParentChange) -> Parent:
        """Change a parent, for all their children. Raises NotFound, FieldsRefused."""
        before = _parent(tx, asker, parent_id, lock=True)
        form = Form()
        changed = replace(
            before,
            name=before.name if change.name is None else form.name(("name",), change.name),
            phone=before.phone if change.phone is None else form.phone(("phone",), change.phone),
            account=before.account if change.account is None else change.account,
            updated_at=tx.now(),
        )
        _check_account(tx, form, asker.tenant_id, change.account, parent_id)
        form.check()
        try:
            tx.people.save_parent(changed)
        except NameTaken:
            raise FieldsRefused([Fault(("phone",), refusals.PARENT_PHONE_TAKEN)]) from None
        return changed


def _parent(tx: Transaction, asker: Asker, parent_id: str, *, lock: bool = False) -> Parent:
    found = tx.people.parent(asker.tenant_id, parent_id, lock=lock) if asker.manages else None
    if found is None:
        raise NotFound("parent")
    return found


def _records(tx: Transaction, tenant_id: str, students: Sequence[Student]) -> Sequence[Record]:
    parents: defaultdict[str, list[ParentOf]] = defaultdict(list)
    for each in tx.people.parents_of(tenant_id, [student.id for student in students]) if students else ():
        parents[each.student_id].append(each)
    return [Record(student, tuple(parents[student.id])) for student in students]


def _derived(form: Form, student: Student, parents: Sequence[ParentOf]) -> str:
    numbers = [student.phone, *(each.parent.phone for each in parents)]
    found = next((identifier_of(number) for number in numbers if number), "")
    if not found:
        form.refuse(("identifier",), refusals.IDENTIFIER_MISSING)
    return found


def _check_account(tx: Transaction, form: Form, tenant_id: str, account: str | None, owner_id: str) -> None:
    """Refuse a login that is somebody else already: they would see what is the other's."""
    if not account:
        return
    where = PeopleFilter(account=account, active_only=False)
    students = tx.people.students(tenant_id, where, "", _MOST_CHILDREN).items
    parents = tx.people.parents_of(tenant_id, [student.id for student in students]) if students else ()
    holders = {student.id for student in students if student.account == account}
    holders |= {each.parent.id for each in parents if each.parent.account == account}
    if holders - {owner_id}:
        form.refuse(("account",), refusals.ACCOUNT_TAKEN)
