"""A person's word is appended, counts, and survives every other reading (OMR-4)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.failures import Failure
from academy.domain.omr.decisions import (
    Change,
    Decision,
    DecisionRefused,
    FieldDecision,
    Mark,
    StudentDecision,
    decide_field,
    decide_student,
    effective,
)
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-4")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHOICES = ("1", "2", "3", "4", "5")
BLOCKS = (
    Block("questions", Purpose.CHOICE, Run.DOWN, Grid(Point(20, 20), 6, 6, 4, 3), ("1", "2", "3"), CHOICES),
)
ROSTER = {"12345678": ("mina",), "87654321": ("jun",)}


def page(**fields: tuple[MarkState, tuple[str, ...]]) -> PageReading:
    return PageReading(
        1,
        fields={
            name[1:]: FieldReading(name[1:], state, marked, 0.6, (0.1,) * 5)
            for name, (state, marked) in fields.items()
        },
    )


DOUBTFUL = page(q1=(MarkState.AMBIGUOUS, ("1", "2")), q2=(MarkState.SINGLE, ("3",)))


def decided(
    log: Sequence[Decision], marked: Sequence[str] | None, by: str = "kim", field: str = "1"
) -> list[Decision]:
    return [*log, decide_field(log, DOUBTFUL, BLOCKS, field, marked, by=by, at=AT)]


def test_a_decision_says_who_when_what_it_was_and_what_it_is() -> None:
    (decision,) = decided([], ["2"])
    assert decision == FieldDecision(1, "kim", AT, "1", Mark(MarkState.AMBIGUOUS, ("1", "2")), ("2",))


@pytest.mark.parametrize(
    ("marked", "state"),
    [((), MarkState.BLANK), (("2",), MarkState.SINGLE), (("2", "4"), MarkState.MULTIPLE)],
)
def test_a_decided_field_is_certain_and_its_state_follows_from_its_marks(
    marked: tuple[str, ...], state: MarkState
) -> None:
    found = effective(DOUBTFUL, decided([], marked))
    assert found.reading.fields["1"] == FieldReading("1", state, marked, 1.0, (0.1,) * 5)
    assert found.certain("1", 0.99)
    assert found.decided == {"1"}
    assert found.reading.fields["2"] == DOUBTFUL.fields["2"]


def test_marks_are_put_in_the_order_of_the_sheet() -> None:
    (decision,) = decided([], ["5", "1"])
    assert isinstance(decision, FieldDecision)
    assert decision.marked == ("1", "5")


def test_the_latest_wins_even_when_its_clock_is_behind() -> None:
    log = decided(decided([], ["2"]), ["4"], by="lee")
    earlier = decide_field(log, DOUBTFUL, BLOCKS, "1", ["5"], by="park", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert effective(DOUBTFUL, [*log, earlier]).reading.fields["1"].marked == ("5",)


def test_a_decision_taken_back_leaves_the_reading() -> None:
    found = effective(DOUBTFUL, decided(decided([], ["2"]), None))
    assert found.reading == DOUBTFUL
    assert found.decided == frozenset()
    assert not found.certain("1", 0.5)


def test_a_rerun_changes_nothing_that_was_decided_and_what_it_says_now_is_reported() -> None:
    log = decided([], ["2"])
    rerun = page(q1=(MarkState.SINGLE, ("5",)), q2=(MarkState.SINGLE, ("4",)))
    found = effective(rerun, log)
    assert found.reading.fields["1"].marked == ("2",)
    assert found.reading.fields["2"].marked == ("4",)
    assert found.changes == (Change(log[0], Mark(MarkState.SINGLE, ("5",))),)  # type: ignore[arg-type]
    assert effective(DOUBTFUL, log).changes == ()


def test_a_rerun_that_cannot_read_the_page_leaves_the_decision() -> None:
    log = decided([], ["2"])
    found = effective(PageReading(1, problem=Failure("page_blurred", "Blurred.")), log)
    assert found.reading.fields["1"].marked == ("2",)
    assert [change.now for change in found.changes] == [None]


def test_a_field_that_was_not_read_can_be_decided() -> None:
    decision = decide_field([], PageReading(1), BLOCKS, "3", ["1"], by="kim", at=AT)
    assert decision.was is None
    assert effective(PageReading(1), [decision]).certain("3", 1.0)


def test_the_student_of_a_page_is_decided_in_the_same_log() -> None:
    log = decided([], ["2"])
    log = [*log, decide_student(log, "jun", "mina", ROSTER, by="kim", at=AT)]
    assert log[1] == StudentDecision(2, "kim", AT, "jun", "mina")
    assert effective(DOUBTFUL, log).student == log[1]
    log = [*log, decide_student(log, "jun", None, ROSTER, by="kim", at=AT)]
    assert effective(DOUBTFUL, log).student is None
    log = [*log, decide_student(log, "jun", "", ROSTER, by="kim", at=AT)]
    assert effective(DOUBTFUL, log).student == log[3]


def refusal(field: str = "1", marked: Sequence[str] = ("1",), by: str = "kim", at: datetime = AT) -> str:
    with pytest.raises(DecisionRefused) as refused:
        decide_field([], DOUBTFUL, BLOCKS, field, marked, by=by, at=at)
    assert refused.value.failure.message_ko
    return refused.value.failure.code


def test_what_cannot_be_decided_is_refused_with_a_reason() -> None:
    assert refusal(field="99") == "decision_field_unknown"
    assert refusal(marked=["6"]) == "decision_choice_unknown"
    assert refusal(marked=["1", "1"]) == "decision_choice_twice"
    assert refusal(by=" ") == "decision_by_nobody"
    assert refusal(at=AT.replace(tzinfo=None)) == "decision_time_naive"
    with pytest.raises(DecisionRefused) as refused:
        decide_student([], "", "stranger", ROSTER, by="kim", at=AT)
    assert refused.value.failure.code == "decision_not_on_roster"


def test_two_decisions_of_one_number_are_an_error_not_a_choice() -> None:
    with pytest.raises(ValueError, match="same number"):
        effective(DOUBTFUL, [*decided([], ["2"]), *decided([], ["3"])])


DECISIONS = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3"]), st.one_of(st.none(), st.sets(st.sampled_from(CHOICES)))),
    max_size=12,
)
READINGS = st.dictionaries(
    st.sampled_from(["1", "2", "3"]), st.tuples(st.sampled_from(MarkState), st.sets(st.sampled_from(CHOICES)))
)


@given(DECISIONS, READINGS, st.integers())
def test_what_counts_depends_on_the_log_alone(
    wanted: list[tuple[str, set[str] | None]], fields: dict[str, tuple[MarkState, set[str]]], seed: int
) -> None:
    log: list[Decision] = []
    for field, marked in wanted:
        log = decided(log, sorted(marked) if marked is not None else None, field=field)
    assert [decision.number for decision in log] == list(range(1, len(log) + 1))
    rerun = page(**{f"q{name}": (state, tuple(sorted(marks))) for name, (state, marks) in fields.items()})
    found = effective(rerun, log)
    for field in ("1", "2", "3"):
        last = next((marked for name, marked in reversed(wanted) if name == field), None)
        if last is None:
            assert found.reading.fields.get(field) == rerun.fields.get(field)
        else:
            assert set(found.reading.fields[field].marked) == last
            assert found.certain(field, 1.0)
    shuffled = list(log)
    Random(seed).shuffle(shuffled)
    assert effective(rerun, shuffled) == found
    assert effective(found.reading, log).reading == found.reading


@given(DECISIONS)
def test_a_later_decision_on_one_field_leaves_the_others_alone(
    wanted: list[tuple[str, set[str] | None]],
) -> None:
    log: list[Decision] = []
    for field, marked in wanted:
        before = effective(DOUBTFUL, log)
        log = decided(log, sorted(marked) if marked is not None else None, field=field)
        after = effective(DOUBTFUL, log)
        for other in {"1", "2", "3"} - {field}:
            assert after.reading.fields.get(other) == before.reading.fields.get(other)
        assert (field in after.decided) == (marked is not None)
