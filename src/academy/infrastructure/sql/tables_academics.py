"""The tables of people and classes; see `tables.py` for what holds of all."""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, Table, Text, UniqueConstraint

from academy.domain.academics.people import Relation
from academy.domain.academics.teaching import AttendanceStatus
from academy.infrastructure.sql.columns import Choice, Key, UtcMillis
from academy.infrastructure.sql.metadata import index_part, metadata

__all__ = [
    "attendance",
    "classes",
    "enrolments",
    "exams",
    "lectures",
    "parents",
    "scores",
    "sessions",
    "student_parents",
    "students",
]

# The columns of each table stand in the order of the fields of its class in domain.academics.
students = Table(
    "students",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Key, nullable=False),
    Column("identifier", Key, nullable=False),
    Column("school", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("account", Key, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    UniqueConstraint("tenant_id", "identifier"),
)
Index("ix_students_list", students.c.tenant_id, students.c.name, students.c.id)
index_part("ix_students_account", students.c.account != "", students.c.tenant_id, students.c.account)

parents = Table(
    "parents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Key, nullable=False),
    Column("account", Key, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    UniqueConstraint("tenant_id", "phone"),
)
index_part("ix_parents_account", parents.c.account != "", parents.c.tenant_id, parents.c.account)

student_parents = Table(
    "student_parents",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("student_id", Key, primary_key=True),
    Column("parent_id", Key, primary_key=True),
    Column("relation", Choice(Relation), nullable=False),
    Index(None, "parent_id"),
)

classes = Table(
    "classes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("class_id", Key, primary_key=True),
    Column("student_id", Key, primary_key=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Index(None, "student_id"),
)

lectures = Table(
    "lectures",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("class_id", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    Index(None, "tenant_id", "class_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("lecture_id", Key, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("held_at", UtcMillis),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    UniqueConstraint("lecture_id", "number"),
)

attendance = Table(
    "attendance",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("session_id", Key, primary_key=True),
    Column("student_id", Key, primary_key=True),
    Column("status", Choice(AttendanceStatus), nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)

exams = Table(
    "exams",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("class_id", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("held_on", Date),
    Column("max_score", Float, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)
Index("ix_exams_list", exams.c.tenant_id, exams.c.created_at, exams.c.id)

scores = Table(
    "scores",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("exam_id", Key, primary_key=True),
    Column("student_id", Key, primary_key=True),
    Column("score", Float),
    Column("by", Key, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    Index(None, "student_id"),
)
