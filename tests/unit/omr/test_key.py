"""A key fits its sheet, or says where it does not and how to mend it (OMR-5)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.omr.key import (
    AllRequired,
    Answer,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
    blocks_by_question,
    number_of,
)
from academy.domain.omr.key_rules import key_problems
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-5")
GRID = Grid(Point(20, 20), 6, 6, 4, 3)
DIGITS = tuple("0123456789")
CHOICE = Block("left", Purpose.CHOICE, Run.DOWN, GRID, ("1", "2"), ("1", "2", "3", "4", "5"))
DIGIT = Block("3", Purpose.NUMBER, Run.ACROSS, GRID, ("3a", "3b", "3c"), DIGITS)
SIGNED = Block("4", Purpose.NUMBER, Run.ACROSS, GRID, ("4a", "4b", "4c", "4d"), (*DIGITS, "-", "."))
IDENTIFIER = Block("id", Purpose.IDENTIFIER, Run.ACROSS, GRID, ("id1", "id2"), DIGITS)
BLOCKS = (IDENTIFIER, CHOICE, DIGIT, SIGNED)
RIGHT = {
    "1": KeyItem("1", Single("2")),
    "2": KeyItem("2", Either(("1", "5")), Decimal("2.5"), Decimal("0.25")),
    "3": KeyItem("3", Number((Decimal(6),))),
    "4": KeyItem("4", Number((Decimal("-1.5"),), Decimal("0.1"))),
}


def problems(*changed: KeyItem, ends_before: bool = False, without: str = "") -> list[tuple[str, str]]:
    """Return what is wrong (question, code) with the right key once these items stand in it."""
    items = RIGHT | {item.question: item for item in changed}
    key = AnswerKey(tuple(item for question, item in items.items() if question not in without.split()))
    found = key_problems(key, BLOCKS, ends_before=ends_before)
    assert all(problem.failure.message and problem.failure.message_ko for problem in found)
    return [(problem.question, problem.failure.code) for problem in found]


def test_the_questions_of_a_sheet_are_its_choices_and_its_numbers() -> None:
    assert list(blocks_by_question(BLOCKS)) == ["1", "2", "3", "4"]


def test_a_key_that_fits_has_no_problems() -> None:
    assert problems() == []
    assert (
        problems(KeyItem("1", AllRequired(("2", "4"), Partial(Decimal("0.5"), Decimal("0.5"), Decimal(-1)))))
        == []
    )
    assert problems(KeyItem("1", Void(VoidMode.NOT_COUNTED)), KeyItem("3", Void(VoidMode.FULL_POINTS))) == []


def test_a_key_shorter_than_the_sheet_is_told_unless_the_exam_ends_before() -> None:
    assert problems(without="3 4") == [("3", "key_shorter"), ("4", "key_shorter")]
    assert problems(without="3 4", ends_before=True) == []


def test_a_key_longer_than_the_sheet_is_told() -> None:
    assert problems(KeyItem("5", Single("1"))) == [("5", "key_longer")]
    assert problems(KeyItem("3a", Single("1"))) == [("3a", "key_longer")]
    assert problems(KeyItem("5", Single("1")), ends_before=True) == [("5", "key_longer")]


def test_an_empty_key_and_a_question_twice_are_told() -> None:
    assert [problem.failure.code for problem in key_problems(AnswerKey(()), BLOCKS)] == ["key_empty"]
    twice = AnswerKey((*RIGHT.values(), RIGHT["1"]))
    assert [(p.question, p.failure.code) for p in key_problems(twice, BLOCKS)] == [
        ("1", "key_question_twice")
    ]


@pytest.mark.parametrize(
    "points", ["0", "-1", "0.001", "10000.01", "NaN", "sNaN", "Infinity", "1E+999999999", "1E-999999999"]
)
def test_points_that_are_none_are_told(points: str) -> None:
    assert problems(KeyItem("1", Single("2"), Decimal(points))) == [("1", "key_points")]


@pytest.mark.parametrize("points", ["0.01", "1.50", "1.500", "1E+2", "10000"])
def test_points_with_two_places_are_fine_however_they_are_written(points: str) -> None:
    assert problems(KeyItem("1", Single("2"), Decimal(points))) == []


@pytest.mark.parametrize("penalty", ["-0.01", "1.01", "0.005", "NaN"])
def test_penalties_out_of_bounds_are_told(penalty: str) -> None:
    assert problems(KeyItem("1", Single("2"), Decimal(1), Decimal(penalty))) == [("1", "key_penalty")]


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        ("1", Single("6"), "key_choice_unknown"),
        ("1", Single(""), "key_choice_unknown"),
        ("1", Either(()), "key_answer_missing"),
        ("1", Either(("1", "1")), "key_choice_twice"),
        ("1", AllRequired(()), "key_answer_missing"),
        ("1", AllRequired(("1", "7")), "key_choice_unknown"),
        ("1", Number((Decimal(1),)), "key_kind"),
        ("3", Single("1"), "key_kind"),
        ("3", AllRequired(("1", "2")), "key_kind"),
        ("3", Number(()), "key_answer_missing"),
        ("3", Number((Decimal(1000),)), "key_number_unmarkable"),
        ("3", Number((Decimal(-1),)), "key_number_unmarkable"),
        ("3", Number((Decimal("1.5"),)), "key_number_unmarkable"),
        ("3", Number((Decimal("1.5"),), Decimal("0.4")), "key_number_unmarkable"),
        ("3", Number((Decimal("NaN"),)), "key_number_unmarkable"),
        ("3", Number((Decimal("1E+999999999"),)), "key_number_unmarkable"),
        ("3", Number((Decimal(6), Decimal("6.0"))), "key_choice_twice"),
        ("3", Number((Decimal(6),), Decimal(-1)), "key_tolerance"),
        ("3", Number((Decimal(6),), Decimal("Infinity")), "key_tolerance"),
        ("3", Number((Decimal(6),), Decimal("1E-999999999")), "key_tolerance"),
        ("4", Number((Decimal(123456),)), "key_number_unmarkable"),
    ],
)
def test_answers_that_the_sheet_cannot_take_are_told(question: str, answer: Answer, code: str) -> None:
    assert problems(KeyItem(question, answer)) == [(question, code)]


@pytest.mark.parametrize(
    "answer",
    [
        Number((Decimal(999),)),
        Number((Decimal("1.5"),), Decimal("0.5")),
        Number((Decimal(1000),), Decimal(1)),
        Number((Decimal(6),)),
    ],
)
def test_numbers_that_can_be_marked_are_fine(answer: Number) -> None:
    assert problems(KeyItem("3", answer)) == []


@pytest.mark.parametrize(
    "partial",
    [
        Partial(Decimal(0)),
        Partial(Decimal("0.51")),
        Partial(Decimal("0.333")),
        Partial(Decimal("0.5"), Decimal("-0.5")),
        Partial(Decimal("0.5"), Decimal("1.5")),
        Partial(Decimal("0.5"), least=Decimal("0.5")),
        Partial(Decimal("0.5"), least=Decimal("-1.01")),
        Partial(Decimal("NaN")),
    ],
)
def test_partial_points_out_of_bounds_are_told(partial: Partial) -> None:
    assert problems(KeyItem("1", AllRequired(("1", "2"), partial))) == [("1", "key_partial")]


def test_partial_points_and_a_penalty_do_not_go_together() -> None:
    item = KeyItem("1", AllRequired(("1", "2"), Partial(Decimal("0.5"))), Decimal(1), Decimal("0.5"))
    assert problems(item) == [("1", "key_penalty_with_partial")]


def test_a_key_of_which_nothing_is_counted_is_told() -> None:
    nothing = [KeyItem(question, Void(VoidMode.NOT_COUNTED)) for question in RIGHT]
    assert problems(*nothing) == [("", "key_worth_nothing")]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = problems(KeyItem("1", Single("9"), Decimal(0)), KeyItem("9", Single("1")), without="4")
    assert found == [
        ("1", "key_points"),
        ("1", "key_choice_unknown"),
        ("9", "key_longer"),
        ("4", "key_shorter"),
    ]


def test_the_maximum_counts_void_questions_as_they_are_meant() -> None:
    items = (
        KeyItem("1", Void(VoidMode.NOT_COUNTED), Decimal(3)),
        KeyItem("2", Void(VoidMode.FULL_POINTS), Decimal("2.5")),
        RIGHT["3"],
    )
    assert AnswerKey(items).maximum == Decimal("3.5")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("06", 6),
        ("000", 0),
        ("-1.5", Fraction(-3, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("3/4", Fraction(3, 4)),
        ("6/08", Fraction(3, 4)),
    ],
)
def test_digits_are_compared_by_value(text: str, value: Fraction) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1-2", "1.2.3", "3/0", "3/00", "/4", "1_2", "1?", "*", "1e5", " 6", "٦", "6\n"]
)
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert number_of(text) is None


@given(st.text("0123456789.-/+_?*e ", max_size=8))
def test_any_marks_have_a_value_or_none(text: str) -> None:
    assert number_of(text) is None or isinstance(number_of(text), Fraction)


@given(st.decimals(), st.decimals())
def test_no_decimals_break_the_check(one: Decimal, other: Decimal) -> None:
    problems(
        KeyItem("1", AllRequired(("1", "2"), Partial(one, other, one)), other),
        KeyItem("2", Single("1"), one, other),
        KeyItem("3", Number((one,), other)),
    )


@pytest.mark.parametrize("text", ["x" * 2001, "a\x00b", "a\x07b", "half \ud83d"])
def test_an_explanation_is_a_text_that_can_be_printed(text: str) -> None:
    assert problems(KeyItem("1", Single("2"), explanation=text)) == [("1", "key_explanation")]


def test_an_explanation_may_have_lines_and_formulas() -> None:
    assert problems(KeyItem("1", Single("2"), explanation="가\n\t$x^2 < 3$ **\n" + "나" * 1980)) == []
