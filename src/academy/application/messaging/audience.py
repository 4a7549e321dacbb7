"""Whom a bulk message goes to: numbers as they were typed, and the parents or students of a class (MSG-6)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from academy.application.errors import NotFound, Refused
from academy.application.messaging.orders import MOST_AT_ONCE
from academy.application.ports.database import Transaction
from academy.domain.academics.people import ParentOf, Student
from academy.domain.failures import Failure
from academy.domain.korea import korean_day
from academy.domain.messaging.compose import Recipient

__all__ = ["Addressed", "Audience", "Side", "addressed"]

TOO_MANY = Failure(
    "too_many_recipients",
    f"A message goes to at most {MOST_AT_ONCE:,} recipients at once; order it in parts.",
    f"한 번에 {MOST_AT_ONCE:,}명까지 보낼 수 있습니다. 나누어 보내 주세요.",
)


class Side(StrEnum):
    """Who is written to about a student."""

    PARENTS = "parents"
    STUDENTS = "students"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom to write to; what is named in several ways is one audience.

    Attributes:
        to: numbers as they were typed.
        class_id: whose students, "" for none; those who left the academy are left out.
        on: the day (in Korea) on which they are in the class, None for today.
        student_ids: further students, active or not.
        side: who is written to about those students.
        variables: for all; a recipient's own stand above them, and both above those that follow from people and classes.
    """

    to: Sequence[Recipient] = ()
    class_id: str = ""
    on: date | None = None
    student_ids: Sequence[str] = ()
    side: Side = Side.PARENTS
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A recipient, and the student on whose account they are one, "" for a number that was typed."""

    recipient: Recipient
    student_id: str = ""


def addressed(tx: Transaction, tenant_id: str, audience: Audience) -> list[Addressed]:
    """Return the recipients with their variables: those typed first, then students by name, each with their parents.

    A student without parents, and whoever has no phone, stands there with an empty number, which is a problem of that recipient.
    Raises NotFound for a class or student that the academy does not have, Refused for more than 10,000 recipients.
    """
    academy = tx.tenants.get(tenant_id)
    common = {"학원이름": academy.name if academy else ""}
    found = [_typed(each, common, audience.variables) for each in audience.to]
    members = _members(tx, tenant_id, audience)
    class_name = _class_name(tx, tenant_id, audience.class_id)
    students = _chosen(
        tx.people.by_ids(tenant_id, sorted({*members, *audience.student_ids})), members, audience
    )
    parents = _parents(tx, tenant_id, audience, students)
    for student in students:
        about = {**common, "학생이름": student.name}
        if student.id in members:
            about["반이름"] = class_name
        for name, phone in _people(student, parents[student.id], audience.side):
            variables = {**about, "이름": name, **audience.variables}
            found.append(Addressed(Recipient(phone, name, variables), student.id))
    if len(found) > MOST_AT_ONCE:
        raise Refused(TOO_MANY)
    return found


def _typed(given: Recipient, common: Mapping[str, str], shared: Mapping[str, str]) -> Addressed:
    variables = {**common, "이름": given.name, **shared, **given.variables}
    return Addressed(Recipient(given.phone, given.name, variables))


def _class_name(tx: Transaction, tenant_id: str, class_id: str) -> str:
    if not class_id:
        return ""
    found = tx.teaching.school_class(tenant_id, class_id)
    if found is None:
        raise NotFound("class")
    return found.name


def _members(tx: Transaction, tenant_id: str, audience: Audience) -> frozenset[str]:
    if not audience.class_id:
        return frozenset()
    day = audience.on or korean_day(tx.now())
    return frozenset(each.student_id for each in tx.teaching.enrolments(tenant_id, audience.class_id, day))


def _chosen(known: Mapping[str, Student], members: frozenset[str], audience: Audience) -> list[Student]:
    named = frozenset(audience.student_ids)
    if not named <= known.keys():
        raise NotFound("student")
    chosen = [each for each in known.values() if each.id in named or (each.id in members and each.active)]
    return sorted(chosen, key=lambda student: (student.name, student.id))


def _parents(
    tx: Transaction, tenant_id: str, audience: Audience, students: Sequence[Student]
) -> Mapping[str, list[ParentOf]]:
    found: defaultdict[str, list[ParentOf]] = defaultdict(list)
    if students and audience.side is not Side.STUDENTS:
        for each in tx.people.parents_of(tenant_id, [student.id for student in students]):
            found[each.student_id].append(each)
    return found


def _people(student: Student, parents: Sequence[ParentOf], side: Side) -> Iterator[tuple[str, str]]:
    """Yield name and phone of whoever is written to about a student."""
    if side is not Side.PARENTS:
        yield student.name, student.phone
    if side is not Side.STUDENTS:
        yield from ((each.parent.name, each.parent.phone) for each in parents)
        if not parents:
            yield student.name, ""
