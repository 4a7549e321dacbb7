"""New students with their parents and classes, one or a thousand of them: all are taken or none."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from academy.application.academics.asker import Asker, today
from academy.application.academics.following import RosterFollower
from academy.application.academics.form import Form, Path
from academy.application.academics.people import NewParent, Record
from academy.application.ports.academics import NameTaken
from academy.application.ports.database import Transaction
from academy.application.ports.page import every
from academy.domain.academics import refusals, typed
from academy.domain.academics.people import Parent, ParentOf, Student
from academy.domain.academics.teaching import SchoolClass
from academy.domain.phone import identifier_of

__all__ = ["Added", "NewStudent", "Roster"]


@dataclass(frozen=True, slots=True)
class NewStudent:
    """A student as somebody typed them.

    Attributes:
        identifier: 8 digits, "" for those that follow from the phone of the student, else of the first parent.
        class_names: of active classes, where the student is enrolled from today.
    """

    name: str
    phone: str = ""
    identifier: str = ""
    school: str = ""
    grade: str = ""
    note: str = ""
    parents: tuple[NewParent, ...] = ()
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What came of new students.

    Attributes:
        records: in the order given.
        parents_created, parents_known: how many parents are new to the academy, and how many it knew by their phone; those
            keep the name that they have.
        enrolments: how many, over all classes.
    """

    records: tuple[Record, ...]
    parents_created: int
    parents_known: int
    enrolments: int


class Roster:
    """The use case of adding students."""

    def __init__(self, new_id: Callable[[], str], follower: RosterFollower) -> None:
        """Take a maker of ids, and what follows from changes."""
        self._new_id = new_id
        self._follower = follower

    def add(self, tx: Transaction, asker: Asker, student: NewStudent) -> Record:
        """Add one student. Raises FieldsRefused."""
        return self._add(tx, asker, {(): student}).records[0]

    def add_many(self, tx: Transaction, asker: Asker, students: Sequence[NewStudent]) -> Added:
        """Add students, all or none; paths of faults begin with ("students", index). Raises FieldsRefused.

        Nothing is left of it when the transaction is rolled back, which is how to ask what would happen.
        """
        return self._add(tx, asker, {("students", index): each for index, each in enumerate(students)})

    def _add(self, tx: Transaction, asker: Asker, wishes: Mapping[Path, NewStudent]) -> Added:
        form = Form()
        read = {path: _read(form, path, wish) for path, wish in wishes.items()}
        _check_identifiers(tx, asker, form, read)
        classes = _classes(tx, asker, form, read)
        form.check()
        students = {path: self._student(tx, asker, wish) for path, wish in read.items()}
        try:
            tx.people.add_students(list(students.values()))
        except NameTaken as taken:
            # Somebody else was quicker by the blink of an eye.
            for path, student in students.items():
                if student.id in taken.ids:
                    form.refuse((*path, "identifier"), refusals.IDENTIFIER_TAKEN)
            form.check()
            raise
        made, stored = self._parents(tx, asker, read.values())
        records = tuple(
            Record(student, _parents_of(student, read[path].parents, stored))
            for path, student in students.items()
        )
        _link(tx, asker, records)
        members = _enrol(tx, asker, students, read, classes)
        if members:
            self._follower.people_changed(tx, asker.tenant_id, class_ids=members)
        known = sum(parent.id not in made for parent in stored.values())
        return Added(records, len(stored) - known, known, sum(map(len, members.values())))

    def _student(self, tx: Transaction, asker: Asker, wish: NewStudent) -> Student:
        now = tx.now()
        return Student(
            id=self._new_id(),
            tenant_id=asker.tenant_id,
            name=wish.name,
            phone=wish.phone,
            identifier=wish.identifier,
            school=wish.school,
            grade=wish.grade,
            note=wish.note,
            account="",
            active=True,
            created_at=now,
            updated_at=now,
        )

    def _parents(
        self, tx: Transaction, asker: Asker, wishes: Iterable[NewStudent]
    ) -> tuple[frozenset[str], Mapping[str, Parent]]:
        """Return the ids given to new parents, and all parents by phone as they are stored."""
        new: dict[str, Parent] = {}
        for wish in wishes:
            for parent in wish.parents:
                if parent.phone not in new:
                    new[parent.phone] = parent.made(self._new_id(), asker.tenant_id, tx.now())
        stored = tx.people.add_parents(list(new.values())) if new else {}
        return frozenset(parent.id for parent in new.values()), stored


