"""Tell a producer that asked for it how its job ended (JOB-13)."""

from datetime import UTC
from uuid import UUID, uuid5

from academy.application.jobs.job_type import JobTypes
from academy.application.ports.database import OutboxMessage
from academy.contracts.envelope import Envelope
from academy.contracts.job_result import JOB_RESULT, JobError, JobResult
from academy.domain.failures import Failure
from academy.domain.job.job import Job

__all__ = ["refusal_id", "result_id", "result_message"]

_RESULTS = UUID("6d1f3c0a-9a55-5d0e-8d0c-5b7f5c1f9a20")


def result_id(job: Job) -> str:
    """Return the id of a finished job's result: the same whenever it is asked for, another for every life of the job."""
    assert job.finished_at is not None
    return str(uuid5(_RESULTS, f"{job.id}:{job.token}:{job.finished_at.timestamp():.3f}"))


def refusal_id(queue: str, message_id: str) -> str:
    """Return the id of the answer to a message that became no job: the same for every delivery of it."""
    return str(uuid5(_RESULTS, f"refused:{queue}:{message_id}"))


def result_message(types: JobTypes, job: Job) -> OutboxMessage:
    """Return the message that tells how a finished job with a `reply_to` ended; it goes into the outbox with the end itself."""
    number = result_id(job)
    answers = types.answers_for(job)
    text = answers.result(job, number) if answers else _envelope(job, number)
    attributes = {"traceparent": job.trace} if job.trace else None
    return OutboxMessage(job.reply_to, text, job.tenant_id, attributes=attributes)


def _envelope(job: Job, number: str) -> str:
    assert job.finished_at is not None
    body = JobResult.model_validate(
        {
            "job_id": job.id,
            "job_type": job.type,
            "request_key": job.idempotency_key,
            "subject": job.subject,
            "status": job.state.value,
            "reason": job.end_reason.value if job.end_reason else "",
            "result": None if job.result is None else dict(job.result),
            "error": job.failure and _error(job.failure),
            "attempts": job.attempt,
            "finished_at": job.finished_at.astimezone(UTC),
        }
    )
    envelope = Envelope(
        v=1,
        id=number,
        type=JOB_RESULT,
        tenant_id=job.tenant_id,
        payload=body.model_dump(mode="json"),
        created_at=job.finished_at.astimezone(UTC),
        idempotency_key=number,
        trace=job.trace or None,
    )
    return envelope.to_json()


def _error(failure: Failure) -> JobError:
    return JobError(
        code=failure.code,
        message=failure.message,
        message_ko=failure.message_ko,
        retryable=failure.retryable,
        stage=failure.stage,
    )
