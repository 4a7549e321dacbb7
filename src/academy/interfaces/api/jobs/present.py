"""Show jobs to people: the outcome, in their language, with nothing that is only for operators."""

from datetime import datetime

from academy.application.ports.database import JobFilter
from academy.contracts.rest.jobs import (
    FailureView,
    JobQuery,
    JobStatus,
    JobView,
    OperatorFailureView,
    OperatorJobView,
    ProgressView,
)
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState
from academy.domain.korea import KST
from academy.interfaces.api.language import Language

__all__ = ["failure_view", "filter_of", "job_view", "operator_job_view"]

_STATUS: dict[JobState, JobStatus] = {
    JobState.PENDING: "queued",
    JobState.RUNNING: "running",
    JobState.RETRY_WAIT: "retrying",
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.DEAD: "failed",
    JobState.CANCELLED: "cancelled",
}
_TEXTS: dict[str, tuple[str, str]] = {
    "queued": ("Waiting for its turn.", "차례를 기다리는 중입니다."),
    "running": ("Being worked on.", "처리 중입니다."),
    "retrying": ("An attempt failed; it will be tried again.", "처리에 실패하여 다시 시도할 예정입니다."),
    "cancelling": ("Being stopped.", "취소하는 중입니다."),
    "succeeded": ("Done.", "완료되었습니다."),
    "failed": ("Failed.", "실패했습니다."),
    "cancelled": ("Cancelled.", "취소되었습니다."),
}
_ENDS: dict[EndReason, tuple[str, str]] = {
    EndReason.RETRIES_EXHAUSTED: ("Failed after every attempt.", "여러 번 시도했지만 실패했습니다."),
    EndReason.TIMEOUT: ("Failed: it took too long.", "제한 시간을 넘어 실패했습니다."),
    EndReason.INTERRUPTED: ("Failed: interrupted too often.", "여러 번 중단되어 실패했습니다."),
}


def job_view(
    job: Job, progress: Progress | None, language: Language, starts_at: datetime | None = None
) -> JobView:
    """Return a job as its academy sees it; `progress` counts only while the job runs.

    `starts_at`: of a job that waits for its time, when that is.
    """
    status = _status(job)
    reserved = starts_at if status == "queued" else None
    running = job.under_way and progress is not None
    return JobView(
        id=job.id,
        type=job.type,
        subject=job.subject,
        state=job.state.value,
        status=status,
        status_text=(_reserved(reserved) if reserved else _text(job, status))[1 if language == "ko" else 0],
        reason=job.end_reason.value if job.end_reason else None,
        failure=failure_view(job.failure, language),
        progress=_progress(progress) if running and progress else None,
        attempt=job.attempt,
        cancel_requested=job.cancel_requested,
        result=dict(job.result) if job.result is not None else None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        next_attempt_at=job.due_at if job.state is JobState.RETRY_WAIT else reserved,
    )


def failure_view(failure: Failure | None, language: Language) -> FailureView | None:
    """Return a failure in words, without its technical evidence."""
    if failure is None:
        return None
    return FailureView(
        code=failure.code, message=failure.text(language), retryable=failure.retryable, stage=failure.stage
    )


def operator_job_view(job: Job, language: Language) -> OperatorJobView:
    """Return a job as an operator sees it, evidence included."""
    failure = job.failure and OperatorFailureView(
        code=job.failure.code,
        message=job.failure.text(language),
        retryable=job.failure.retryable,
        stage=job.failure.stage,
        detail=job.failure.detail,
    )
    return OperatorJobView(
        id=job.id,
        tenant_id=job.tenant_id,
        type=job.type,
        queue=job.queue,
        subject=job.subject,
        state=job.state.value,
        reason=job.end_reason.value if job.end_reason else None,
        failure=failure,
        attempt=job.attempt,
        interruptions=job.interruptions,
        token=job.token,
        worker=job.worker,
        due_at=job.due_at,
        cancel_requested=job.cancel_requested,
        trace=job.trace,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def filter_of(query: JobQuery, tenant_id: str | None) -> JobFilter:
    """Return which jobs a list shows."""
    state = JobState(query.state) if query.state else None
    return JobFilter(tenant_id, state, query.type, query.subject)


def _status(job: Job) -> JobStatus:
    if job.cancel_requested and not job.finished:
        return "cancelling"
    if job.state is JobState.RETRY_WAIT and job.end_reason is EndReason.RATE_LIMITED:
        # Nothing has failed: it waits for its turn at a provider.
        return "queued"
    return _STATUS[job.state]


def _text(job: Job, status: JobStatus) -> tuple[str, str]:
    if status == "queued" and job.made_room:
        return "Partly done; goes on in its turn.", "일부 처리했습니다. 차례가 되면 이어서 처리합니다."
    if status == "failed" and job.end_reason in _ENDS:
        return _ENDS[job.end_reason]
    return _TEXTS[status]


def _reserved(moment: datetime) -> tuple[str, str]:
    there = f"{moment.astimezone(KST):%Y-%m-%d %H:%M}"
    return f"Reserved for {there} in Korea.", f"예약되었습니다. {there}에 시작합니다."


def _progress(progress: Progress) -> ProgressView:
    return ProgressView(
        step=progress.step,
        step_index=progress.step_index,
        step_count=progress.step_count,
        percent=progress.percent,
        remaining_seconds=progress.remaining_seconds,
    )
