"""What a note says follows from how the pages were graded (DOC-3)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.notes.graded import KEY, graded

from academy.application.ai.note_choice import NoteChoice, note_choice
from academy.application.ai.note_content import ExamNotes
from academy.application.ai.note_json import from_book, to_book
from academy.contracts.children.notes import BookNote
from academy.domain.notes.note import AnswerWay, NoteItem, NotePicture, RightAnswer, Verdict, WrongNote
from academy.domain.omr.key import AnswerKey

pytestmark = pytest.mark.requirement("DOC-3")

PERFECT = {"1": "3", "2": "5", "3": "123", "5": "1", "6": "2", "7": "125", "8": "7"}
ANSWERS = {
    "best": {**PERFECT, "7": ""},
    "a": {"1": "4", "2": "1", "3": "12", "5": "2", "7": "99", "8": "006"},
    "b": {**PERFECT, "1": "4", "5": "12", "8": "9", "7": "99"},
    "c": {**PERFECT, "1": "5", "7": "98"},
}


def notes() -> ExamNotes:
    return ExamNotes(graded(ANSWERS), "한빛학원", "고2")


def note(name: str) -> WrongNote:
    return notes().note(name)


def by_question(found: WrongNote) -> dict[str, NoteItem]:
    return {item.question: item for item in found.items}


def test_only_what_was_not_right_is_in_it_in_the_order_of_the_exam() -> None:
    assert [item.question for item in note("a").items] == ["1", "3", "5", "6", "7", "8"]
    assert [item.question for item in note("c").items] == ["1", "7"]


def test_the_cover_has_every_question_and_the_standing() -> None:
    found = note("a")
    assert (found.academy, found.exam, found.class_name, found.student) == (
        "한빛학원",
        "3월 수학",
        "고2",
        "학생 a",
    )
    assert [mark.verdict for mark in found.chart] == [
        Verdict.WRONG, Verdict.RIGHT, Verdict.PARTIAL, Verdict.VOID, Verdict.WRONG, Verdict.BLANK, Verdict.WRONG, Verdict.WRONG,
    ]  # fmt: skip
    assert found.total == Decimal(4 + 2 + 2 - 1)
    assert found.maximum == Decimal("29.5")
    assert (found.standing.rank, found.standing.students) == (4, 4)
    assert found.standing.highest == Decimal("24.5")
    assert found.standing.grade is None


def test_answers_are_shown_as_papers_print_them() -> None:
    items = by_question(note("a"))
    assert (items["1"].own, items["1"].right) == (("④",), RightAnswer(("③",)))
    assert (items["3"].own, items["3"].right) == (("①", "②"), RightAnswer(("①", "②", "③"), AnswerWay.ALL))
    assert (items["3"].points, items["3"].maximum) == (Decimal(2), Decimal(3))
    assert items["5"].points == Decimal(-1)
    assert items["6"].own == ()
    assert items["6"].verdict is Verdict.BLANK
    assert (items["7"].own, items["7"].right) == (("99",), RightAnswer(("12.5",)))
    assert items["8"].right == RightAnswer(("7",), AnswerWay.NEAR, Decimal("0.5"))


def test_either_answer_is_shown_as_such() -> None:
    found = ExamNotes(graded({"a": {"2": "3"}}), "", "").note("a")
    assert found is not None
    assert by_question(found)["2"].right == RightAnswer(("①", "⑤"), AnswerWay.ANY)


def test_figures_count_everybody_and_name_the_most_frequent_mistake() -> None:
    items = by_question(note("a"))
    first, digits = items["1"].figures, items["7"].figures
    assert first is not None
    assert (first.students, first.right, first.wrong, first.wrong_share) == (4, 0.25, "④", 0.5)
    assert digits is not None
    assert (digits.right, digits.wrong, digits.wrong_share) == (0.0, "99", 0.5)
    alone = items["6"].figures
    assert alone is not None
    assert (alone.right, alone.wrong) == (0.75, "")


def test_explanations_come_with_their_questions() -> None:
    assert [item.explanation for item in note("c").items] == ["해설 하나", ""]


def test_who_has_all_right_has_no_note() -> None:
    exam = graded({"b": PERFECT, "a": {**PERFECT, "1": ""}}, key=AnswerKey(KEY.items[:6]))
    chosen = note_choice(exam, ())
    assert (chosen.students, chosen.reasons) == (("a",), {"b": "nothing_wrong"})


def test_who_waits_for_a_person_is_not_graded() -> None:
    exam = graded({**ANSWERS, "waits": {**PERFECT, "1": "?"}})
    assert note_choice(exam, ()).students == ("a", "b", "best", "c")
    assert note_choice(exam, {"c", "waits"}) == NoteChoice(("c",), {"waits": "not_graded"})


def test_a_note_comes_through_the_book_unchanged() -> None:
    found = note("a")
    book = BookNote.model_validate_json(to_book(found, {"1": "x/document-1"}).model_dump_json())
    assert from_book(book, {}) == found
    picture = NotePicture(Path("drawn.png"), 3, 2)
    back = from_book(book, {"x/document-1": picture})
    assert [item.picture for item in back.items] == [picture, *[None] * 5]


def test_a_note_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not right"):
        replace(note("c"), items=())
    right = replace(note("c").items[0], verdict=Verdict.RIGHT)
    with pytest.raises(ValueError, match="not right"):
        replace(note("c"), items=(right,))
