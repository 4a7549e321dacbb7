"""What a page is worth: exact points for what is certain, and no grade for what is not (OMR-5)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from academy.domain.failures import Failure
from academy.domain.omr.decisions import EffectivePage, FieldDecision, effective
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
from academy.domain.omr.key_rules import key_problems
from academy.domain.omr.match import NOT_ON_ROSTER, Match
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.score import NO_ANSWERS, UNDECIDED, Outcome, QuestionScore, ScoredSheet, score_page
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-5")
GRID = Grid(Point(20, 20), 6, 6, 4, 3)
CHOICES = ("1", "2", "3", "4", "5")
PLACES = ("n1", "n2", "n3")
BLOCKS = (
    Block("left", Purpose.CHOICE, Run.DOWN, GRID, ("1", "2", "3"), CHOICES),
    Block("4", Purpose.NUMBER, Run.ACROSS, GRID, PLACES, (*"0123456789", "-", ".", "/")),
)
MINA = Match(1, "mina")
SURE = 0.9
ZERO = Decimal(0)
KEY = AnswerKey(
    (
        KeyItem("1", Single("2"), Decimal("2.5"), Decimal("0.5")),
        KeyItem("2", Either(("1", "5")), Decimal(3)),
        KeyItem("3", AllRequired(("2", "4"), Partial(Decimal(1), Decimal("0.5"))), Decimal("2.5")),
        KeyItem("4", Number((Decimal(6),)), Decimal(2)),
    )
)


def page(
    answers: str, confidence: float = 1.0, decided: str = "", problem: Failure | None = None
) -> EffectivePage:
    """Return a page from words like "2 - 24 _06": questions ("-" blank, "?" doubtful), digits ("_" blank, "*" two)."""
    *questions, digits = answers.split()
    found = {}
    for name, marks in zip(("1", "2", "3", *PLACES), (*questions, *digits), strict=True):
        if marks != "!":  # "!" stands for a field that was not read
            found[name] = reading(name, marks, confidence)
    log = [
        FieldDecision(number, "kim", datetime(2026, 3, 2, tzinfo=UTC), name, None, found[name].marked)
        for number, name in enumerate(decided.split(), 1)
    ]
    return effective(PageReading(1, problem=problem, fields=found), log)


def reading(name: str, marks: str, confidence: float) -> FieldReading:
    if marks == "?":
        return FieldReading(name, MarkState.AMBIGUOUS, ("1",), confidence, ())
    if marks == "*":
        return FieldReading(name, MarkState.MULTIPLE, ("1", "2"), confidence, ())
    if marks == "_" or (marks == "-" and not name.startswith("n")):
        return FieldReading(name, MarkState.BLANK, (), confidence, ())
    state = MarkState.SINGLE if len(marks) == 1 else MarkState.MULTIPLE
    return FieldReading(name, state, tuple(marks), confidence, ())


def score(entry: EffectivePage | str, key: AnswerKey = KEY, match: Match = MINA) -> ScoredSheet:
    assert key_problems(key, BLOCKS) == ()
    return score_page(key, BLOCKS, page(entry) if isinstance(entry, str) else entry, match, SURE)


def outcomes(sheet: ScoredSheet) -> str:
    return " ".join(question.outcome.value for question in sheet.questions)


def question(sheet: ScoredSheet, number: int) -> QuestionScore:
    return sheet.questions[number - 1]


def with_item(item: KeyItem, below_zero: bool = False) -> AnswerKey:
    return AnswerKey(
        tuple(item if item.question == other.question else other for other in KEY.items), below_zero
    )


def test_all_right_is_the_maximum() -> None:
    found = score("2 5 24 006")
    assert outcomes(found) == "right right right right"
    assert (found.total, found.maximum, found.student_id, found.reasons) == (
        Decimal(10),
        Decimal(10),
        "mina",
        (),
    )
    assert question(found, 3).given == ("2", "4")


def test_wrong_and_blank_are_told_apart_and_only_wrong_costs() -> None:
    found = score("3 - - 006")
    assert outcomes(found) == "wrong blank blank right"
    assert [entry.points for entry in found.questions] == [Decimal("-0.5"), ZERO, ZERO, Decimal(2)]
    assert found.total == Decimal("1.5")


@pytest.mark.parametrize("marks", ["23", "12345"])
def test_two_marks_where_one_is_asked_are_wrong(marks: str) -> None:
    assert question(score(f"{marks} - - 006"), 1).outcome is Outcome.WRONG


def test_each_of_several_answers_is_right_alone_but_not_together() -> None:
    found = [question(score(f"2 {marks} - 006"), 2).outcome for marks in ("1", "5", "15", "2")]
    assert found == [Outcome.RIGHT, Outcome.RIGHT, Outcome.WRONG, Outcome.WRONG]


@pytest.mark.parametrize(
    ("marks", "outcome", "points"),
    [
        ("24", Outcome.RIGHT, "2.5"),
        ("2", Outcome.PARTIAL, "1"),
        ("245", Outcome.PARTIAL, "1.5"),
        ("25", Outcome.PARTIAL, "0.5"),
        ("135", Outcome.WRONG, "0"),
        ("12345", Outcome.PARTIAL, "0.5"),
        ("-", Outcome.BLANK, "0"),
    ],
)
def test_partial_points_are_right_marks_less_wrong_ones(marks: str, outcome: Outcome, points: str) -> None:
    found = question(score(f"2 5 {marks} 006"), 3)
    assert (found.outcome, found.points) == (outcome, Decimal(points))


def test_without_partial_points_only_the_exact_set_counts() -> None:
    key = with_item(KeyItem("3", AllRequired(("2", "4"))))
    assert [question(score(f"2 5 {marks} 006", key), 3).points for marks in ("24", "2", "245")] == [
        Decimal(1),
        ZERO,
        ZERO,
    ]


def test_partial_points_fall_as_far_as_stated() -> None:
    key = with_item(KeyItem("3", AllRequired(("2",), Partial(Decimal(1), Decimal("0.5"), Decimal("-0.75")))))
    assert [question(score(f"2 5 {marks} 006", key), 3).points for marks in ("1", "13", "245")] == [
        Decimal("-0.5"),
        Decimal("-0.75"),
        ZERO,
    ]


def test_a_total_below_zero_is_zero_unless_the_key_says_otherwise() -> None:
    assert score("1 - - ___").total == ZERO
    assert score("1 - - ___", AnswerKey(KEY.items, below_zero=True)).total == Decimal("-0.5")


@pytest.mark.parametrize(
    ("digits", "given", "outcome"),
    [
        ("006", "006", Outcome.RIGHT),
        ("_06", "06", Outcome.RIGHT),
        ("__6", "6", Outcome.RIGHT),
        ("6__", "6", Outcome.RIGHT),
        ("6._", "6.", Outcome.RIGHT),
        ("6.0", "6.0", Outcome.RIGHT),
        ("60_", "60", Outcome.WRONG),
        ("-6_", "-6", Outcome.WRONG),
        ("6-6", "6-6", Outcome.WRONG),
        ("6/0", "6/0", Outcome.WRONG),
        ("6/1", "6/1", Outcome.RIGHT),
        ("__*", "*", Outcome.WRONG),
        ("*_6", "*_6", Outcome.WRONG),
        ("0_6", "0_6", Outcome.UNDECIDED),
        ("_6_", "6", Outcome.UNDECIDED),
        ("?06", "?06", Outcome.UNDECIDED),
        ("*_?", "*_?", Outcome.UNDECIDED),
        ("!06", "?06", Outcome.UNDECIDED),
    ],
)
def test_digits_are_joined_and_compared_by_value(digits: str, given: str, outcome: Outcome) -> None:
    found = question(score(f"2 5 24 {digits}"), 4)
    assert (found.given, found.outcome) == ((given,), outcome)


def test_a_number_without_any_digit_is_blank() -> None:
    assert question(score("2 5 24 ___"), 4).outcome is Outcome.BLANK


@pytest.mark.parametrize(
    ("digits", "look_at", "outcome"),
    [("0_6", "n2", Outcome.WRONG), ("_6_", "n1 n3", Outcome.RIGHT), ("?06", "n1", Outcome.WRONG)],
)
def test_what_a_person_confirms_is_a_digit_or_a_blank_for_good(
    digits: str, look_at: str, outcome: Outcome
) -> None:
    before = question(score(f"2 5 24 {digits}"), 4)
    assert before.look_at == tuple(look_at.split())
    assert question(score(page(f"2 5 24 {digits}", decided=look_at)), 4).outcome is outcome


def test_a_tolerance_includes_its_ends() -> None:
    key = with_item(KeyItem("4", Number((Decimal("1.5"), Decimal(7)), Decimal("0.1"))))
    found = [
        question(score(f"2 5 24 {digits}", key), 4).outcome.value
        for digits in ("1.4", "1.6", "1.7", "1.3", "_.5", "__7")
    ]
    assert found == ["right", "right", "wrong", "wrong", "wrong", "right"]


@pytest.mark.parametrize("answers", ["? 5 24 006", "! 5 24 006", "2 5 24 0_6"])
def test_nothing_is_graded_while_an_answer_is_undecided(answers: str) -> None:
    found = score(answers)
    assert (found.total, found.reasons) == (None, (UNDECIDED,))
    assert found.look_at in {("1",), ("n2",)}
    assert question(found, 2).points == Decimal(3)


@pytest.mark.parametrize(("confidence", "graded"), [(SURE, True), (0.8999, False), (float("nan"), False)])
def test_what_is_less_certain_than_the_threshold_is_undecided(confidence: float, graded: bool) -> None:
    found = score(page("2 5 24 006", confidence=confidence))
    assert (found.total is not None) == graded
    assert found.look_at == (() if graded else ("1", "2", "3", *PLACES))


def test_once_every_doubt_is_decided_the_page_is_graded() -> None:
    found = score(page("? 5 24 006", decided="1"))
    assert (outcomes(found), found.total) == ("wrong right right right", Decimal(7))


def test_nothing_is_graded_without_a_student() -> None:
    found = score("2 5 24 006", match=Match(1, reason=NOT_ON_ROSTER))
    assert (found.total, found.student_id, found.reasons) == (None, "", (NOT_ON_ROSTER,))
    assert outcomes(found) == "right right right right"


def test_a_page_without_any_answer_is_not_graded_until_a_person_confirms_it() -> None:
    found = score("- - - ___")
    assert (found.total, found.reasons) == (None, (NO_ANSWERS,))
    confirmed = score(page("- - - ___", decided="2"))
    assert (confirmed.total, confirmed.reasons) == (ZERO, ())


def test_a_decision_on_another_field_confirms_no_blank_answers() -> None:
    found = page("- - - ___").reading
    decision = FieldDecision(1, "kim", datetime(2026, 3, 2, tzinfo=UTC), "id1", None, ("7",))
    assert score(effective(found, [decision])).reasons == (NO_ANSWERS,)


def test_a_page_that_a_person_began_to_read_waits_for_the_rest() -> None:
    blurred = Failure("page_blurred", "Blurred.")
    assert score(page("? 5 24 006", decided="2", problem=blurred)).reasons == (blurred,)


def test_a_page_that_could_not_be_read_says_why_once() -> None:
    blurred = Failure("page_blurred", "Blurred.")
    found = score(page("! ! ! !!!", problem=blurred), match=Match(1, reason=blurred))
    assert (found.total, found.reasons) == (None, (blurred,))


def test_a_page_that_could_not_be_read_is_graded_once_a_person_read_all_of_it() -> None:
    blurred = Failure("page_blurred", "Blurred.")
    found = score(page("2 5 24 006", 0.1, decided="1 2 3 n1 n2 n3", problem=blurred))
    assert found.total == Decimal(10)


def test_a_void_question_gives_all_points_to_everybody_or_is_not_counted() -> None:
    for answers in ("2 5 24 006", "3 5 24 006", "? 5 24 006", "- 5 24 006"):
        full = score(answers, with_item(KeyItem("1", Void(VoidMode.FULL_POINTS), Decimal("2.5"))))
        assert (question(full, 1).outcome, full.total, full.maximum) == (
            Outcome.VOID,
            Decimal(10),
            Decimal(10),
        )
        out = score(answers, with_item(KeyItem("1", Void(VoidMode.NOT_COUNTED), Decimal("2.5"))))
        assert (question(out, 1).points, out.total, out.maximum) == (ZERO, Decimal("7.5"), Decimal("7.5"))


def test_points_are_exact() -> None:
    key = AnswerKey(tuple(KeyItem(name, Single("1"), Decimal("0.1")) for name in ("1", "2", "3")))
    found = score_page(key, BLOCKS[:1], page("1 1 1 ___"), MINA, SURE)
    assert found.total == Decimal("0.3") == found.maximum
