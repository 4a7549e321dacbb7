"""Rows of a roster as new students: who is new, who is known, and what keeps a row from being taken."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from academy.application.academics.asker import Asker
from academy.application.academics.people import NewParent, StudentChange
from academy.application.academics.roster import NewStudent
from academy.application.academics.roster_known import change_of, namesakes, plain_name
from academy.application.ports.database import Transaction
from academy.application.ports.page import every
from academy.domain.academics import refusals, sheet_refusals
from academy.domain.academics.people import Relation, Student
from academy.domain.academics.sheet_cells import Cell, column_letters, safe_to_show
from academy.domain.academics.sheet_rows import ReadRow, Skip, class_names, read_row, relation, skip
from academy.domain.academics.sheet_words import Field
from academy.domain.academics.teaching import SchoolClass
from academy.domain.failures import Failure
from academy.domain.phone import identifier_of

__all__ = ["PlannedRow", "RosterPlan", "SheetFault", "plan_rows"]

_AT_ONCE = 1000
_PARENTS = (
    (Relation.MOTHER, Field.MOTHER_NAME, Field.MOTHER_PHONE, "어머니"),
    (Relation.FATHER, Field.FATHER_NAME, Field.FATHER_PHONE, "아버지"),
    (None, Field.PARENT_NAME, Field.PARENT_PHONE, "학부모"),
)


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong with one cell of a sheet.

    Attributes:
        row: as the program shows it, from 1.
        column: letters; "" where the whole row is meant.
        value: what may be shown of the value: phones masked, at most 40 characters.
    """

    sheet: str
    row: int
    column: str
    value: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row that can be taken; `row` counts from 1, `identifier` is the one that the student will have."""

    row: int
    identifier: str
    wish: NewStudent = field(repr=False)


@dataclass(slots=True)
class RosterPlan:
    """What comes of the rows of a sheet.

    Attributes:
        new: students that the academy does not have.
        unchanged: rows of students whom it has just so.
        different: rows of students whom it has with other values; the id of the student, and what to change.
        refused: rows with a fault.
        faults: by row and column.
        notes: rows by the code of what there is to say of them.
    """

    new: list[PlannedRow] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    different: list[tuple[int, str, StudentChange]] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    faults: list[SheetFault] = field(default_factory=list)
    notes: dict[str, list[int]] = field(default_factory=dict)

    def note(self, code: str, row: int) -> None:
        """Note something of a row."""
        self.notes.setdefault(code, []).append(row)


def plan_rows(
    tx: Transaction,
    asker: Asker,
    sheet: str,
    columns: Mapping[Field, int],
    rows: Iterable[tuple[int, Sequence[Cell]]],
    other_people: Collection[int] = (),
) -> RosterPlan:
    """Return what comes of rows, given with the number that people see; nothing is changed.

    `other_people` are the numbers of rows that are somebody else than whoever has the same name in the same class.
    """
    planner = _Planner(tx, asker, sheet, columns)
    for number, cells in rows:
        planner.read(number, cells)
    planner.compare()
    planner.namesakes(other_people)
    planner.plan.faults.sort(key=lambda fault: (fault.row, len(fault.column), fault.column))
    return planner.plan


class _Planner:
    def __init__(self, tx: Transaction, asker: Asker, sheet: str, columns: Mapping[Field, int]) -> None:
        self.plan = RosterPlan()
        self._tx, self._asker = tx, asker
        self._sheet = sheet
        self._columns = columns
        self._classes = _classes(tx, asker) if Field.CLASS in columns else {}
        self._rows: dict[str, PlannedRow] = {}

    def read(self, number: int, cells: Sequence[Cell]) -> None:
        """Take a row."""
        skipped = skip(cells, self._columns)
        if skipped:
            if skipped is not Skip.EMPTY:
                self.plan.note(f"{skipped.value}_skipped", number)
            return
        row = read_row(cells, self._columns)
        for _, restored in row.restored:
            self.plan.note(restored.value, number)
        for each, failure, value in row.faults:
            self._refuse(number, each, failure, value)
        wish = self._wish(number, row)
        if number not in self.plan.refused:
            self._keep(number, wish)

    def _wish(self, number: int, row: ReadRow) -> NewStudent:
        values = row.values
        faulty = {each for each, _, _ in row.faults}
        if Field.NAME not in values and Field.NAME not in faulty:
            self._refuse(number, Field.NAME, refusals.NAME_BLANK)
        return NewStudent(
            name=values.get(Field.NAME, ""),
            phone=values.get(Field.PHONE, ""),
            identifier=values.get(Field.IDENTIFIER, ""),
            school=values.get(Field.SCHOOL, ""),
            grade=values.get(Field.GRADE, ""),
            note=values.get(Field.NOTE, ""),
            parents=self._parents(number, values, faulty),
            class_names=self._class_names(number, values.get(Field.CLASS, "")),
        )

    def _parents(self, number: int, values: Mapping[Field, str], faulty: set[Field]) -> tuple[NewParent, ...]:
        parents: dict[str, NewParent] = {}
        for kind, name_field, phone_field, word in _PARENTS:
            name, phone = values.get(name_field, ""), values.get(phone_field, "")
            if phone:
                if not name:
                    name = f"{values.get(Field.NAME, '')[:90]} {word}"
                    self.plan.note("parent_name_made", number)
                # The same number as mother's and as guardian's is one parent.
                if phone not in parents:
                    parents[phone] = NewParent(name, phone, kind or relation(values.get(Field.RELATION, "")))
                elif kind:
                    self._refuse(number, phone_field, refusals.PARENT_TWICE, phone)
            elif name and phone_field in self._columns:
                if phone_field not in faulty:
                    self._refuse(number, phone_field, sheet_refusals.PARENT_PHONE_MISSING)
            elif name:
                self.plan.note("parent_without_phone", number)
        return tuple(parents.values())

    def _class_names(self, number: int, text: str) -> tuple[str, ...]:
        names = class_names(text, self._classes) if text else ()
        for name in names:
            if name not in self._classes:
                meant = [each for each in self._classes if plain_name(each) == plain_name(name)]
                failure = sheet_refusals.class_named(meant[0]) if meant else refusals.CLASS_NOT_FOUND
                self._refuse(number, Field.CLASS, failure, name)
        return names

    def _keep(self, number: int, wish: NewStudent) -> None:
        """Keep a row unless another has its identifier; one that differs in its classes alone is the same student."""
        identifier = wish.identifier or identifier_of(
            wish.phone or next((each.phone for each in wish.parents), "")
        )
        if not identifier:
            self._refuse(number, Field.IDENTIFIER, refusals.IDENTIFIER_MISSING)
            return
        first = self._rows.get(identifier)
        if first is None:
            self._rows[identifier] = PlannedRow(number, identifier, wish)
        elif replace(wish, class_names=()) == replace(first.wish, class_names=()):
            both = tuple(dict.fromkeys((*first.wish.class_names, *wish.class_names)))
            self._rows[identifier] = replace(first, wish=replace(first.wish, class_names=both))
            self.plan.note("repeated_rows", number)
        else:
            failure = sheet_refusals.identifier_twice_with(first.row, first.wish.name)
            self._refuse(number, Field.IDENTIFIER, failure, identifier)

    def compare(self) -> None:
        """Compare the rows with the students that the academy has."""
        identifiers = list(self._rows)
        for begin in range(0, len(identifiers), _AT_ONCE):
            part = identifiers[begin : begin + _AT_ONCE]
            known = self._tx.people.by_identifiers(self._asker.tenant_id, part)
            for identifier in part:
                self._compare(self._rows[identifier], known.get(identifier))

    def namesakes(self, other_people: Collection[int]) -> None:
        """Leave out of the new students those who seem to be in their class already."""
        rows = [(row.row, row.wish.name, row.wish.class_names) for row in self.plan.new]
        found = namesakes(self._tx, self._asker, self._classes, rows, self._rows)
        for number in found:
            self.plan.note("namesakes_new" if number in other_people else "namesakes_left_out", number)
        left_out = found.difference(other_people)
        self.plan.unchanged += sorted(left_out)
        self.plan.new = [row for row in self.plan.new if row.row not in left_out]

    def _compare(self, row: PlannedRow, student: Student | None) -> None:
        if student is None:
            self.plan.new.append(row)
        elif student.name != row.wish.name or not student.active:
            failure = sheet_refusals.identifier_taken_by(student.name, active=student.active)
            self._refuse(row.row, Field.IDENTIFIER, failure, row.identifier)
        else:
            change = change_of(student, row.wish)
            if change is None:
                self.plan.unchanged.append(row.row)
            else:
                self.plan.different.append((row.row, student.id, change))

    def _refuse(self, number: int, each: Field, failure: Failure, value: str = "") -> None:
        index = self._columns.get(each)
        if index is None and each is Field.IDENTIFIER:
            # It follows from a phone where there is no column of its own.
            index = next((self._columns[other] for other in _PHONE_ORDER if other in self._columns), None)
        column = "" if index is None else column_letters(index)
        self.plan.refused.add(number)
        self.plan.faults.append(SheetFault(self._sheet, number, column, _shown(each, value), failure))


_PHONE_ORDER = (Field.PHONE, Field.MOTHER_PHONE, Field.FATHER_PHONE, Field.PARENT_PHONE)


def _shown(each: Field, value: str) -> str:
    if each is Field.IDENTIFIER and value.isdecimal():
        return f"****{value[-4:]}"
    return safe_to_show(value) if value else ""


def _classes(tx: Transaction, asker: Asker) -> Mapping[str, SchoolClass]:
    found = every(lambda cursor, limit: tx.teaching.classes(asker.tenant_id, cursor, limit))
    return {each.name: each for each in found}
