"""Exams and scores."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from academy.application.ports.page import Page
from academy.domain.academics.teaching import Exam, Score
from academy.infrastructure.sql import cursors
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.tables_academics import classes, exams, scores, students
from academy.infrastructure.sql.teaching_rows import SqlRows, columns_of, known, new_columns_of, ours

__all__ = ["SqlExams"]

_SCORED = tuple(column for column in scores.columns if column.name != "tenant_id")
_SCORE_TYPES = {
    "exam_id": "text",
    "student_id": "text",
    "score": "double precision",
    "noted_by": "text",
}


class SqlExams(SqlRows):
    """Exams and scores of `TeachingRepository`."""

    def add_exam(self, exam: Exam) -> None:
        """Insert an exam. Raises ValueError when the academy has no such class."""
        self._require(classes, exam.tenant_id, exam.class_id)
        new = self._insert(exams).values(new_columns_of(exams, exam))
        self._connection.execute(new)

    def exam(self, tenant_id: str, exam_id: str, *, lock: bool = False) -> Exam | None:
        """Return an exam or None; `lock` keeps the row until the transaction ends."""
        row = self._one(exams, tenant_id, exam_id, lock=lock)
        return None if row is None else _exam(row)

    def exams(self, tenant_id: str, class_id: str, cursor: str, limit: int) -> Page[Exam]:
        """Return exams of a class ("": of all), newest first; a cursor that is not ours raises ValueError."""
        query = select(exams).where(exams.c.tenant_id == tenant_id)
        if class_id:
            query = query.where(exams.c.class_id == class_id)
        newest = cursors.newest_first(query, exams, cursor, limit)
        found = [_exam(row) for row in self._connection.execute(newest)]
        return cursors.page_of_newest(found, limit)

    def save_exam(self, exam: Exam) -> None:
        """Write every field of an exam; nothing when the academy has no such exam or class."""
        mine = ours(exams, exam.tenant_id, exam.id)
        allowed = known(classes, exam.tenant_id, exam.class_id)
        self._connection.execute(update(exams).where(mine, allowed).values(columns_of(exams, exam)))

    def note_scores(self, tenant_id: str, given_scores: Sequence[Score]) -> None:
        """Write scores, over those noted before; the last of several scores for the same counts. Ids of others are left out."""
        last = {(score.exam_id, score.student_id): score for score in given_scores}
        # Sorted, so that two batches with the same rows never wait for each other in a circle.
        rows = [[*pair, score.score, score.by] for pair, score in sorted(last.items())]
        given = given_rows(self._connection, rows, **_SCORE_TYPES)
        noted = (given.c.score, given.c.noted_by, row_now())
        chosen = select(exams.c.tenant_id, exams.c.id, students.c.id, *noted).where(
            exams.c.id == given.c.exam_id,
            exams.c.tenant_id == tenant_id,
            students.c.id == given.c.student_id,
            students.c.tenant_id == tenant_id,
        )
        new = self._insert(scores).from_select(list(scores.c.keys()), chosen.order_by(given.c.n))
        over = {name: new.excluded[name] for name in ("score", "by", "updated_at")}
        pair = ["exam_id", "student_id"]
        self._connection.execute(new.on_conflict_do_update(index_elements=pair, set_=over))

    def remove_scores(self, tenant_id: str, exam_id: str, student_ids: Sequence[str]) -> None:
        """Delete the scores of some students; one who has none is no error."""
        given = given_rows(self._connection, [[each] for each in student_ids], id="text")
        mine = (scores.c.tenant_id == tenant_id) & (scores.c.exam_id == exam_id)
        theirs = scores.c.student_id.in_(select(given.c.id))
        self._connection.execute(delete(scores).where(mine, theirs))

    def scores(self, tenant_id: str, exam_id: str) -> Sequence[Score]:
        """Return the scores of an exam, by student id."""
        mine = (scores.c.tenant_id == tenant_id) & (scores.c.exam_id == exam_id)
        rows = self._connection.execute(select(*_SCORED).where(mine).order_by(scores.c.student_id))
        return [Score(*row) for row in rows]

    def scores_of(self, tenant_id: str, student_id: str, limit: int) -> Sequence[tuple[Exam, Score]]:
        """Return what a student scored, newest exam first."""
        query = select(*exams.c, *_SCORED).where(
            scores.c.tenant_id == tenant_id,
            scores.c.student_id == student_id,
            exams.c.id == scores.c.exam_id,
            exams.c.tenant_id == tenant_id,
        )
        newest = query.order_by(exams.c.created_at.desc(), exams.c.id.desc()).limit(limit)
        width = len(exams.c)
        return [(Exam(*row[:width]), Score(*row[width:])) for row in self._connection.execute(newest)]


def _exam(row: Sequence[Any]) -> Exam:
    return Exam(*row)
