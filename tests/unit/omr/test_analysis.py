"""How an exam went: right figures, the same in any order, and none where a class is too small for them (OMR-5)."""

import statistics
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.omr.analysis import (
    FEWEST,
    QuestionStats,
    exam_stats,
    question_stats,
)
from academy.domain.omr.decisions import effective
from academy.domain.omr.key import AllRequired, AnswerKey, KeyItem, Number, Partial, Single, Void, VoidMode
from academy.domain.omr.match import NOT_ON_ROSTER, Match
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.score import ScoredSheet, score_page
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-5")
GRID = Grid(Point(20, 20), 6, 6, 4, 3)
QUESTIONS = ("1", "2", "3", "4", "5")
BLOCKS = (
    Block("left", Purpose.CHOICE, Run.DOWN, GRID, QUESTIONS, ("1", "2", "3", "4")),
    Block("6", Purpose.NUMBER, Run.ACROSS, GRID, ("6a", "6b"), tuple("0123456789")),
)
KEY = AnswerKey(tuple(KeyItem(name, Single("1")) for name in QUESTIONS))


def sheet(number: int, answers: str, key: AnswerKey = KEY, matched: bool = True) -> ScoredSheet:
    """Return the score of a page from one mark each ("-" blank, "+" the first two), digits last."""
    marks = {"-": (), "_": (), "+": ("1", "2")}
    found = {}
    for name, mark in zip((*QUESTIONS, "6a", "6b"), answers, strict=False):
        marked = marks.get(mark, (mark,))
        state = (MarkState.BLANK, MarkState.SINGLE, MarkState.MULTIPLE)[len(marked)]
        found[name] = FieldReading(name, state, marked, 1.0, ())
    match = Match(number, f"s{number}") if matched else Match(number, reason=NOT_ON_ROSTER)
    return score_page(key, BLOCKS, effective(PageReading(number, fields=found), []), match, 0.9)


def sheets(*answers: str, key: AnswerKey = KEY) -> list[ScoredSheet]:
    return [sheet(number, text, key) for number, text in enumerate(answers, 1)]


# Twelve students, "1" is right; written out by hand.
CLASS = (
    "11111", "11112", "11121", "11122", "11222", "11-22", "12222", "12232", "22+22", "21222", "22222", "22224",
)  # fmt: skip


def stats(question: str, found: Sequence[ScoredSheet], key: AnswerKey = KEY) -> QuestionStats:
    return next(entry for entry in question_stats(key, BLOCKS, found) if entry.question == question)


def right(question: int) -> list[int]:
    return [int(text[question] == "1") for text in CLASS]


def totals() -> list[int]:
    return [sum(mark == "1" for mark in text) for text in CLASS]


def test_difficulty_is_the_share_right_and_every_choice_is_counted_even_if_nobody_took_it() -> None:
    third = stats("3", sheets(*CLASS))
    assert third.students == 12
    assert third.difficulty == pytest.approx(4 / 12)
    assert third.given == {"1": 5, "2": 7, "3": 0, "4": 0}
    assert (third.blank, third.several) == (1, 1)
    assert third.blank_share == pytest.approx(1 / 12)
    assert third.mean_points == pytest.approx(4 / 12)


def test_point_biserial_is_the_correlation_with_the_other_questions() -> None:
    for at, name in enumerate(QUESTIONS):
        rest = [total - own for total, own in zip(totals(), right(at), strict=True)]
        expected = statistics.correlation(right(at), rest)
        assert stats(name, sheets(*CLASS)).point_biserial == pytest.approx(expected)


