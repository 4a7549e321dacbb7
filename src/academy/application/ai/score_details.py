"""How every question of a class's exams went, as sheets beside its scores: by student, and for the class as a whole (XLS-1, OMR-5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from academy.application.ai.grading import GradedExam, graded_exam
from academy.application.ports.database import Transaction
from academy.application.ports.page import every
from academy.application.ports.spreadsheets import ColumnKind, SheetColumn, SheetTable, Value
from academy.domain.omr.analysis import QuestionStats, question_stats
from academy.domain.omr.score import Outcome

__all__ = ["BookSheet", "detail_sheets"]

_SIGNS = {
    Outcome.RIGHT: "○",
    Outcome.PARTIAL: "△",
    Outcome.WRONG: "×",
    Outcome.BLANK: "-",
    Outcome.VOID: "무효",
    Outcome.UNDECIDED: "?",
}
_MOST_EXAMS = 100
_ANALYSIS = (
    SheetColumn("시험", ColumnKind.TEXT, 20),
    SheetColumn("문항", ColumnKind.CENTRED, 6),
    SheetColumn("응시", ColumnKind.INTEGER, 6),
    SheetColumn("정답률", ColumnKind.PERCENT, 9),
    SheetColumn("평균 점수", ColumnKind.DECIMAL, 9),
    SheetColumn("무응답", ColumnKind.INTEGER, 8),
    SheetColumn("중복 표시", ColumnKind.INTEGER, 9),
    SheetColumn("변별도", ColumnKind.DECIMAL, 8),
    SheetColumn("답별 인원", ColumnKind.TEXT, 30),
)


@dataclass(frozen=True, slots=True)
class BookSheet:
    """A sheet with its rows."""

    table: SheetTable
    rows: tuple[Sequence[Value], ...]


def detail_sheets(tx: Transaction, tenant_id: str, class_id: str, book: SheetTable) -> list[BookSheet]:
    """Return two sheets for a class whose exams were marked on answer sheets, none for any other.

    The first has a row for each student and exam and a sign for each question, the second a row for each question. They are of the 100
    newest exams, the oldest first; `book` is the sheet beside which they stand.
    """
    exams = list(islice(every(partial(tx.teaching.exams, tenant_id, class_id)), _MOST_EXAMS))
    found = (graded_exam(tx, tenant_id, exam.id) for exam in reversed(exams))
    graded = [each for each in found if each is not None and each.sheet.key is not None and each.graded]
    if not graded:
        return []
    most = max(len(each.sheet.key.items) for each in graded if each.sheet.key)
    columns = [
        SheetColumn("시험", ColumnKind.TEXT, 20),
        SheetColumn("이름", ColumnKind.TEXT, 12),
        SheetColumn("점수", ColumnKind.DECIMAL, 8),
        *(SheetColumn(f"{number}번째\n문항", ColumnKind.CENTRED, 7) for number in range(1, most + 1)),
    ]
    given = replace(book, name="문항별", title=f"{book.title} 문항별", columns=columns, frozen=2)
    analysis = replace(book, name="문항 분석", title=f"{book.title} 문항 분석", columns=_ANALYSIS, frozen=2)
    return [
        BookSheet(given, tuple(row for each in graded for row in _students(each, most))),
        BookSheet(analysis, tuple(row for each in graded for row in _questions(each))),
    ]


def _students(graded: GradedExam, width: int) -> list[Sequence[Value]]:
    rows: list[tuple[str, Sequence[Value]]] = []
    for student_id, page in graded.graded.items():
        assert page.score is not None
        assert page.score.total is not None
        name = graded.students[student_id].name
        signs = [f"{each.question} {_SIGNS[each.outcome]}" for each in page.score.questions]
        blank = [None] * (width - len(signs))
        rows.append((name, (graded.exam.title, name, float(page.score.total), *signs, *blank)))
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _questions(graded: GradedExam) -> list[Sequence[Value]]:
    assert graded.sheet.key is not None
    sheets = [page.score for page in graded.graded.values() if page.score is not None]
    stats = question_stats(graded.sheet.key, graded.sheet.spec.blocks, sheets)
    return [_question(graded.exam.title, each) for each in stats]


def _question(title: str, stats: QuestionStats) -> Sequence[Value]:
    answers = ", ".join(f"{answer}: {many}명" for answer, many in stats.given.items() if many)
    return (
        title,
        stats.question,
        stats.students,
        stats.difficulty,
        stats.mean_points,
        stats.blank,
        stats.several,
        stats.upper_lower,
        answers,
    )
