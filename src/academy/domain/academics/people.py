"""Students and their parents."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Parent", "ParentOf", "Relation", "Student"]


class Relation(StrEnum):
    """What a parent is to a student."""

    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Student:
    """One student of one academy.

    Attributes:
        phone: digits of their own mobile number, "" for none.
        identifier: 8 digits that name the student on answer sheets, unique in the academy: the last 8 of their own number, else of a
            parent's, unless another was chosen.
        school, grade, note: free text, "" for none.
        account: viewer id of the login that is this student, "" for none.
        active: False for one who has left; kept for scores and messages of the past.
    """

    id: str
    tenant_id: str
    name: str
    phone: str
    identifier: str
    school: str
    grade: str
    note: str
    account: str
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Parent:
    """One parent of one or more students of one academy; a phone number names one parent there."""

    id: str
    tenant_id: str
    name: str
    phone: str
    account: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ParentOf:
    """A parent as one student has them."""

    student_id: str
    parent: Parent
    relation: Relation
