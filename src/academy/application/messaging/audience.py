"""Whom a bulk message goes to: numbers as they were typed, and the parents or students of a class (MSG-6)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from academy.application.errors import Fault, NotFound, Path, Refused
from academy.application.messaging.orders import MOST_AT_ONCE, RecipientsRefused
from academy.application.ports.database import Transaction
from academy.domain.academics.people import ParentOf, Student
from academy.domain.academics.teaching import SchoolClass
from academy.domain.failures import Failure
from academy.domain.korea import korean_day
from academy.domain.messaging import refusals
from academy.domain.messaging.compose import Recipient
from academy.domain.phone import PHONE_FAILURES

__all__ = ["Addressed", "Audience", "Side", "addressed", "problem_of", "refusal_naming"]

TOO_MANY = Failure(
    "too_many_recipients",
    f"A message goes to at most {MOST_AT_ONCE:,} recipients at once; order it in parts.",
    f"한 번에 {MOST_AT_ONCE:,}명까지 보낼 수 있습니다. 나누어 보내 주세요.",
)
CLASS_CLOSED = Failure(
    "class_closed",
    "The class has ended; make it active again, or name its students in `student_ids`.",
    "종료된 반입니다. 반을 다시 운영 중으로 바꾸거나 student_ids에 학생을 지정해 주세요.",
)
_PART_BY_CODE = {**{each.code: "phone" for each in PHONE_FAILURES.values()}, "variables_missing": "variables"}


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
        class_id: whose students, "" for none; those who left the academy are left out. The class is active.
        on: the day (in Korea) on which they are in the class, None for today.
        student_ids: further students; of one who left the academy that is a problem.
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
    """A recipient and how they came to be one.

    Attributes:
        student_id: the student on whose account, "" for a number that was typed.
        path: where in the request they are named; of somebody of a class ("class_id", id of the student).
        problem: why nobody can be written to, where that is known of the student; the number is "" then.
    """

    recipient: Recipient
    student_id: str = ""
    path: Path = ()
    problem: Failure | None = None


def addressed(tx: Transaction, tenant_id: str, audience: Audience) -> list[Addressed]:
    """Return the recipients with their variables: those typed first, then students by name, each with their parents.

    A student who has left or has no parents, and whoever has no phone, stands there with an empty number, which is a problem of that
    recipient. Raises NotFound for a class or students that the academy does not have, Refused for a class that has ended and for more
    than 10,000 recipients.
    """
    academy = tx.tenants.get(tenant_id)
    common = {"학원이름": academy.name if academy else ""}
    found = [_typed(at, each, common, audience.variables) for at, each in enumerate(audience.to)]
    given = _class(tx, tenant_id, audience.class_id)
    members = _members(tx, tenant_id, audience)
    known = tx.people.by_ids(tenant_id, sorted({*members, *audience.student_ids}))
    students = _chosen(known, members, audience.student_ids)
    parents = _parents(tx, tenant_id, audience, students)
    places = _places(audience.student_ids)
    for student in students:
        about = {**common, "학생이름": student.name}
        if given is not None and student.id in members:
            about["반이름"] = given.name
        path = places.get(student.id, ("class_id", student.id))
        for name, phone, problem in _people(student, parents[student.id], audience.side):
            variables = {**about, "이름": name, **audience.variables}
            found.append(Addressed(Recipient(phone, name, variables), student.id, path, problem))
    if len(found) > MOST_AT_ONCE:
        raise Refused(TOO_MANY)
    return found


def problem_of(recipient: Addressed, composed: Failure) -> Failure:
    """Return why a recipient cannot be sent to: what is known of the student before what composing found."""
    return recipient.problem or composed


def refusal_naming(refused: RecipientsRefused, audience: Sequence[Addressed]) -> Refused:
    """Return the refusal of an order with a fault for each recipient who cannot be sent to, by their place in the request."""
    found = [(audience[at], problem_of(audience[at], failure)) for at, failure in refused.problems]
    alone = len(audience) == 1
    return Refused(found[0][1] if alone else refused.failure, [_fault(*each) for each in found])


def _fault(recipient: Addressed, failure: Failure) -> Fault:
    if not recipient.student_id:
        part = _PART_BY_CODE.get(failure.code)
        return Fault((*recipient.path, part) if part else recipient.path, failure)
    name = recipient.recipient.name
    told = replace(failure, message=f"{name}: {failure.message}", message_ko=f"{name}: {failure.message_ko}")
    return Fault(recipient.path, told)


def _typed(at: int, given: Recipient, common: Mapping[str, str], shared: Mapping[str, str]) -> Addressed:
    variables = {**common, "이름": given.name, **shared, **given.variables}
    return Addressed(Recipient(given.phone, given.name, variables), path=("to", at))


def _places(student_ids: Sequence[str]) -> dict[str, Path]:
    """Return where each student is named for the first time."""
    return {each: ("student_ids", at) for at, each in reversed(list(enumerate(student_ids)))}


def _class(tx: Transaction, tenant_id: str, class_id: str) -> SchoolClass | None:
    if not class_id:
        return None
    found = tx.teaching.school_class(tenant_id, class_id)
    if found is None:
        raise NotFound("class", [("class_id",)])
    if not found.active:
        raise Refused(CLASS_CLOSED, [Fault(("class_id",), CLASS_CLOSED)])
    return found


def _members(tx: Transaction, tenant_id: str, audience: Audience) -> frozenset[str]:
    if not audience.class_id:
        return frozenset()
    day = audience.on or korean_day(tx.now())
    return frozenset(each.student_id for each in tx.teaching.enrolments(tenant_id, audience.class_id, day))


def _chosen(
    known: Mapping[str, Student], members: frozenset[str], student_ids: Sequence[str]
) -> list[Student]:
    missing: list[Path] = [("student_ids", at) for at, each in enumerate(student_ids) if each not in known]
    if missing:
        raise NotFound("student", missing)
    named = frozenset(student_ids)
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


def _people(
    student: Student, parents: Sequence[ParentOf], side: Side
) -> Iterator[tuple[str, str, Failure | None]]:
    """Yield name and phone of whoever is written to about a student, and what is wrong with the student."""
    if not student.active:
        yield student.name, "", refusals.STUDENT_LEFT
        return
    if side is not Side.PARENTS:
        yield student.name, student.phone, None
    if side is not Side.STUDENTS:
        yield from ((each.parent.name, each.parent.phone, None) for each in parents)
        if not parents:
            yield student.name, "", refusals.PARENTS_MISSING
