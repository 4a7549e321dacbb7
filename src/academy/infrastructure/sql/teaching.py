"""Classes, lectures, attendance, exams and scores: everything of the port on one connection."""

from academy.infrastructure.sql.teaching_classes import SqlClasses
from academy.infrastructure.sql.teaching_exams import SqlExams
from academy.infrastructure.sql.teaching_lessons import SqlLessons

__all__ = ["SqlTeachingRepository"]


class SqlTeachingRepository(SqlClasses, SqlLessons, SqlExams):
    """`TeachingRepository` on one connection."""
