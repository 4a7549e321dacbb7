"""Exams and how they went (ACA-1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from academy.application.academics.asker import (
    Asker,
    find_class,
    find_student,
    own_classes,
    own_students,
    today,
    whole,
)
from academy.application.academics.classes import check_members
from academy.application.academics.following import RosterFollower
from academy.application.academics.form import Fault, FieldsRefused, Form, Path
from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page, every
from academy.domain.academics import refusals
from academy.domain.academics.teaching import Exam, Score, score_problem

__all__ = ["ExamChange", "Exams", "NewExam", "Scored"]


@dataclass(frozen=True, slots=True)
class NewExam:
    """An exam as somebody planned it."""

    class_id: str
    title: str
    held_on: date | None
    max_score: float


@dataclass(frozen=True, slots=True)
class ExamChange:
    """What to change of an exam; None stays; `unplanned` takes its day away."""

    title: str | None = None
    held_on: date | None = None
    max_score: float | None = None
    unplanned: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """What a student scored; None for one who was absent."""

    student_id: str
    score: float | None


class Exams:
    """The use cases of exams; those who do not manage see those of their or their children's classes, and their own scores."""

    def __init__(self, new_id: Callable[[], str], follower: RosterFollower) -> None:
        """Take a maker of ids, and what follows from changes."""
        self._new_id = new_id
        self._follower = follower

    def list(self, tx: Transaction, asker: Asker, class_id: str, cursor: str, limit: int) -> Page[Exam]:
        """Return exams of a class ("": of all), newest first; raises ValueError for a cursor that is not ours."""
        tenant_id = asker.tenant_id
        if asker.manages:
            return tx.teaching.exams(tenant_id, class_id, cursor, limit)
        found: list[Exam] = []
        for each in own_classes(tx, asker):
            if class_id in {"", each.id}:
                found += every(partial(tx.teaching.exams, tenant_id, each.id))
        return whole(sorted(found, key=lambda exam: (exam.created_at, exam.id), reverse=True), cursor)

    def get(self, tx: Transaction, asker: Asker, exam_id: str) -> Exam:
        """Return an exam. Raises NotFound."""
        return _exam(tx, asker, exam_id)

    def add(self, tx: Transaction, asker: Asker, wish: NewExam) -> Exam:
        """Make an exam of a class. Raises NotFound for the class."""
        find_class(tx, asker, wish.class_id, named_at=("class_id",))
        now = tx.now()
        made = Exam(
            id=self._new_id(),
            tenant_id=asker.tenant_id,
            class_id=wish.class_id,
            title=wish.title,
            held_on=wish.held_on,
            max_score=wish.max_score,
            created_at=now,
            updated_at=now,
        )
        tx.teaching.add_exam(made)
        return made

    def change(self, tx: Transaction, asker: Asker, exam_id: str, change: ExamChange) -> Exam:
        """Change an exam; its maximum never falls below a score that stands or the points of its key. Raises NotFound, FieldsRefused."""
        before = _exam(tx, asker, exam_id, lock=True)
        held_on = change.held_on or before.held_on
        changed = replace(
            before,
            title=change.title or before.title,
            held_on=None if change.unplanned else held_on,
            max_score=change.max_score or before.max_score,
            updated_at=tx.now(),
        )
        if changed.max_score < before.max_score:
            _check_lower(tx, changed)
        tx.teaching.save_exam(changed)
        if (changed.held_on, changed.max_score) != (before.held_on, before.max_score):
            self._follower.exam_changed(tx, asker.tenant_id, exam_id)
        return changed

    def scores(self, tx: Transaction, asker: Asker, exam_id: str) -> Sequence[Score]:
        """Return the scores of an exam, by student; those who do not manage see their own. Raises NotFound."""
        _exam(tx, asker, exam_id)
        noted = tx.teaching.scores(asker.tenant_id, exam_id)
        if asker.manages:
            return noted
        own = own_students(tx, asker)
        return [each for each in noted if each.student_id in own]

    def note_scores(
        self, tx: Transaction, asker: Asker, exam_id: str, scored: Sequence[Scored]
    ) -> Sequence[Score]:
        """Write scores, over those noted before; return all that are noted. Raises NotFound, FieldsRefused."""
        # Locked, so that its maximum does not fall below a score that is just being noted.
        exam = _exam(tx, asker, exam_id, lock=True)
        given = find_class(tx, asker, exam.class_id)
        form = Form()
        listed: dict[Path, str] = {}
        for index, each in enumerate(scored):
            listed["items", index, "student_id"] = each.student_id
            if score_problem(each.score, exam.max_score):
                form.refuse(("items", index, "score"), refusals.SCORE_OUT_OF_RANGE)
        known = {each.student_id for each in tx.teaching.scores(asker.tenant_id, exam_id)}
        check_members(tx, form, given, exam.held_on or today(tx), known, listed)
        form.check()
        now = tx.now()
        notes = [Score(exam_id, each.student_id, each.score, asker.account, now) for each in scored]
        tx.teaching.note_scores(asker.tenant_id, notes)
        return tx.teaching.scores(asker.tenant_id, exam_id)

    def scores_of(
        self, tx: Transaction, asker: Asker, student_id: str, limit: int
    ) -> Sequence[tuple[Exam, Score]]:
        """Return what a student scored, newest exam first. Raises NotFound."""
        find_student(tx, asker, student_id)
        return tx.teaching.scores_of(asker.tenant_id, student_id, limit)


def _check_lower(tx: Transaction, exam: Exam) -> None:
    """Refuse a maximum that the points of the key or a score that stands pass. Raises FieldsRefused."""
    sheet = tx.exam_sheets.get(exam.tenant_id, exam.id)
    if sheet is not None and sheet.key is not None and float(sheet.key.maximum) > exam.max_score:
        raise FieldsRefused([Fault(("max_score",), refusals.MAX_SCORE_BELOW_KEY)])
    noted = tx.teaching.scores(exam.tenant_id, exam.id)
    if any(score_problem(each.score, exam.max_score) for each in noted):
        raise FieldsRefused([Fault(("max_score",), refusals.MAX_SCORE_BELOW_SCORES)])


def _exam(tx: Transaction, asker: Asker, exam_id: str, *, lock: bool = False) -> Exam:
    exam = tx.teaching.exam(asker.tenant_id, exam_id, lock=lock)
    if exam is None:
        raise NotFound("exam")
    try:
        find_class(tx, asker, exam.class_id)
    except NotFound:
        # The address names the exam, not its class.
        raise NotFound("exam") from None
    return exam