def test_upper_less_lower_of_twenty_seven_percent_shares_ties_equally() -> None:
    # 27 % of twelve are three. Totals: 5, 4, 4, 3, 2, 2, 1, 1, 0, 1, 0, 0; no tie at the edge of a group.
    assert stats("1", sheets(*CLASS)).upper_lower == 1.0
    assert stats("4", sheets(*CLASS)).upper_lower == pytest.approx(2 / 3)
    # Four have all points and six none: they share the three places of the upper and of the lower group.
    tied = sheets(*["11111"] * 4, "11222", "12222", *["22222"] * 6)
    assert stats("2", tied).upper_lower == 1.0
    # Everybody the same total: both groups are the whole class.
    same = sheets(*["12222"] * 6, *["21222"] * 6)
    assert stats("1", same).upper_lower == 0.0


def test_the_groups_are_the_nearest_number_of_students() -> None:
    # 27 % of thirteen are 3.51, so four; the four best have right, right, right, wrong.
    best = ["11111", "11112", "11122", "21222"]
    assert stats("1", sheets(*best, *["22222"] * 9)).upper_lower == 0.75


def test_reliability_follows_the_published_formulas() -> None:
    spread = statistics.pvariance(totals())
    shares = [Fraction(sum(right(at)), 12) for at in range(5)]
    expected = 5 / 4 * (1 - sum(float(share * (1 - share)) for share in shares) / float(spread))
    found = exam_stats(KEY, sheets(*CLASS))
    assert found.kr20 == pytest.approx(expected)
    assert found.alpha == pytest.approx(expected)


def test_alpha_follows_the_points_and_kr20_only_what_is_right() -> None:
    key = AnswerKey(tuple(KeyItem(name, Single("1"), Decimal(at)) for at, name in enumerate(QUESTIONS, 1)))
    found = exam_stats(key, sheets(*CLASS, key=key))
    columns = [[at * hit for hit in right(at - 1)] for at in range(1, 6)]
    whole = statistics.pvariance([sum(row) for row in zip(*columns, strict=True)])
    expected = 5 / 4 * (1 - sum(statistics.pvariance(column) for column in columns) / whole)
    assert found.alpha == pytest.approx(expected)
    assert found.kr20 == pytest.approx(exam_stats(KEY, sheets(*CLASS)).kr20)


def test_mean_deviation_median_and_quartiles() -> None:
    found = exam_stats(KEY, sheets(*CLASS))
    lower, median, upper = statistics.quantiles(totals(), n=4, method="inclusive")
    assert (found.students, found.not_graded) == (12, 0)
    assert found.mean == pytest.approx(statistics.fmean(totals()))
    assert found.deviation == pytest.approx(statistics.pstdev(totals()))
    assert (found.lowest, found.highest) == (Decimal(0), Decimal(5))
    assert found.median == pytest.approx(median)
    assert found.quartiles == pytest.approx((lower, upper))


def test_sheets_that_are_not_graded_are_counted_apart() -> None:
    found = exam_stats(KEY, [*sheets("11111", "11112"), sheet(3, "22222", matched=False)])
    assert (found.students, found.not_graded, found.mean) == (2, 1, 4.5)
    assert stats("1", [*sheets("11111"), sheet(2, "22222", matched=False)]).students == 1


def test_without_students_there_are_no_figures() -> None:
    found = exam_stats(KEY, [])
    assert (found.students, found.mean, found.deviation, found.median, found.quartiles) == (
        0,
        None,
        None,
        None,
        None,
    )
    assert (found.lowest, found.highest, found.alpha, found.kr20) == (None, None, None, None)
    first = stats("1", [])
    assert (first.difficulty, first.blank_share, first.mean_points, first.upper_lower) == (
        None,
        None,
        None,
        None,
    )
    assert first.given == {"1": 0, "2": 0, "3": 0, "4": 0}


def test_a_small_class_has_no_discrimination_reliability_or_percentiles() -> None:
    few = sheets(*CLASS[: FEWEST - 1])
    assert stats("1", few).difficulty is not None
    assert (stats("1", few).upper_lower, stats("1", few).point_biserial) == (None, None)
    assert (exam_stats(KEY, few).alpha, exam_stats(KEY, few).kr20) == (None, None)
    assert exam_stats(KEY, few[:1]).deviation is None
    enough = sheets(*CLASS[:FEWEST])
    assert stats("1", enough).point_biserial is not None
    assert exam_stats(KEY, enough).alpha is not None


