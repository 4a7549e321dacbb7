"""One attempt: however it goes, its end is said rightly (JOB-1, JOB-4, JOB-5, JOB-8)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.jobs import QUEUE, WORK, Handler, Payload, Result, Run, job_types

from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.admission import Claimed
from academy.application.jobs.attempt import Attempt, Stop, Work
from academy.application.ports.database import DatabaseUnavailable, Settlement
from academy.application.ports.job_queue import Delivery, QueueUnavailable, Receipt
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import EndReason, JobState
from academy.infrastructure.memory.clock import ManualClock

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DELIVERY = Delivery("1", "{}", Receipt(QUEUE, "1.1"), 1, NOW)
PERMANENT = Failure("bad_file", "The file is broken.")
PASSING = Failure("disk_full", "The disk is full.", retryable=True)


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = dict.fromkeys(Job.__slots__)
    fields |= {"id": "j1", "tenant_id": "t1", "type": WORK, "queue": QUEUE, "payload": {"name": "a"}}
    fields |= {"state": JobState.RUNNING, "token": 3, "attempt": 1, "interruptions": 0}
    fields |= {"cancel_requested": False, "created_at": NOW}
    return Job(**{**fields, **changes})


def attempt(run: Run, clock: ManualClock | None = None, /, payload: bool = True, **changes: Any) -> Attempt:
    age = changes.pop("age", timedelta(0))
    types = job_types(
        retry=RetryPolicy(max_attempts=3, max_interruptions=2),
        time_limit=changes.pop("time_limit", timedelta(hours=1)),
        stall_limit=timedelta(seconds=60),
    )
    claimed = Claimed(DELIVERY, job(**changes), Payload(name="a") if payload else None, age)
    return Attempt(claimed, types[WORK], Handler(run), clock or ManualClock())


def raising(error: BaseException) -> Run:
    async def run(work: Work) -> Contract | None:
        raise error

    return run


async def endless(work: Work) -> Contract | None:
    await asyncio.Event().wait()
    raise AssertionError


async def stopped(run: Run, *why: Stop, **changes: Any) -> Settlement | None:
    """Run until the handler waits, then stop it."""
    trial = attempt(run, **changes)
    running = asyncio.create_task(trial.run())
    await asyncio.sleep(0.01)
    for reason in why:
        trial.stop(reason)
    async with asyncio.timeout(5):
        return await running


@pytest.mark.requirement("JOB-1")
async def test_success_carries_the_result() -> None:
    async def run(work: Work) -> Contract:
        assert (work.lease.job_id, work.lease.token) == ("j1", 3)
        assert work.payload == Payload(name="a")
        return Result(text="한글", number=1.5)

    end = await attempt(run).run()
    assert end is not None
    assert (end.state, end.result) == (JobState.SUCCEEDED, {"text": "한글", "number": 1.5})
    assert (end.reason, end.failure) == (None, None)


@pytest.mark.requirement("JOB-5")
async def test_a_permanent_error_ends_the_job_at_once() -> None:
    end = await attempt(raising(WorkFailed(PERMANENT))).run()
    assert end is not None
    assert (end.state, end.reason, end.failure) == (JobState.FAILED, EndReason.PERMANENT_ERROR, PERMANENT)


@pytest.mark.requirement("JOB-5")
async def test_a_retryable_error_waits_within_the_bound_of_its_attempt() -> None:
    for number, bound in ((1, 5), (2, 10)):
        end = await attempt(raising(WorkFailed(PASSING)), attempt=number).run()
        assert end is not None
        assert (end.state, end.reason, end.failure) == (
            JobState.RETRY_WAIT,
            EndReason.RETRYABLE_ERROR,
            PASSING,
        )
        assert timedelta(0) <= end.delay <= timedelta(seconds=bound)


@pytest.mark.requirement("JOB-5")
async def test_the_last_attempt_makes_the_job_dead_with_the_reason() -> None:
    end = await attempt(raising(WorkFailed(PASSING)), attempt=3).run()
    assert end is not None
    assert (end.state, end.reason, end.failure) == (JobState.DEAD, EndReason.RETRIES_EXHAUSTED, PASSING)


@pytest.mark.requirement("JOB-5", "QUE-6")
@pytest.mark.parametrize(
    "error", [DatabaseUnavailable("x"), ObjectStoreUnavailable("x"), QueueUnavailable("x")]
)
async def test_an_outage_is_told_apart_from_a_crash(error: Exception) -> None:
    for raised in (error, ExceptionGroup("several uploads", [error])):
        end = await attempt(raising(raised)).run()
        assert end is not None
        assert end.failure is not None
        assert (end.state, end.failure.code) == (JobState.RETRY_WAIT, "service_unavailable")


@pytest.mark.requirement("JOB-5", "QUE-6")
async def test_an_outage_uses_up_no_attempt_for_a_day_and_is_tried_ever_more_rarely() -> None:
    for age, bound in ((1, 5), (600, 300), (3600, 600), (23 * 3600, 600)):
        so_far = timedelta(seconds=age)
        end = await attempt(raising(ObjectStoreUnavailable("x")), attempt=3, age=so_far).run()
        assert end is not None
        assert (end.state, end.counted) == (JobState.RETRY_WAIT, False)
        assert timedelta(0) <= end.delay <= timedelta(seconds=bound)
    a_day = timedelta(hours=25)
    given_up = await attempt(raising(ObjectStoreUnavailable("x")), attempt=3, age=a_day).run()
    assert given_up is not None
    assert given_up.state is JobState.DEAD


@pytest.mark.requirement("JOB-5")
async def test_a_crash_is_retried_and_only_its_type_is_shown() -> None:
    end = await attempt(raising(ZeroDivisionError("secret 010-1234-5678"))).run()
    assert end is not None
    assert end.failure is not None
    assert (end.state, end.failure.code, end.failure.detail) == (
        JobState.RETRY_WAIT,
        "internal_error",
        "ZeroDivisionError",
    )


@pytest.mark.requirement("JOB-5")
async def test_a_result_that_cannot_be_kept_is_this_attempts_error() -> None:
    class Odd:
        def model_dump(self, mode: str) -> dict[str, object]:
            return {"x": object()}

    async def odd(work: Work) -> Any:
        return Odd()

    async def nan(work: Work) -> Contract:
        return Result(text="", number=float("nan"))

    for run in (odd, nan):
        end = await attempt(run).run()
        assert end is not None
        assert end.state is JobState.RETRY_WAIT


@pytest.mark.requirement("JOB-5")
async def test_a_handler_that_cancels_itself_has_crashed() -> None:
    end = await attempt(raising(asyncio.CancelledError())).run()
    assert end is not None
    assert (end.state, end.reason) == (JobState.RETRY_WAIT, EndReason.RETRYABLE_ERROR)


@pytest.mark.requirement("JOB-8")
async def test_a_cancelled_job_never_begins() -> None:
    end = await attempt(raising(AssertionError("began")), cancel_requested=True).run()
    assert end is not None
    assert (end.state, end.reason) == (JobState.CANCELLED, EndReason.CANCELLED)


@pytest.mark.requirement("QUE-4")
async def test_a_handler_that_makes_room_goes_on_later_at_no_cost() -> None:
    end = await attempt(raising(Yielded())).run()
    assert end is not None
    assert (end.state, end.reason, end.counted, end.failure) == (
        JobState.PENDING,
        EndReason.YIELDED,
        False,
        None,
    )


@pytest.mark.requirement("JOB-8")
async def test_a_handler_that_makes_room_when_it_was_cancelled_is_cancelled() -> None:
    async def makes_room(work: Work) -> Contract | None:
        try:
            return await endless(work)
        except asyncio.CancelledError:
            raise Yielded from None

    end = await stopped(makes_room, Stop.CANCELLED)
    assert end is not None
    assert (end.state, end.reason) == (JobState.CANCELLED, EndReason.CANCELLED)


@pytest.mark.requirement("JOB-8")
async def test_an_attempt_stopped_between_claim_and_start_never_begins() -> None:
    for why, state in ((Stop.CANCELLED, JobState.CANCELLED), (Stop.INTERRUPTED, JobState.PENDING)):
        trial = attempt(raising(AssertionError("began")))
        trial.stop(why)
        end = await trial.run()
        assert end is not None
        assert end.state is state


OUTCOMES: dict[Stop, tuple[JobState, EndReason]] = {
    Stop.CANCELLED: (JobState.CANCELLED, EndReason.CANCELLED),
    Stop.INTERRUPTED: (JobState.PENDING, EndReason.INTERRUPTED),
    Stop.STALLED: (JobState.RETRY_WAIT, EndReason.TIMEOUT),
    Stop.TIMEOUT: (JobState.RETRY_WAIT, EndReason.TIMEOUT),
}


@pytest.mark.requirement("JOB-1", "JOB-8")
@pytest.mark.parametrize("why", OUTCOMES)
async def test_a_stopped_attempt_says_why(why: Stop) -> None:
    end = await stopped(endless, why)
    assert end is not None
    assert (end.state, end.reason) == OUTCOMES[why]


@pytest.mark.requirement("JOB-1", "JOB-8")
@pytest.mark.parametrize("why", OUTCOMES)
async def test_work_that_fails_while_it_is_broken_off_was_stopped_all_the_same(why: Stop) -> None:
    async def fails(work: Work) -> Contract | None:
        try:
            return await endless(work)
        except asyncio.CancelledError:
            raise WorkFailed(PERMANENT) from None

    end = await stopped(fails, why)
    assert end is not None
    assert (end.state, end.reason) == OUTCOMES[why]


@pytest.mark.requirement("JOB-1")
async def test_of_several_reasons_the_first_counts_but_a_lost_lease_overrides_all() -> None:
    end = await stopped(endless, Stop.CANCELLED, Stop.INTERRUPTED)
    assert end is not None
    assert end.state is JobState.CANCELLED
    assert await stopped(endless, Stop.CANCELLED, Stop.LOST) is None


@pytest.mark.requirement("JOB-3")
async def test_an_attempt_that_lost_its_lease_settles_nothing() -> None:
    assert await stopped(endless, Stop.LOST) is None
    trial = attempt(raising(AssertionError("began")))
    trial.stop(Stop.LOST)
    assert await trial.run() is None


@pytest.mark.requirement("JOB-8")
async def test_cleaning_up_is_not_broken_off_by_a_second_reason() -> None:
    cleaned = asyncio.Event()

    async def tidy(work: Work) -> Contract | None:
        try:
            return await endless(work)
        finally:
            await asyncio.sleep(0.05)
            cleaned.set()

    trial = attempt(tidy)
    running = asyncio.create_task(trial.run())
    for why in (Stop.CANCELLED, Stop.CANCELLED, Stop.INTERRUPTED, Stop.LOST):
        await asyncio.sleep(0.01)
        trial.stop(why)
    await running
    assert cleaned.is_set()


@pytest.mark.requirement("JOB-1")
async def test_a_handler_that_finishes_although_it_was_stopped_has_succeeded() -> None:
    async def finishes(work: Work) -> Contract | None:
        try:
            return await endless(work)
        except asyncio.CancelledError:
            return Result(text="done anyway")

    end = await stopped(finishes, Stop.INTERRUPTED)
    assert end is not None
    assert (end.state, end.result) == (JobState.SUCCEEDED, {"text": "done anyway", "number": 0.0})
    assert await stopped(finishes, Stop.LOST) is None


@pytest.mark.requirement("JOB-4")
async def test_the_time_limit_ends_an_attempt() -> None:
    end = await attempt(endless, time_limit=timedelta(seconds=0.02)).run()
    assert end is not None
    assert end.failure is not None
    assert (end.state, end.reason, end.failure.code) == (JobState.RETRY_WAIT, EndReason.TIMEOUT, "time_limit")
    last = await attempt(endless, time_limit=timedelta(seconds=0.02), attempt=3).run()
    assert last is not None
    assert (last.state, last.reason) == (JobState.DEAD, EndReason.TIMEOUT)


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("why", [Stop.CANCELLED, Stop.STALLED, Stop.LOST, Stop.INTERRUPTED, None])
async def test_a_handler_that_ignores_being_stopped_is_stuck_after_the_grace(why: Stop | None) -> None:
    release = asyncio.Event()

    async def deaf(work: Work) -> Contract | None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return None

    clock = ManualClock()
    trial = attempt(deaf, clock, time_limit=timedelta(hours=12) if why else timedelta(seconds=0.01))
    running = asyncio.create_task(trial.run())
    await asyncio.sleep(0.05)
    if why:
        trial.stop(why)
    clock.advance(29)
    assert not trial.stuck(timedelta(seconds=30))
    clock.advance(2)
    assert trial.stuck(timedelta(seconds=30))
    release.set()
    await running
    assert not trial.stuck(timedelta(seconds=30))


@pytest.mark.requirement("JOB-5")
async def test_a_job_that_loses_its_worker_too_often_is_dead() -> None:
    end = await attempt(raising(AssertionError("began")), interruptions=3).run()
    assert end is not None
    assert end.failure is not None
    assert (end.state, end.reason, end.failure.code) == (JobState.DEAD, EndReason.INTERRUPTED, "worker_lost")
    once_more = await attempt(raising(WorkFailed(PERMANENT)), interruptions=2).run()
    assert once_more is not None
    assert once_more.state is JobState.FAILED


async def test_a_stored_payload_that_no_longer_fits_fails_the_job() -> None:
    end = await attempt(raising(AssertionError("began")), payload=False).run()
    assert end is not None
    assert end.failure is not None
    assert (end.state, end.failure.code) == (JobState.FAILED, "payload_invalid")


@pytest.mark.requirement("JOB-4")
async def test_only_headway_is_a_sign_of_life() -> None:
    clock = ManualClock()
    reports: list[Callable[[str, float], None]] = []

    async def run(work: Work) -> Contract | None:
        reports.append(work.report)
        return await endless(work)

    trial = attempt(run, clock)
    running = asyncio.create_task(trial.run())
    await asyncio.sleep(0.01)
    (report,) = reports
    for second in range(10):
        clock.advance(30)
        report("second", second / 10)
        assert not trial.stalled()
    # A tool that hangs goes on saying the same, or falls back and says that again and again.
    for fraction in (0.9, 0.2, 0.2, 0.2):
        report("second", fraction)
        clock.advance(30)
    report("second", 0.2)
    assert trial.stalled()
    assert trial.progress is not None
    assert trial.progress.percent == 92.5
    trial.stop(Stop.STALLED)
    end = await running
    assert end is not None
    assert end.failure is not None
    assert end.failure.code == "stalled"
    clock.advance(1000)
    assert not trial.stalled()


@pytest.mark.requirement("JOB-9")
async def test_progress_never_falls_within_an_attempt() -> None:
    seen: list[float] = []

    async def run(work: Work) -> Contract | None:
        for step, fraction in (
            ("first", 0.5),
            ("second", 0.5),
            ("second", 0.1),
            ("first", 1.0),
            ("second", 0.6),
        ):
            work.report(step, fraction)
            assert trial.progress is not None
            seen.append(trial.progress.percent)
        return None

    trial = attempt(run)
    end = await trial.run()
    assert end is not None
    assert end.state is JobState.SUCCEEDED
    assert seen == [12.5, 62.5, 62.5, 62.5, 70.0]


@pytest.mark.requirement("JOB-9")
async def test_what_an_attempt_finds_done_says_nothing_of_how_long_the_rest_takes() -> None:
    clock = ManualClock()

    async def run(work: Work) -> Contract | None:
        for fraction in (0.5, 0.6):
            work.report("second", fraction)
            clock.advance(10)
        work.report("second", 0.7)
        return None

    trial = attempt(run, clock)
    await trial.run()
    assert trial.progress is not None
    # A fifth of "second" took 20 seconds, three tenths are left.
    assert trial.progress.remaining_seconds == pytest.approx(30, rel=0.02)


async def test_a_step_that_is_not_planned_fails_the_attempt() -> None:
    async def run(work: Work) -> Contract | None:
        work.report("unplanned", 0.5)
        return None

    end = await attempt(run).run()
    assert end is not None
    assert end.state is JobState.RETRY_WAIT


async def test_when_the_worker_goes_down_the_handler_is_stopped_first() -> None:
    stopped_handler = asyncio.Event()

    async def run(work: Work) -> Contract | None:
        try:
            return await endless(work)
        finally:
            stopped_handler.set()

    running = asyncio.create_task(attempt(run).run())
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert stopped_handler.is_set()


def test_the_job_of_an_attempt_is_the_one_that_was_claimed() -> None:
    trial = attempt(endless)
    assert trial.job == replace(job())
    assert not trial.over