def _read(form: Form, path: Path, wish: NewStudent) -> NewStudent:
    """Return a wish cleaned, with the identifier that follows from it; what has a fault is ""."""
    name = form.name((*path, "name"), wish.name)
    phone = form.phone_or_none((*path, "phone"), wish.phone)
    parents = tuple(parent.read(form, (*path, "parents", index)) for index, parent in enumerate(wish.parents))
    counted = Counter(parent.phone for parent in parents if parent.phone)
    for index, parent in enumerate(parents):
        if counted[parent.phone] > 1:
            form.refuse((*path, "parents", index, "phone"), refusals.PARENT_TWICE)
    identifier = form.identifier((*path, "identifier"), wish.identifier)
    if not wish.identifier.strip():
        identifier = identifier_of(phone if wish.phone.strip() else parents[0].phone if parents else "")
        if not (wish.phone.strip() or parents):
            form.refuse((*path, "identifier"), refusals.IDENTIFIER_MISSING)
    return replace(wish, name=name, phone=phone, identifier=identifier, parents=parents)


def _check_identifiers(tx: Transaction, asker: Asker, form: Form, wishes: Mapping[Path, NewStudent]) -> None:
    wanted = Counter(wish.identifier for wish in wishes.values() if wish.identifier)
    taken = tx.people.by_identifiers(asker.tenant_id, list(wanted)) if wanted else {}
    for path, wish in wishes.items():
        if wish.identifier in taken:
            form.refuse((*path, "identifier"), refusals.IDENTIFIER_TAKEN)
        if wanted[wish.identifier] > 1:
            form.refuse((*path, "identifier"), refusals.IDENTIFIER_TWICE)


def _classes(
    tx: Transaction, asker: Asker, form: Form, wishes: Mapping[Path, NewStudent]
) -> Mapping[str, SchoolClass]:
    """Return the active classes by name; those asked for that there are not are faults."""
    if not any(wish.class_names for wish in wishes.values()):
        return {}
    found = every(lambda cursor, limit: tx.teaching.classes(asker.tenant_id, cursor, limit))
    by_name = {each.name: each for each in found}
    for path, wish in wishes.items():
        for index, name in enumerate(wish.class_names):
            if _class_name(name) not in by_name:
                form.refuse((*path, "class_names", index), refusals.CLASS_NOT_FOUND)
    return by_name


def _class_name(text: str) -> str:
    try:
        return typed.name(text)
    except typed.Unreadable:
        return ""


def _parents_of(
    student: Student, wishes: Sequence[NewParent], stored: Mapping[str, Parent]
) -> tuple[ParentOf, ...]:
    return tuple(ParentOf(student.id, stored[wish.phone], wish.relation) for wish in wishes)


def _link(tx: Transaction, asker: Asker, records: Sequence[Record]) -> None:
    links = [
        (each.student_id, each.parent.id, each.relation) for record in records for each in record.parents
    ]
    if links:
        tx.people.link(asker.tenant_id, links)


def _enrol(
    tx: Transaction,
    asker: Asker,
    students: Mapping[Path, Student],
    wishes: Mapping[Path, NewStudent],
    classes: Mapping[str, SchoolClass],
) -> Mapping[str, Sequence[str]]:
    """Enrol students; return their ids by class."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for path, student in students.items():
        for name in {_class_name(each) for each in wishes[path].class_names}:
            members[classes[name].id].append(student.id)
    for class_id, student_ids in members.items():
        tx.teaching.enrol(asker.tenant_id, class_id, student_ids, today(tx))
    return members
