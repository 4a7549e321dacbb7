"""Who asks, and what of an academy's people and classes they may see."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from academy.application.errors import NotFound, Path
from academy.application.ports.academics import PeopleFilter
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page, every
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import SchoolClass
from academy.domain.korea import korean_day

__all__ = [
    "Asker",
    "find_class",
    "find_student",
    "own_classes",
    "own_students",
    "today",
    "whole",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """A member of an academy.

    Attributes:
        account: viewer id of their login.
        manages: sees and changes everything; others see what is their own or their children's.
    """

    tenant_id: str
    account: str
    manages: bool


def today(tx: Transaction) -> date:
    """Return the day in Korea."""
    return korean_day(tx.now())


def whole(items: list[T], cursor: str) -> Page[T]:
    """Return a list that has one page only; raises ValueError for any cursor, for it never gave one."""
    if cursor:
        raise ValueError("not a cursor of ours")
    return Page(items, "")


def own_students(tx: Transaction, asker: Asker) -> frozenset[str]:
    """Return the ids of the students that somebody is or is a parent of, of those who left as well."""
    where = PeopleFilter(account=asker.account, active_only=False)
    found = every(lambda cursor, limit: tx.people.students(asker.tenant_id, where, cursor, limit))
    return frozenset(student.id for student in found)


def find_student(tx: Transaction, asker: Asker, student_id: str, *, lock: bool = False) -> Student:
    """Return a student that the asker may see; `lock` as in the port. Raises NotFound."""
    student = tx.people.student(asker.tenant_id, student_id, lock=lock)
    if student is None or not (asker.manages or student.id in own_students(tx, asker)):
        raise NotFound("student")
    return student


def own_classes(tx: Transaction, asker: Asker) -> list[SchoolClass]:
    """Return the active classes that somebody or a child of theirs is in today, by name."""
    return list(tx.teaching.classes_of(asker.tenant_id, sorted(own_students(tx, asker)), today(tx)))


def find_class(
    tx: Transaction, asker: Asker, class_id: str, *, lock: bool = False, named_at: Path = ()
) -> SchoolClass:
    """Return a class that the asker may see: those who do not manage, where they or a child are today.

    `lock` as in the port; `named_at` is where the request's body names it, () where the address does. Raises NotFound.
    """
    found = tx.teaching.school_class(asker.tenant_id, class_id, lock=lock)
    if found is None or not (asker.manages or _is_in(tx, asker, class_id)):
        raise NotFound("class", [named_at] if named_at else [])
    return found


def _is_in(tx: Transaction, asker: Asker, class_id: str) -> bool:
    where = PeopleFilter(class_id=class_id, account=asker.account, active_only=False)
    return bool(tx.people.students(asker.tenant_id, where, "", 1).items)
