"""What a person reads of a job says what has happened to it (API-3)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.interfaces.api.jobs.present import job_view

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JOB = Job(
    id="j1",
    tenant_id="t1",
    type="test.work",
    queue="q",
    idempotency_key="k",
    payload={},
    subject="",
    reply_to="",
    trace="",
    state=JobState.RETRY_WAIT,
    token=1,
    attempt=0,
    interruptions=0,
    worker="",
    due_at=NOW,
    cancel_requested=False,
    end_reason=EndReason.RATE_LIMITED,
    failure=None,
    result=None,
    created_at=NOW,
    started_at=NOW,
    finished_at=None,
)


@pytest.mark.requirement("API-3")
def test_a_job_over_a_rate_limit_waits_and_has_not_failed() -> None:
    view = job_view(JOB, None, "ko")
    assert (view.status, view.status_text) == ("queued", "차례를 기다리는 중입니다.")
    failed = job_view(replace(JOB, end_reason=EndReason.RETRYABLE_ERROR), None, "en")
    assert failed.status == "retrying"


@pytest.mark.requirement("API-3")
def test_a_reservation_says_for_when_it_waits() -> None:
    waiting = replace(JOB, state=JobState.PENDING, end_reason=None)
    begins = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    view = job_view(waiting, None, "ko", begins)
    assert (view.status, view.next_attempt_at) == ("queued", begins)
    assert view.status_text == "예약되었습니다. 2026-03-03 09:00에 시작합니다."
    assert job_view(waiting, None, "en", begins).status_text == "Reserved for 2026-03-03 09:00 in Korea."
    assert job_view(waiting, None, "ko").status_text == "차례를 기다리는 중입니다."
    cancelling = replace(waiting, cancel_requested=True)
    assert job_view(cancelling, None, "ko", begins).next_attempt_at is None
