"""Rows of a roster beside whom the academy knows: what they say otherwise, and who seems to be in the class already (XLS-1)."""

from collections.abc import Collection, Mapping, Sequence

from academy.application.academics.asker import Asker, today
from academy.application.academics.people import StudentChange
from academy.application.academics.roster import NewStudent
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Student
from academy.domain.academics.sheet_words import Field
from academy.domain.academics.teaching import SchoolClass

__all__ = ["change_of", "namesakes", "plain_name"]

_TEXTS = ((Field.SCHOOL, "school"), (Field.GRADE, "grade"), (Field.NOTE, "note"))


def plain_name(name: str) -> str:
    """Return a name without what people write now one way, now the other: blanks and case."""
    return "".join(name.split()).casefold()


def namesakes(
    tx: Transaction,
    asker: Asker,
    classes: Mapping[str, SchoolClass],
    rows: Sequence[tuple[int, str, Sequence[str]]],
    identifiers: Collection[str],
) -> frozenset[int]:
    """Return the numbers of those rows, given as (number, name, classes), that name somebody who is in one of their classes today.

    Whom the sheet names by one of its `identifiers` is not meant by a second row of that name.
    """
    there = {
        name: _members(tx, asker, classes[name], identifiers)
        for name in {each for _, _, names in rows for each in names}
    }
    return frozenset(
        number for number, name, names in rows if any(plain_name(name) in there[each] for each in names)
    )


def _members(
    tx: Transaction, asker: Asker, given: SchoolClass, identifiers: Collection[str]
) -> frozenset[str]:
    enrolled = tx.teaching.enrolments(asker.tenant_id, given.id, today(tx))
    people = tx.people.by_ids(asker.tenant_id, [each.student_id for each in enrolled])
    return frozenset(plain_name(each.name) for each in people.values() if each.identifier not in identifiers)


def change_of(student: Student, wish: NewStudent) -> StudentChange | None:
    """Return what a row says otherwise of a known student; a blank says nothing."""
    pairs = [(name, getattr(wish, name)) for _, name in _TEXTS]
    changed = {
        name: value
        for name, value in [*pairs, ("phone", wish.phone)]
        if value and value != getattr(student, name)
    }
    return StudentChange(**changed) if changed else None
