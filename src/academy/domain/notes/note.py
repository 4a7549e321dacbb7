"""A wrong-answer note: what one student missed in one exam, and what is right (DOC-3)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

__all__ = [
    "AnswerWay",
    "ChartMark",
    "NoteItem",
    "NotePicture",
    "NoteStanding",
    "QuestionFigures",
    "RightAnswer",
    "Verdict",
    "WrongNote",
]


class Verdict(StrEnum):
    """How a question went. VOID: it was taken out, or given to everybody."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    BLANK = "blank"
    VOID = "void"


class AnswerWay(StrEnum):
    """How several right answers belong together. NEAR: numbers, right within a tolerance."""

    ONE = "one"
    ANY = "any"
    ALL = "all"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What is right, as it is shown; `tolerance` is more than 0 for NEAR alone."""

    texts: tuple[str, ...]
    way: AnswerWay = AnswerWay.ONE
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """How everybody did at a question.

    Attributes:
        students: whose sheets were counted, 1 or more.
        right: share of them with the right answer, 0 to 1.
        wrong: the wrong answer that most of them gave, as it is shown; "" when nobody gave one.
        wrong_share: share of them who gave it, 0 to 1.
    """

    students: int
    right: float
    wrong: str = ""
    wrong_share: float = 0.0


@dataclass(frozen=True, slots=True)
class NotePicture:
    """A picture file, PNG or JPEG, and its size in pixels."""

    file: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class NoteItem:
    """A question that was not answered right.

    Attributes:
        question: as the sheet names it.
        verdict: WRONG, BLANK or PARTIAL.
        own: the student's answer as it is shown; () for none.
        explanation: text of people, "" for none; formulas of `formula.parse` between $ signs.
        picture: of the question; None for none.
        figures: None where the question tells nothing.
    """

    question: str
    verdict: Verdict
    points: Decimal
    maximum: Decimal
    own: tuple[str, ...]
    right: RightAnswer
    explanation: str = ""
    picture: NotePicture | None = None
    figures: QuestionFigures | None = None


@dataclass(frozen=True, slots=True)
class NoteStanding:
    """Where the student stands among `students` graded ones: rank from 1, percentile 0 to 100 and grade 1 to 9 where there are such.

    `mean` and `highest` are points of the exam.
    """

    rank: int
    students: int
    mean: Decimal
    highest: Decimal
    percentile: float | None = None
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class ChartMark:
    """One question of the exam in the chart of all of them."""

    question: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WrongNote:
    """A student's note of an exam.

    Attributes:
        class_name: "" where it is not known.
        total: the student's points of `maximum`.
        chart: every question, in the order of the key.
        items: those that were not right, in the same order, 1 or more.
    """

    academy: str
    exam: str
    class_name: str
    student: str
    held_on: date | None
    total: Decimal
    maximum: Decimal
    standing: NoteStanding
    chart: tuple[ChartMark, ...]
    items: tuple[NoteItem, ...]

    def __post_init__(self) -> None:
        """Refuse a note of nothing, and one about what went well."""
        if not self.items:
            raise ValueError("a note needs a question that was not right")
        if any(item.verdict in (Verdict.RIGHT, Verdict.VOID) for item in self.items):
            raise ValueError("a note is about questions that were not right")
