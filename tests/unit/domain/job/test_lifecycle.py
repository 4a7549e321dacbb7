"""The transition table, when to try again, and how far a job is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.job.progress import StepPlan
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import (
    ACTIVE,
    TERMINAL,
    EndReason,
    IllegalTransition,
    JobState,
    check_transition,
)

S = JobState
LEGAL = {
    S.PENDING: {S.RUNNING, S.CANCELLED, S.DEAD},
    S.RUNNING: {S.RUNNING, S.PENDING, S.RETRY_WAIT, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.DEAD},
    S.RETRY_WAIT: {S.PENDING, S.RUNNING, S.CANCELLED, S.DEAD},
    S.SUCCEEDED: set(),
    S.FAILED: {S.PENDING},
    S.CANCELLED: {S.PENDING},
    S.DEAD: {S.PENDING},
}


@pytest.mark.requirement("JOB-1")
@pytest.mark.parametrize("current", JobState)
@pytest.mark.parametrize("wanted", JobState)
def test_every_move_is_allowed_or_refused_as_the_table_says(current: JobState, wanted: JobState) -> None:
    if wanted in LEGAL[current]:
        check_transition(current, wanted)
        return
    with pytest.raises(IllegalTransition) as refused:
        check_transition(current, wanted)
    assert (refused.value.current, refused.value.wanted) == (current, wanted)


@pytest.mark.requirement("JOB-1")
@given(st.lists(st.sampled_from(JobState), max_size=12))
def test_no_way_leads_on_from_success(wishes: list[JobState]) -> None:
    state = S.PENDING
    for wanted in wishes:
        before = state
        try:
            check_transition(state, wanted)
        except IllegalTransition:
            continue
        state = wanted
        assert before is not S.SUCCEEDED
        # A job that ended begins anew or not at all: nothing runs without having waited.
        assert before in ACTIVE or state is S.PENDING


def test_every_state_is_active_or_terminal() -> None:
    assert set(JobState) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


@pytest.mark.requirement("JOB-1")
def test_reasons_of_an_end_are_distinct() -> None:
    assert {"permanent_error", "retries_exhausted", "timeout", "cancelled", "interrupted"} <= {
        reason.value for reason in EndReason
    }


@pytest.mark.requirement("JOB-5")
@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_a_delay_lies_between_nothing_and_its_bound(attempt: int, drawn: float) -> None:
    policy = RetryPolicy(base=timedelta(seconds=5), ceiling=timedelta(minutes=10))
    delay = policy.delay(attempt, lambda: drawn)
    bound = min(600.0, 5.0 * 2.0 ** (attempt - 1))
    assert timedelta(0) <= delay <= timedelta(seconds=bound)
    assert delay == pytest.approx(timedelta(seconds=bound * drawn), abs=timedelta(milliseconds=1))


@pytest.mark.requirement("JOB-5")
def test_bounds_double_up_to_the_ceiling() -> None:
    policy = RetryPolicy(base=timedelta(seconds=5), ceiling=timedelta(seconds=60))
    assert [policy.delay(n, lambda: 1.0).total_seconds() for n in range(1, 8)] == [5, 10, 20, 40, 60, 60, 60]


@pytest.mark.requirement("JOB-5")
def test_the_fifth_attempt_is_the_last() -> None:
    assert [RetryPolicy().exhausted(n) for n in range(1, 7)] == [False, False, False, False, True, True]


PLANS = st.lists(st.floats(0.01, 1000), min_size=1, max_size=6).map(
    lambda weights: StepPlan(tuple(f"step{i}" for i in range(len(weights))), tuple(weights))
)


@pytest.mark.requirement("JOB-9")
@given(PLANS, st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_percent_grows_through_the_steps_from_0_to_100(plan: StepPlan, fractions: list[float]) -> None:
    percents = [plan.at(plan.names[0], 0.0, 1.0).percent]
    for index, name in enumerate(plan.names):
        for fraction in sorted(fractions):
            point = plan.at(name, fraction, 1.0)
            assert (point.step, point.step_index, point.step_count) == (name, index + 1, len(plan.names))
            percents.append(point.percent)
    percents.append(plan.at(plan.names[-1], 1.0, 1.0).percent)
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0.0, 100.0)


@pytest.mark.requirement("JOB-9")
@given(PLANS, st.data())
def test_a_finished_step_stands_where_the_next_begins(plan: StepPlan, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(plan.names) - 1))
    done = plan.at(plan.names[index], 1.0, 1.0).percent
    if index + 1 < len(plan.names):
        assert plan.at(plan.names[index + 1], 0.0, 1.0).percent == pytest.approx(done, abs=0.11)
    assert done == pytest.approx(100 * sum(plan.weights[: index + 1]) / sum(plan.weights), abs=0.06)


@pytest.mark.requirement("JOB-9")
@given(st.floats(allow_nan=True, allow_infinity=True))
def test_whatever_a_tool_reports_stays_within_its_step(fraction: float) -> None:
    point = StepPlan(("a", "b"), (1, 3)).at("b", fraction, 10.0)
    assert 25.0 <= point.percent <= 100.0
    assert point.remaining_seconds is None or point.remaining_seconds >= 0


@pytest.mark.requirement("JOB-9")
def test_remaining_time_follows_the_work_done() -> None:
    plan = StepPlan(("a", "b"), (1, 3))
    assert plan.at("a", 0.0, 5.0).remaining_seconds is None
    assert plan.at("b", 0.0, 60.0).remaining_seconds == pytest.approx(180.0)
    assert plan.at("b", 1.0, 60.0).remaining_seconds == pytest.approx(0.0)


def test_a_step_that_is_not_planned_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in"):
        StepPlan(("a",), (1,)).at("nowhere", 0.5, 1.0)


@pytest.mark.parametrize(
    ("names", "weights"), [((), ()), (("a",), ()), (("a",), (0,)), (("a", "b"), (1, -1))]
)
def test_a_plan_needs_a_positive_weight_per_step(names: tuple[str, ...], weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="positive weight"):
        StepPlan(names, weights)
