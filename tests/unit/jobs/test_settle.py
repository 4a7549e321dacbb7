"""Ends are written with their effects and messages in one transaction, and only by who holds the lease (JOB-2, JOB-3)."""

from datetime import timedelta

import pytest
from tests.support.jobs import LEASE, RecordedEffects, World

from academy.application.jobs.settle import settle
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState

FAILURE = Failure("broken", "It broke.", retryable=True)


def claim(world: World, job_id: str) -> Job:
    return world.database.run_sync(lambda tx: tx.jobs.claim([job_id], "w", LEASE))[job_id]


def end(job: Job, state: JobState, **fields: object) -> tuple[Job, Settlement]:
    return job, Settlement(Lease(job.id, job.token), state, **fields)  # type: ignore[arg-type]


def write(world: World, *ends: tuple[Job, Settlement]) -> frozenset[Lease]:
    return frozenset(world.database.run_sync(lambda tx: settle(tx, world.types, ends)))


def emptied(world: World) -> int:
    return len(world.database.run_sync(lambda tx: tx.outbox.take(100, timedelta(seconds=600))))


@pytest.fixture
def running(traced: World) -> Job:
    job = traced.submit("a")
    emptied(traced)
    return claim(traced, job.id)


@pytest.mark.requirement("JOB-2")
def test_a_success_is_kept_with_its_effects(traced: World, running: Job) -> None:
    assert write(traced, end(running, JobState.SUCCEEDED, result={"text": "x"})) == {Lease(running.id, 1)}
    job = traced.job(running.id)
    assert (job.state, job.result, job.due_at, job.worker) == (JobState.SUCCEEDED, {"text": "x"}, None, "")
    assert traced.did(f"settled:{job.id}:1:SUCCEEDED")
    assert emptied(traced) == 0


@pytest.mark.requirement("JOB-2", "JOB-6")
@pytest.mark.parametrize(
    ("state", "delay"), [(JobState.RETRY_WAIT, timedelta(seconds=40)), (JobState.PENDING, timedelta(0))]
)
def test_a_job_that_comes_back_gets_a_fresh_message_in_time(
    traced: World, running: Job, state: JobState, delay: timedelta
) -> None:
    write(traced, end(running, state, reason=EndReason.RETRYABLE_ERROR, failure=FAILURE, delay=delay))
    if delay:
        assert emptied(traced) == 0
        traced.manual.advance(delay)
    assert emptied(traced) == 1
    again = claim(traced, running.id)
    # Giving a job back costs an interruption, a failure costs an attempt.
    counts = (again.token, again.attempt, again.interruptions)
    assert counts == ((2, 2, 0) if state is JobState.RETRY_WAIT else (2, 1, 1))


@pytest.mark.requirement("JOB-3")
@pytest.mark.parametrize(
    "state", [JobState.SUCCEEDED, JobState.FAILED, JobState.RETRY_WAIT, JobState.PENDING]
)
def test_an_end_that_is_fenced_off_changes_nothing_at_all(
    traced: World, running: Job, state: JobState
) -> None:
    traced.manual.advance(121)
    newer = claim(traced, running.id)
    assert newer.token == 2
    assert write(traced, end(running, state, result={}, failure=FAILURE)) == frozenset()
    assert traced.job(running.id) == newer
    assert not traced.did(f"settled:{running.id}:1:{state}")
    assert emptied(traced) == 0
    # A settled job has no second end either.
    assert write(traced, end(newer, JobState.SUCCEEDED, result={}))
    assert write(traced, end(newer, JobState.FAILED, failure=FAILURE)) == frozenset()
    assert traced.job(running.id).state is JobState.SUCCEEDED


@pytest.mark.requirement("JOB-3")
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_zombie_in_the_same_batch_as_its_successor_has_no_effect(
    traced: World, running: Job, newest_first: bool
) -> None:
    traced.manual.advance(121)
    newer = claim(traced, running.id)
    ends = [end(running, JobState.FAILED, failure=FAILURE), end(newer, JobState.SUCCEEDED, result={})]
    assert write(traced, *(reversed(ends) if newest_first else ends)) == {Lease(running.id, 2)}
    assert traced.job(running.id).state is JobState.SUCCEEDED
    assert traced.did(f"settled:{running.id}:2:SUCCEEDED")
    assert not traced.did(f"settled:{running.id}:1:FAILED")


@pytest.mark.requirement("JOB-2")
def test_an_effect_that_fails_takes_the_end_back_with_it(traced: World, running: Job) -> None:
    class Breaks(RecordedEffects):
        def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
            super().settled(tx, job, end)
            raise RuntimeError("no")

    effects = traced.types[running.type].effects
    assert isinstance(effects, RecordedEffects)
    object.__setattr__(traced.types[running.type], "effects", Breaks())
    with pytest.raises(RuntimeError):
        write(traced, end(running, JobState.PENDING))
    assert traced.job(running.id).state is JobState.RUNNING
    assert not traced.did(f"settled:{running.id}:1:PENDING")
    assert emptied(traced) == 0


@pytest.mark.requirement("JOB-2")
def test_many_ends_are_one_transaction(traced: World) -> None:
    jobs = [claim(traced, traced.submit(str(n)).id) for n in range(20)]
    emptied(traced)
    states = [JobState.SUCCEEDED, JobState.FAILED, JobState.RETRY_WAIT, JobState.CANCELLED]
    ends = [end(job, states[n % 4], result={"n": n}, failure=FAILURE) for n, job in enumerate(jobs)]
    assert write(traced, *ends) == {Lease(job.id, 1) for job in jobs}
    assert [traced.job(job.id).state for job in jobs] == [states[n % 4] for n in range(20)]
    assert emptied(traced) == 5


@pytest.mark.requirement("JOB-8")
def test_a_job_that_was_to_stop_but_succeeded_first_is_cancelled(traced: World, running: Job) -> None:
    other = claim(traced, traced.submit("b").id)
    after = traced.database.run_sync(lambda tx: cancel(tx, traced.types, running.id))
    assert after is not None
    assert after.cancel_requested
    ends = [end(job, JobState.SUCCEEDED, result={}) for job in (running, other)]
    assert write(traced, *ends) == {Lease(running.id, 1), Lease(other.id, 1)}
    job = traced.job(running.id)
    assert (job.state, job.end_reason, job.result) == (JobState.CANCELLED, EndReason.CANCELLED, None)
    assert traced.did(f"settled:{job.id}:1:CANCELLED")
    assert not traced.did(f"settled:{job.id}:1:SUCCEEDED")
    assert traced.job(other.id).state is JobState.SUCCEEDED
