"""Exams as they were graded, without a database."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from academy.application.ai.grading import GradedExam, GradedPage
from academy.application.ports.exam_sheets import ScanPage
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam
from academy.domain.omr.decisions import effective
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import (
    AllRequired,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
)
from academy.domain.omr.match import Match
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.scan import Scan, ScanState
from academy.domain.omr.score import score_page
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet

__all__ = ["KEY", "NOW", "SCAN", "SPEC", "graded", "reading", "student"]

NOW = datetime(2026, 3, 28, 3, tzinfo=UTC)
SPEC = standard_sheet(6, 5, 2, 3)
SCAN = Scan("scan", "t1", "e1", 1, "d1", "a.pdf", ScanState.READ, "r1", 1, "j1", None, "staff", NOW)

KEY = AnswerKey(
    (
        KeyItem("1", Single("3"), Decimal(4), explanation="해설 하나"),
        KeyItem("2", Either(("1", "5")), Decimal(4)),
        KeyItem("3", AllRequired(("1", "2", "3"), Partial(Decimal(1))), Decimal(3)),
        KeyItem("4", Void(VoidMode.FULL_POINTS), Decimal(2)),
        KeyItem("5", Single("1"), Decimal(4), penalty=Decimal(1)),
        KeyItem("6", Single("2"), Decimal("2.5")),
        KeyItem("7", Number((Decimal("12.50"),)), Decimal(5)),
        KeyItem("8", Number((Decimal(7),), Decimal("0.5")), Decimal(5)),
    )
)


def student(name: str, identifier: str = "00000000") -> Student:
    return Student(name, "t1", f"학생 {name}", "", identifier, "", "", "", "", True, NOW, NOW)


def graded(answers: Mapping[str, Mapping[str, str]], key: AnswerKey | None = KEY) -> GradedExam:
    """Return an exam with a page for each student: marked choices, or digits, by question; "?" for a doubtful mark."""
    exam = Exam("e1", "t1", "c1", "3월 수학", date(2026, 3, 28), 100.0, NOW, NOW)
    sheet = ExamSheet("t1", "e1", SPEC, key, 0.9, "", 1, "staff", NOW)
    pages = tuple(
        _page(sheet, number, name, marks) for number, (name, marks) in enumerate(answers.items(), 1)
    )
    return GradedExam(exam, sheet, (SCAN,), {}, {name: student(name) for name in answers}, pages)


def _page(sheet: ExamSheet, number: int, name: str, marks: Mapping[str, str]) -> GradedPage:
    page = reading(sheet.spec, number, marks)
    counting, match = effective(page, []), Match(number, name)
    score = score_page(sheet.key, sheet.spec.blocks, counting, match, 0.9) if sheet.key else None
    return GradedPage(SCAN, ScanPage("scan", page, ""), counting, (), match, score, ())


def reading(spec: SheetSpec, number: int, marks: Mapping[str, str]) -> PageReading:
    """Return a page as it was read; see `graded`."""
    fields = {}
    for block in spec.blocks:
        for at, field in enumerate(block.fields):
            given = marks.get(block.name, "")[at : at + 1] if "." in field else marks.get(field, "")
            doubtful = given == "?"
            marked = () if doubtful else tuple(given)
            state = (MarkState.BLANK, MarkState.SINGLE, MarkState.MULTIPLE)[min(len(marked), 2)]
            fields[field] = FieldReading(field, state, marked, 0.5 if doubtful else 1.0, ())
    return PageReading(number, fields=fields)
