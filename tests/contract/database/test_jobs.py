"""Job rows: adding, claiming, renewing, settling."""

from datetime import timedelta

import pytest
from tests.contract.database.conftest import LEASE, Place, end, new_job

from academy.application.ports.database import Lease, Settlement
from academy.domain.failures import Failure
from academy.domain.job.states import EndReason, JobState

FAILURE = Failure(
    "source_unreadable", "The file is broken.", "파일이 깨졌습니다.", False, "probe", "line 1\x00\ud800"
)


@pytest.mark.requirement("JOB-1")
def test_added_job_is_pending_and_reads_back_as_given(place: Place) -> None:
    new = new_job("j1", subject="video:v1", reply_to="results", trace="00-abc-def-01")
    (added,) = place.database.run_sync(lambda tx: tx.jobs.add([new]))
    assert added.created
    job = place.job("j1")
    assert added.job == job
    for name in (
        "id",
        "tenant_id",
        "type",
        "queue",
        "idempotency_key",
        "payload",
        "subject",
        "reply_to",
        "trace",
    ):
        assert getattr(job, name) == getattr(new, name)
    assert (job.state, job.token, job.attempt, job.interruptions, job.worker) == (
        JobState.PENDING,
        0,
        0,
        0,
        "",
    )
    assert job.due_at is not None
    assert job.due_at > job.created_at
    assert (job.end_reason, job.failure, job.result, job.started_at, job.finished_at) == (None,) * 5


@pytest.mark.requirement("JOB-10")
def test_second_job_with_a_key_or_an_id_is_the_first_one(place: Place) -> None:
    place.jobs("j1")
    again = [new_job("j2", idempotency_key="key-j1"), new_job("j3"), new_job("j1", idempotency_key="other")]
    answers = place.database.run_sync(lambda tx: tx.jobs.add(again))
    assert [(answer.job.id, answer.created) for answer in answers] == [
        ("j1", False),
        ("j3", True),
        ("j1", False),
    ]


@pytest.mark.requirement("JOB-10")
def test_equal_jobs_in_one_batch_are_one(place: Place) -> None:
    answers = place.database.run_sync(lambda tx: tx.jobs.add([new_job("j1"), new_job("j1")]))
    assert [(answer.job.id, answer.created) for answer in answers] == [("j1", True), ("j1", False)]


@pytest.mark.requirement("JOB-10")
def test_tenants_have_keys_of_their_own(place: Place) -> None:
    same = [new_job("j1", tenant="t1", idempotency_key="k"), new_job("j2", tenant="t2", idempotency_key="k")]
    assert all(answer.created for answer in place.database.run_sync(lambda tx: tx.jobs.add(same)))
    found = place.database.read_sync(lambda tx: tx.jobs.by_key("t2", "k"))
    assert found is not None
    assert found.id == "j2"


@pytest.mark.requirement("JOB-7")
def test_timer_of_a_job_for_later_starts_then(place: Place) -> None:
    now = place.database.read_sync(lambda tx: tx.now())
    soon, later = place.jobs("j1", "j2", run_at=None)[0], place.jobs("j3", run_at=now + timedelta(days=2))[0]
    assert soon.due_at is not None
    assert later.due_at is not None
    assert timedelta(days=1, hours=23) < later.due_at - soon.due_at < timedelta(days=2, hours=1)


@pytest.mark.requirement("JOB-2")
def test_claim_takes_pending_jobs_and_starts_an_attempt(place: Place) -> None:
    place.jobs("j1", "j2", "j3")
    claimed = place.claim("j1", "j2", "missing")
    assert set(claimed) == {"j1", "j2"}
    job = claimed["j1"]
    assert (job.state, job.token, job.attempt, job.interruptions, job.worker) == (
        JobState.RUNNING,
        1,
        1,
        0,
        "w1",
    )
    assert job.started_at is not None
    assert job.due_at is not None
    assert abs((job.due_at - job.started_at) - LEASE) < timedelta(seconds=5)
    assert claimed["j1"] == place.job("j1")
    assert place.job("j3").state is JobState.PENDING


