"""What people look at and decide once scans were read (OMR-4), and how the exam went (OMR-5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from academy.application.academics.asker import Asker
from academy.application.academics.form import Form
from academy.application.ai import refusals
from academy.application.ai.exam_readings import ExamReadings, read_exam
from academy.application.ai.grading import GradedExam, GradedPage, grade, graded_exam, note_graded
from academy.application.ai.managed import managed_exam, managed_scan
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import DecisionTaken
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam, Score
from academy.domain.omr.analysis import (
    ExamStats,
    QuestionStats,
    Standing,
    exam_stats,
    question_stats,
    standings,
)
from academy.domain.omr.decisions import Decision, DecisionRefused, decide_field, decide_student
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.score import QuestionScore

__all__ = ["NOT_SAID", "ExamResults", "NotSaid", "Review", "ReviewQueue", "StudentResult"]


class NotSaid(Enum):
    """The absence of a word on the student of a page; None is a word: it takes earlier ones back."""

    NOT_SAID = "not said"


NOT_SAID = NotSaid.NOT_SAID


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Pages that a person has to look at, by scan and page.

    Attributes:
        pages: at most as many as were asked for; `doubtful` names their fields, `reasons` says why, `match.candidates` whom
            each may belong to.
        waiting: how many pages wait, all of them.
        fields: how many doubtful fields these have.
        pages_read: how many pages there are.
    """

    pages: tuple[GradedPage, ...]
    waiting: int
    fields: int
    pages_read: int


@dataclass(frozen=True, slots=True)
class StudentResult:
    """How a student did by the sheet.

    Attributes:
        scan_id, page: where the sheet lies.
        total: points, exact.
        noted: the score that stands in the exam's list; a person may have noted another, None when none stands there.
    """

    student: Student
    scan_id: str
    page: int
    total: Decimal
    maximum: Decimal
    standing: Standing
    questions: tuple[QuestionScore, ...]
    noted: Score | None


@dataclass(frozen=True, slots=True)
class ExamResults:
    """How an exam went.

    Attributes:
        students: who has a score by their sheet, the best first.
        without: students who were expected and have none, by name.
        waiting: pages that a person has to look at, by scan and page.
    """

    exam: Exam
    sheet: ExamSheet
    students: tuple[StudentResult, ...]
    without: tuple[Student, ...]
    questions: tuple[QuestionStats, ...]
    stats: ExamStats
    waiting: tuple[GradedPage, ...]


