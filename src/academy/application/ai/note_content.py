"""What stands in the wrong-answer notes of an exam, from how its pages were graded (DOC-3)."""

from decimal import Decimal
from fractions import Fraction

from academy.application.ai.grading import GradedExam
from academy.application.ai.note_choice import MISSED
from academy.domain.notes.note import (
    AnswerWay,
    ChartMark,
    NoteItem,
    NoteStanding,
    QuestionFigures,
    RightAnswer,
    Verdict,
    WrongNote,
)
from academy.domain.omr.analysis import QuestionStats, Standing, question_stats, standings
from academy.domain.omr.key import AllRequired, Answer, Either, KeyItem, Number, Single, Void, number_of
from academy.domain.omr.score import QuestionScore, ScoredSheet

__all__ = ["ExamNotes"]

_CIRCLED = {str(number): chr(ord("①") + number - 1) for number in range(1, 21)}


class ExamNotes:
    """The notes of one exam; figures of everybody are worked out once."""

    def __init__(self, graded: GradedExam, academy: str, class_name: str) -> None:
        """Take how the exam stands, and names for the cover."""
        key = graded.sheet.key
        self._graded = graded
        self._academy, self._class_name = academy, class_name
        self._sheets = {
            student: page.score for student, page in graded.graded.items() if page.score is not None
        }
        self._totals = {
            student: sheet.total for student, sheet in self._sheets.items() if sheet.total is not None
        }
        self._standings = standings(self._totals)
        self._key = {item.question: item for item in key.items} if key else {}
        sheets = list(self._sheets.values())
        stats = question_stats(key, graded.sheet.spec.blocks, sheets) if key else ()
        self._stats = {each.question: each for each in stats}

    def note(self, student_id: str) -> WrongNote:
        """Return the note of a student whom `note_choice` named."""
        sheet = self._sheets[student_id]
        exam, student = self._graded.exam, self._graded.students.get(student_id)
        return WrongNote(
            academy=self._academy,
            exam=exam.title,
            class_name=self._class_name,
            student=student.name if student else "",
            held_on=exam.held_on,
            total=self._totals[student_id],
            maximum=sheet.maximum,
            standing=self._standing(self._standings[student_id]),
            chart=_chart(sheet),
            items=tuple(self._item(question) for question in sheet.questions if question.outcome in MISSED),
        )

    def _standing(self, standing: Standing) -> NoteStanding:
        totals = self._totals.values()
        return NoteStanding(
            rank=standing.rank,
            students=len(totals),
            mean=sum(totals, Decimal(0)) / len(totals),
            highest=max(totals),
            percentile=standing.percentile,
            grade=standing.grade,
        )

    def _item(self, question: QuestionScore) -> NoteItem:
        item = self._key[question.question]
        choices = not isinstance(item.answer, Number)
        return NoteItem(
            question=question.question,
            verdict=Verdict(question.outcome.value),
            points=question.points or Decimal(0),
            maximum=question.maximum,
            own=tuple(_shown(mark, choices) for mark in question.given),
            right=_right(item.answer),
            explanation=item.explanation,
            figures=_figures(self._stats[question.question], item),
        )


def _chart(sheet: ScoredSheet) -> tuple[ChartMark, ...]:
    return tuple(
        ChartMark(question.question, Verdict(question.outcome.value)) for question in sheet.questions
    )


def _right(answer: Answer) -> RightAnswer:
    match answer:
        case Single(choice):
            return RightAnswer((_shown(choice, True),))
        case Either(choices):
            return RightAnswer(tuple(_shown(choice, True) for choice in choices), AnswerWay.ANY)
        case AllRequired(choices):
            return RightAnswer(tuple(_shown(choice, True) for choice in choices), AnswerWay.ALL)
        case Number(accepted, tolerance):
            texts = tuple(_plain(number) for number in accepted)
            way = AnswerWay.NEAR if tolerance else AnswerWay.ANY if len(texts) > 1 else AnswerWay.ONE
            return RightAnswer(texts, way, tolerance)
        case Void():
            raise ValueError("a void question is nobody's mistake")


def _figures(stats: QuestionStats, item: KeyItem) -> QuestionFigures | None:
    """Return a question's figures; of the wrong answers given equally often, the first on the sheet."""
    if not stats.students or stats.difficulty is None:
        return None
    wrong = {given: many for given, many in stats.given.items() if many and _is_wrong(given, item.answer)}
    most = max(wrong, key=lambda given: wrong[given]) if wrong else ""
    shown = _shown(most, not isinstance(item.answer, Number))
    return QuestionFigures(
        stats.students, stats.difficulty, shown, wrong[most] / stats.students if wrong else 0.0
    )


def _is_wrong(given: str, answer: Answer) -> bool:
    match answer:
        case Single(choice):
            return given != choice
        case Either(choices) | AllRequired(choices):
            return given not in choices
        case Number(accepted, tolerance):
            value = number_of(given)
            return value is not None and all(
                abs(value - Fraction(each)) > Fraction(tolerance) for each in accepted
            )
        case Void():
            return False


def _shown(given: str, choice: bool) -> str:
    """Return an answer as Korean papers print it: choices by number in a circle."""
    return _CIRCLED.get(given, given) if choice else given


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