def test_what_is_not_defined_is_none() -> None:
    same = sheets(*["11112"] * 12)
    assert stats("1", same).point_biserial is None
    assert (exam_stats(KEY, same).alpha, exam_stats(KEY, same).kr20) == (None, None)
    key = AnswerKey(KEY.items[:1])
    assert exam_stats(key, sheets(*CLASS, key=key)).alpha is None


def test_a_void_question_has_counts_only_and_does_not_touch_reliability() -> None:
    void = AnswerKey((*KEY.items[:4], KeyItem("5", Void(VoidMode.FULL_POINTS))))
    short = AnswerKey(KEY.items[:4])
    fifth = stats("5", sheets(*CLASS, key=void), void)
    assert fifth.given == {"1": 2, "2": 9, "3": 0, "4": 1}
    assert (fifth.difficulty, fifth.blank_share, fifth.mean_points, fifth.point_biserial) == (
        None,
        None,
        None,
        None,
    )
    assert (
        exam_stats(void, sheets(*CLASS, key=void)).alpha == exam_stats(short, sheets(*CLASS, key=short)).alpha
    )


def test_a_part_of_the_points_is_not_right_but_counts_in_the_mean() -> None:
    answer = AllRequired(("1", "2"), Partial(Decimal("0.5")))
    key = AnswerKey((KeyItem("1", answer), *KEY.items[1:]))
    first = stats("1", sheets("+1111", "11111", "31111", key=key), key)
    assert first.difficulty == pytest.approx(1 / 3)
    assert first.mean_points == pytest.approx(0.5)
    assert (first.given, first.several) == ({"1": 2, "2": 1, "3": 1, "4": 0}, 1)


def test_numbers_are_counted_by_value() -> None:
    key = AnswerKey((*KEY.items, KeyItem("6", Number((Decimal(6),)))))
    sixth = stats("6", sheets("1111106", "111116_", "1111160", "11111__", "11111+1", key=key), key)
    assert sixth.given == {"6": 2, "60": 1, "*1": 1}
    assert (sixth.blank, sixth.several) == (1, 1)
    assert sixth.difficulty == pytest.approx(2 / 5)


ANSWERS = st.text("1234-+", min_size=5, max_size=5).filter(lambda text: set(text) != {"-"})


@given(st.lists(ANSWERS, max_size=40), st.data())
def test_the_order_of_the_sheets_changes_no_figure(answers: list[str], data: st.DataObject) -> None:
    ordered = sheets(*answers)
    shuffled = data.draw(st.permutations(ordered))
    assert question_stats(KEY, BLOCKS, ordered) == question_stats(KEY, BLOCKS, shuffled)
    assert exam_stats(KEY, ordered) == exam_stats(KEY, shuffled)


@given(st.lists(ANSWERS, min_size=1, max_size=40))
def test_figures_stay_within_their_bounds(answers: list[str]) -> None:
    found = sheets(*answers)
    whole = exam_stats(KEY, found)
    assert whole.lowest is not None and whole.highest is not None  # noqa: PT018
    assert whole.quartiles is not None and whole.median is not None and whole.mean is not None  # noqa: PT018
    assert whole.lowest <= whole.quartiles[0] <= whole.median <= whole.quartiles[1] <= whole.highest
    assert float(whole.lowest) - 1e-9 <= whole.mean <= float(whole.highest) + 1e-9
    assert all(value is None or value <= 1 for value in (whole.alpha, whole.kr20))
    for entry in question_stats(KEY, BLOCKS, found):
        assert 0 <= (entry.difficulty or 0) <= 1
        assert all(value is None or -1 <= value <= 1 for value in (entry.upper_lower, entry.point_biserial))
        assert sum(entry.given.values()) + entry.blank == len(answers) + entry.several