class Review:
    """The use cases of the review, for those who manage; to others an exam is not there."""

    def queue(self, tx: Transaction, asker: Asker, exam_id: str, limit: int) -> ReviewQueue:
        """Return the first `limit` pages that wait for a person. Raises NotFound."""
        graded = _graded(tx, asker, exam_id)
        waiting = [page for page in graded.pages if page.waits]
        fields = sum(len(page.doubtful) for page in waiting)
        return ReviewQueue(tuple(waiting[:limit]), len(waiting), fields, len(graded.pages))

    def page(self, tx: Transaction, asker: Asker, scan_id: str, number: int) -> GradedPage:
        """Return one page as it stands. Raises NotFound."""
        scan = managed_scan(tx, asker, scan_id)
        return _page(_graded(tx, asker, scan.exam_id), scan_id, number)

    def decide(
        self,
        tx: Transaction,
        asker: Asker,
        scan_id: str,
        number: int,
        fields: Mapping[str, Sequence[str] | None],
        student: str | NotSaid | None = NOT_SAID,
        seen: int | None = None,
    ) -> GradedPage:
        """Append what a person says of a page: marked choices by field (() nothing, None takes back), and whose it is.

        `student` is an id, "" for nobody's (set aside), None takes back. `seen` is how many decisions the page had when the person
        looked. Scores follow. Raises NotFound, FieldsRefused at ("fields", name) or ("student",), Refused (`decision_empty`), and
        Conflict (`decision_taken`) when somebody else has decided on the page meanwhile; nothing has changed then.
        """
        scan = managed_scan(tx, asker, scan_id, lock=True)
        found = read_exam(tx, asker.tenant_id, scan.exam_id)
        if found is None:
            raise NotFound("sheet")
        page = _page(grade(found), scan_id, number)
        if seen is not None and seen != len(page.log):
            raise Conflict(refusals.DECISION_TAKEN)
        new = _decisions(found, page, fields, student, asker.account, tx.now())
        try:
            tx.scans.decide(asker.tenant_id, scan_id, number, new)
        except DecisionTaken:
            raise Conflict(refusals.DECISION_TAKEN) from None
        logs = {**found.logs, (scan_id, number): [*page.log, *new]}
        graded = grade(replace(found, logs=logs))
        note_graded(tx, graded)
        return _page(graded, scan_id, number)

    def results(self, tx: Transaction, asker: Asker, exam_id: str) -> ExamResults:
        """Return how the exam went. Raises NotFound, Conflict (`key_missing`)."""
        graded = _graded(tx, asker, exam_id)
        key, blocks = graded.sheet.key, graded.sheet.spec.blocks
        if key is None:
            raise Conflict(refusals.KEY_MISSING)
        sheets = [page.score for page in graded.pages if page.score is not None]
        noted = {each.student_id: each for each in tx.teaching.scores(asker.tenant_id, exam_id)}
        students = _students(graded, noted)
        ranked = {each.student.id for each in students}
        others = (graded.students[each] for each in graded.expected - ranked)
        return ExamResults(
            graded.exam,
            graded.sheet,
            students,
            tuple(sorted(others, key=lambda each: (each.name, each.id))),
            question_stats(key, blocks, sheets),
            exam_stats(key, sheets),
            tuple(page for page in graded.pages if page.waits),
        )


def _graded(tx: Transaction, asker: Asker, exam_id: str) -> GradedExam:
    managed_exam(tx, asker, exam_id)
    graded = graded_exam(tx, asker.tenant_id, exam_id)
    if graded is None:
        raise NotFound("sheet")
    return graded


def _page(graded: GradedExam, scan_id: str, number: int) -> GradedPage:
    found = graded.page(scan_id, number)
    if found is None:
        raise NotFound(f"page {number}")
    return found


def _decisions(
    found: ExamReadings,
    page: GradedPage,
    fields: Mapping[str, Sequence[str] | None],
    student: str | NotSaid | None,
    by: str,
    at: datetime,
) -> list[Decision]:
    """Return what is to be appended to the page's log. Raises FieldsRefused with all that is wrong, Refused for nothing at all."""
    log, blocks, form = list(page.log), found.sheet.spec.blocks, Form()
    for name, marked in fields.items():
        try:
            log.append(decide_field(log, page.page.reading, blocks, name, marked, by=by, at=at))
        except DecisionRefused as wrong:
            form.refuse(("fields", name), wrong.failure)
    if not isinstance(student, NotSaid):
        try:
            log.append(decide_student(log, page.match.by_reader, student, found.roster, by=by, at=at))
        except DecisionRefused as wrong:
            form.refuse(("student",), wrong.failure)
    form.check()
    if len(log) == len(page.log):
        raise Refused(refusals.DECISION_EMPTY)
    return log[len(page.log) :]


def _students(graded: GradedExam, noted: Mapping[str, Score]) -> tuple[StudentResult, ...]:
    """Return how those with a score did, the best first, equals by name."""
    scores = {
        student: (page, page.score, page.score.total)
        for student, page in graded.graded.items()
        if page.score is not None and page.score.total is not None
    }
    places = standings({student: total for student, (_, _, total) in scores.items()})
    found = [
        StudentResult(
            graded.students[student],
            page.scan.id,
            page.number,
            total,
            score.maximum,
            places[student],
            score.questions,
            noted.get(student),
        )
        for student, (page, score, total) in scores.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.standing.rank, each.student.name, each.student.id)))
