"""What holds for every key and every page: bounds, order, void questions, decisions (OMR-5)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.omr.test_score import CHOICES, ZERO, page, question, score

from academy.domain.omr.decisions import FieldDecision, effective
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
)
from academy.domain.omr.score import Outcome

pytestmark = pytest.mark.requirement("OMR-5")
POINTS = st.integers(1, 1000).map(lambda hundredths: Decimal(hundredths) / 100)
MARKS = st.one_of(
    st.just("-"), st.sets(st.sampled_from(CHOICES), min_size=1).map(lambda marks: "".join(sorted(marks)))
)
DIGITS = st.text("0123456789_-./*", min_size=3, max_size=3)
PAGES = st.tuples(MARKS, MARKS, MARKS, DIGITS).map(" ".join)
UNSURE = st.tuples(
    *[st.one_of(MARKS, st.just("?"))] * 3, st.text("0123456789_?!*", min_size=3, max_size=3)
).map(" ".join)
SETS = st.sets(st.sampled_from(CHOICES), min_size=1).map(lambda marks: tuple(sorted(marks)))
VOID = st.sampled_from(VoidMode).map(Void)


@st.composite
def items(draw: st.DrawFn, name: str, numeric: bool = False) -> KeyItem:
    points = draw(POINTS)
    number = st.integers(0, 999).map(lambda value: Number((Decimal(value),)))
    required = st.builds(
        AllRequired, SETS, st.one_of(st.none(), st.just(Partial(Decimal("0.01"), Decimal("0.01"))))
    )
    kinds: st.SearchStrategy[Answer] = st.one_of(
        st.sampled_from(CHOICES).map(Single), SETS.map(Either), required, VOID
    )
    answer = draw(st.one_of(number, VOID) if numeric else kinds)
    if isinstance(answer, AllRequired) and answer.partial:
        return KeyItem(name, answer, points + Decimal("0.05"))
    return KeyItem(name, answer, points, draw(st.sampled_from([ZERO, Decimal("0.01"), points])))


@st.composite
def keys(draw: st.DrawFn) -> AnswerKey:
    chosen = (draw(items("1")), draw(items("2")), draw(items("3")), draw(items("4", numeric=True)))
    if all(item.answer == Void(VoidMode.NOT_COUNTED) for item in chosen):
        chosen = (KeyItem("1", Single("1")), *chosen[1:])
    return AnswerKey(chosen, draw(st.booleans()))


@given(keys(), st.one_of(PAGES, UNSURE))
def test_totals_stay_between_their_bounds_and_points_add_up(key: AnswerKey, answers: str) -> None:
    found = score(answers, key)
    least = -sum(item.penalty for item in key.items) if key.below_zero else ZERO
    assert found.maximum == sum(entry.maximum for entry in found.questions)
    for entry in found.questions:
        assert (entry.points is None) == (entry.outcome is Outcome.UNDECIDED) == bool(entry.look_at)
    assert (found.total is None) == bool(found.reasons)
    if found.total is not None:
        assert least <= found.total <= found.maximum
        summed = sum((entry.points or ZERO for entry in found.questions), ZERO)
        assert found.total == (summed if key.below_zero else max(summed, ZERO))


@given(keys(), PAGES, st.permutations(range(4)))
def test_the_order_of_the_questions_changes_no_total(key: AnswerKey, answers: str, order: list[int]) -> None:
    shuffled = AnswerKey(tuple(key.items[at] for at in order), key.below_zero)
    assert score(answers, shuffled).total == score(answers, key).total


@given(keys(), st.one_of(PAGES, UNSURE), st.integers(0, 3))
def test_giving_everybody_the_points_of_a_question_never_hurts(key: AnswerKey, answers: str, at: int) -> None:
    void = [*key.items]
    void[at] = KeyItem(void[at].question, Void(VoidMode.FULL_POINTS), void[at].points)
    before, after = score(answers, key), score(answers, AnswerKey(tuple(void), key.below_zero))
    if before.total is not None:
        assert after.total is not None
        assert after.total >= before.total
    assert set(after.look_at) <= set(before.look_at)


@given(keys(), PAGES, st.integers(0, 3))
def test_taking_a_question_out_takes_its_points_and_nothing_else(
    key: AnswerKey, answers: str, at: int
) -> None:
    out = [*key.items]
    out[at] = KeyItem(out[at].question, Void(VoidMode.NOT_COUNTED), out[at].points)
    if all(item.answer == Void(VoidMode.NOT_COUNTED) for item in out):
        return
    before, after = score(answers, key), score(answers, AnswerKey(tuple(out), key.below_zero))
    assert [entry for entry in after.questions if entry.question != out[at].question] == [
        entry for entry in before.questions if entry.question != out[at].question
    ]
    assert after.maximum == before.maximum - question(before, at + 1).maximum


@given(keys(), UNSURE)
def test_a_decision_on_every_field_that_is_asked_for_leaves_no_doubt(key: AnswerKey, answers: str) -> None:
    entry = page(answers.replace("!", "?"))
    asked = score(entry, key).look_at
    log = [
        FieldDecision(
            number, "kim", datetime(2026, 3, 2, tzinfo=UTC), name, None, entry.reading.fields[name].marked
        )
        for number, name in enumerate(asked, 1)
    ]
    settled = effective(entry.reading, log)
    again = score(settled, key).look_at
    assert not set(again) & set(asked)
    log += [
        FieldDecision(number, "kim", datetime(2026, 3, 2, tzinfo=UTC), name, None, ())
        for number, name in enumerate(again, len(log) + 1)
    ]
    assert score(effective(entry.reading, log), key).look_at == ()