@pytest.mark.requirement("JOB-3")
def test_claimed_job_is_not_claimed_again_while_its_lease_lasts(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    assert place.claim("j1", worker="w2") == {}
    assert place.job("j1").worker == "w1"


@pytest.mark.requirement("JOB-3")
def test_expired_lease_is_taken_over_and_costs_no_attempt(place: Place) -> None:
    place.jobs("j1")
    first = place.claim("j1")["j1"]
    place.pass_time(61)
    second = place.claim("j1", worker="w2")["j1"]
    assert (second.token, second.attempt, second.interruptions, second.worker) == (
        first.token + 1,
        1,
        1,
        "w2",
    )
    started = second.started_at
    assert started is not None


@pytest.mark.requirement("JOB-3")
def test_worker_that_lost_its_lease_can_change_nothing(place: Place) -> None:
    place.jobs("j1")
    stale = place.claim("j1")["j1"].token
    place.pass_time(61)
    place.claim("j1", worker="w2")
    before = place.job("j1")
    assert end(place, "j1", stale, JobState.SUCCEEDED, result={"ok": True}) == []
    (state,) = place.database.run_sync(lambda tx: tx.jobs.renew([Lease("j1", stale)], LEASE))
    assert not state.held
    assert place.job("j1") == before


@pytest.mark.requirement("JOB-4")
def test_renewal_keeps_leases_and_answers_for_each(place: Place) -> None:
    place.jobs("j1", "j2", "j3")
    place.claim("j1", "j2")
    place.database.run_sync(lambda tx: tx.jobs.request_cancel("j2"))
    place.pass_time(40)
    leases = [Lease("j2", 1), Lease("j1", 1), Lease("j1", 7), Lease("j3", 0), Lease("missing", 1)]
    answers = place.database.run_sync(lambda tx: tx.jobs.renew(leases, LEASE))
    assert [(each.job_id, each.token, each.held, each.cancel_requested) for each in answers] == [
        ("j2", 1, True, True),
        ("j1", 1, True, False),
        ("j1", 7, False, False),
        ("j3", 0, False, False),
        ("missing", 1, False, False),
    ]
    place.pass_time(40)
    assert place.claim("j1", "j2", worker="w2") == {}


@pytest.mark.requirement("JOB-1")
def test_success_keeps_the_result_and_clears_timer_and_worker(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    result = {"요약": "끝\u0000", "n": [1, 2.5, None]}
    assert end(place, "j1", 1, JobState.SUCCEEDED, result=result) == ["j1"]
    job = place.job("j1")
    assert (job.state, job.result, job.due_at, job.worker) == (JobState.SUCCEEDED, result, None, "")
    assert job.finished_at is not None
    assert (job.end_reason, job.failure) == (None, None)
    assert place.claim("j1") == {}


@pytest.mark.requirement("JOB-5")
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (JobState.FAILED, EndReason.PERMANENT_ERROR),
        (JobState.DEAD, EndReason.RETRIES_EXHAUSTED),
        (JobState.CANCELLED, EndReason.CANCELLED),
        (JobState.FAILED, EndReason.TIMEOUT),
    ],
)
def test_bad_end_keeps_its_reason(place: Place, state: JobState, reason: EndReason) -> None:
    place.jobs("j1")
    place.claim("j1")
    end(place, "j1", 1, state, reason=reason, failure=FAILURE, result={"never": "kept"})
    job = place.job("j1")
    assert (job.state, job.end_reason, job.failure, job.result) == (state, reason, FAILURE, None)
    assert job.finished


@pytest.mark.requirement("JOB-5")
def test_retry_waits_for_its_delay_and_then_begins_another_attempt(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    wait = timedelta(seconds=30)
    end(place, "j1", 1, JobState.RETRY_WAIT, reason=EndReason.RETRYABLE_ERROR, failure=FAILURE, delay=wait)
    assert place.claim("j1") == {}
    place.pass_time(31)
    job = place.claim("j1")["j1"]
    assert (job.attempt, job.interruptions, job.token, job.failure) == (2, 0, 2, FAILURE)


@pytest.mark.requirement("JOB-5")
def test_an_attempt_that_an_outage_ended_is_given_back(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    end(place, "j1", 1, JobState.RETRY_WAIT, reason=EndReason.RETRYABLE_ERROR, failure=FAILURE, counted=False)
    job = place.job("j1")
    assert (job.state, job.attempt, job.interruptions) == (JobState.RETRY_WAIT, 0, 0)


@pytest.mark.requirement("QUE-4")
def test_a_job_that_makes_room_for_others_loses_nothing_by_it(place: Place) -> None:
    place.jobs("j1")
    for token in range(1, 4):
        place.claim("j1")
        end(place, "j1", token, JobState.PENDING, reason=EndReason.YIELDED, counted=False)
        job = place.job("j1")
        assert (job.state, job.attempt, job.interruptions) == (JobState.PENDING, 0, 0)
    assert job.due_at is not None
    assert place.claim("j1")["j1"].attempt == 1


@pytest.mark.requirement("JOB-12")
def test_job_given_back_costs_no_attempt(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    end(place, "j1", 1, JobState.PENDING, reason=EndReason.INTERRUPTED)
    job = place.job("j1")
    assert (job.state, job.attempt, job.interruptions, job.token, job.worker) == (
        JobState.PENDING,
        0,
        1,
        1,
        "",
    )
    assert job.due_at is not None
    assert place.claim("j1")["j1"].attempt == 1


@pytest.mark.requirement("JOB-3")
def test_batch_applies_what_is_held_and_leaves_the_rest(place: Place) -> None:
    ids = [f"j{number}" for number in range(10)]
    place.jobs(*ids)
    place.claim(*ids)
    ends = [
        Settlement(Lease(job_id, number % 2), JobState.SUCCEEDED, {}) for number, job_id in enumerate(ids)
    ]
    applied = place.database.run_sync(lambda tx: tx.jobs.settle(ends))
    assert applied == {Lease(f"j{number}", 1): JobState.SUCCEEDED for number in (1, 3, 5, 7, 9)}
    assert place.job("j0").state is JobState.RUNNING


def test_empty_batches_change_nothing(place: Place) -> None:
    assert place.claim() == {}
    assert list(place.database.run_sync(lambda tx: tx.jobs.settle([]))) == []
    assert list(place.database.run_sync(lambda tx: tx.jobs.renew([], LEASE))) == []
    assert list(place.database.run_sync(lambda tx: tx.jobs.add([]))) == []


@pytest.mark.requirement("JOB-1")
def test_attempt_cannot_end_in_running(place: Place) -> None:
    place.jobs("j1")
    place.claim("j1")
    with pytest.raises(ValueError, match="RUNNING"):
        end(place, "j1", 1, JobState.RUNNING)
