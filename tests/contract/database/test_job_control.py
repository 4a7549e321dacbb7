"""Job rows: cancelling, reviving, timers."""

from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place, end, finish

from academy.application.ports.database import Lease, Settlement
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, IllegalTransition, JobState


def cancel(place: Place, job_id: str) -> Job | None:
    return place.database.run_sync(lambda tx: tx.jobs.request_cancel(job_id))


def revive(place: Place, job_id: str) -> Job | None:
    return place.database.run_sync(lambda tx: tx.jobs.revive(job_id))


@pytest.mark.requirement("JOB-8")
def test_cancel_ends_a_waiting_job_at_once(place: Place) -> None:
    place.jobs("j1", "j2")
    place.claim("j2")
    end(place, "j2", 1, JobState.RETRY_WAIT, delay=timedelta(seconds=30))
    for job_id in ("j1", "j2"):
        job = cancel(place, job_id)
        assert job is not None
        assert (job.state, job.end_reason, job.due_at) == (JobState.CANCELLED, EndReason.CANCELLED, None)
        assert job.finished_at is not None
    assert place.claim("j1", "j2") == {}


@pytest.mark.requirement("JOB-8")
def test_cancel_of_a_running_job_is_a_request_that_its_worker_sees(place: Place) -> None:
    place.jobs("j1", "j2", "j3")
    place.claim("j1", "j2")
    job = place.database.run_sync(lambda tx: tx.jobs.request_cancel("j1"))
    assert job is not None
    assert (job.state, job.cancel_requested, job.worker) == (JobState.RUNNING, True, "w1")
    wanted = place.database.read_sync(lambda tx: tx.jobs.cancel_requested(["j1", "j2", "j3", "missing"]))
    assert wanted == {"j1"}
    assert end(place, "j1", 1, JobState.CANCELLED, reason=EndReason.CANCELLED) == ["j1"]
    assert place.database.read_sync(lambda tx: tx.jobs.cancel_requested(["j1"])) == frozenset()


@pytest.mark.requirement("JOB-8")
def test_cancel_leaves_finished_jobs_alone_and_knows_what_is_not_there(place: Place) -> None:
    place.jobs("j1")
    finish(place, "j1", JobState.SUCCEEDED)
    before = place.job("j1")
    assert place.database.run_sync(lambda tx: tx.jobs.request_cancel("j1")) == before
    assert place.database.run_sync(lambda tx: tx.jobs.request_cancel("missing")) is None


@pytest.mark.requirement("JOB-1")
@pytest.mark.parametrize("state", [JobState.FAILED, JobState.DEAD, JobState.CANCELLED])
def test_revive_gives_an_ended_job_a_new_life(place: Place, state: JobState) -> None:
    place.jobs("j1")
    finish(place, "j1", state)
    job = place.database.run_sync(lambda tx: tx.jobs.revive("j1"))
    assert job is not None
    assert (job.state, job.attempt, job.interruptions, job.token) == (JobState.PENDING, 0, 0, 1)
    assert not job.cancel_requested
    assert job.due_at is not None
    assert job.finished_at is None
    again = place.claim("j1")["j1"]
    assert again.token == 2
    assert (again.end_reason, again.failure) == (None, None), "a new life shows why the former one ended"


@pytest.mark.requirement("JOB-1")
def test_revive_refuses_jobs_that_did_not_end_badly(place: Place) -> None:
    place.jobs("pending", "running", "done")
    place.claim("running")
    finish(place, "done", JobState.SUCCEEDED)
    for job_id in ("pending", "running", "done"):
        before = place.job(job_id)
        with pytest.raises(IllegalTransition):
            revive(place, job_id)
        assert place.job(job_id) == before
    assert place.database.run_sync(lambda tx: tx.jobs.revive("missing")) is None


@pytest.mark.requirement("JOB-7")
def test_overdue_finds_what_is_past_its_timer_and_grace(place: Place) -> None:
    place.jobs("running", "waiting", "pending", "done")
    place.claim("running", "waiting")
    end(place, "waiting", 1, JobState.RETRY_WAIT, delay=timedelta(seconds=10))
    finish(place, "done", JobState.SUCCEEDED)

    def late() -> set[str]:
        grace = timedelta(seconds=30)
        found = {job.id for job in place.database.run_sync(lambda tx: tx.jobs.overdue(grace, 10))}
        # Counted without a lock, where nothing may be written.
        assert place.database.read_sync(lambda tx: tx.jobs.count_overdue(grace)) == len(found)
        return found

    assert late() == set()
    place.pass_time(45)
    assert late() == {"waiting"}
    place.pass_time(60)
    assert late() == {"waiting", "running"}
    place.pass_time(3600)
    assert late() == {"waiting", "running", "pending"}
    limited = place.database.run_sync(lambda tx: tx.jobs.overdue(timedelta(0), 1))
    assert [job.id for job in limited] == ["waiting"]


@pytest.mark.requirement("JOB-7")
def test_postponed_running_job_is_taken_from_its_worker(place: Place) -> None:
    place.jobs("running", "pending", "done")
    place.claim("running")
    finish(place, "done", JobState.SUCCEEDED)
    done = place.job("done")
    later = timedelta(minutes=5)
    place.database.run_sync(lambda tx: tx.jobs.postpone(["running", "pending", "done"], later))
    job = place.job("running")
    assert (job.state, job.token, job.attempt, job.interruptions, job.worker) == (
        JobState.PENDING,
        2,
        0,
        1,
        "",
    )
    # The worker thought dead comes back: it changes nothing.
    assert end(place, "running", 1, JobState.SUCCEEDED, result={}) == []
    assert place.claim("running")["running"].token == 3
    pending = place.job("pending")
    assert (pending.state, pending.token, pending.interruptions) == (JobState.PENDING, 0, 0)
    assert place.job("done") == done


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("wanted", [JobState.SUCCEEDED, JobState.RETRY_WAIT, JobState.PENDING])
def test_an_end_that_would_go_on_or_show_a_result_yields_to_the_cancellation(
    place: Place, wanted: JobState
) -> None:
    place.jobs("j1")
    place.claim("j1")
    cancel(place, "j1")
    result = {"made": 1} if wanted is JobState.SUCCEEDED else None
    settlement = Settlement(Lease("j1", 1), wanted, result, delay=timedelta(hours=1))
    assert place.database.run_sync(lambda tx: tx.jobs.settle([settlement])) == {
        Lease("j1", 1): JobState.CANCELLED
    }
    job = place.job("j1")
    assert (job.state, job.end_reason, job.result) == (JobState.CANCELLED, EndReason.CANCELLED, None)
    assert job.due_at is None
    assert job.finished_at is not None


@pytest.mark.requirement("JOB-8")
def test_a_failure_is_told_though_the_job_was_to_be_cancelled(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    cancel(place, "j1")
    end(place, "j1", 1, JobState.FAILED, reason=EndReason.PERMANENT_ERROR)
    assert place.job("j1").state is JobState.FAILED
