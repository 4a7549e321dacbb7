"""Record jobs together with the messages that announce them (JOB-6, JOB-10)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from academy.application.errors import Conflict
from academy.application.jobs import failures
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.results import result_message
from academy.application.ports.database import Added, Lease, OutboxMessage, Settlement, Transaction
from academy.contracts.base import Contract
from academy.contracts.envelope import Envelope
from academy.contracts.strict_json import read_object
from academy.domain.job.job import Job, NewJob
from academy.domain.job.states import EndReason, JobState
from academy.domain.job.tier import Tier

__all__ = ["announce", "cancel", "cancel_for_somebody", "new_job", "revive", "submit", "submit_many"]


def new_job(
    types: JobTypes,
    *,
    job_id: str,
    tenant_id: str,
    type_name: str,
    payload: Contract,
    idempotency_key: str,
    subject: str = "",
    reply_to: str = "",
    trace: str = "",
    run_at: datetime | None = None,
    tier: Tier | None = None,
) -> NewJob:
    """Return what is to be recorded of a job; nothing is written. Raises UnknownJobType, TierNotAllowed."""
    return NewJob(
        id=job_id,
        tenant_id=tenant_id,
        type=types[type_name].name,
        queue=types.queue_of(type_name, tier),
        idempotency_key=idempotency_key,
        payload=payload.model_dump(mode="json"),
        subject=subject,
        reply_to=reply_to,
        trace=trace,
        run_at=run_at,
    )


def submit(
    tx: Transaction,
    types: JobTypes,
    *,
    job_id: str,
    tenant_id: str,
    type_name: str,
    payload: Contract,
    idempotency_key: str,
    subject: str = "",
    reply_to: str = "",
    trace: str = "",
    run_at: datetime | None = None,
    tier: Tier | None = None,
) -> Added:
    """Record a job and its message in this transaction; a second call with the same key returns the first job.

    `run_at` may be any time, however far off; `tier` None is the least in which the type is done. Raises UnknownJobType,
    TierNotAllowed, and InvalidMessage for what no worker would understand.
    """
    new = new_job(
        types,
        job_id=job_id,
        tenant_id=tenant_id,
        type_name=type_name,
        payload=payload,
        idempotency_key=idempotency_key,
        subject=subject,
        reply_to=reply_to,
        trace=trace,
        run_at=run_at,
        tier=tier,
    )
    (added,) = submit_many(tx, [new])
    return added


def submit_many(tx: Transaction, jobs: Sequence[NewJob]) -> Sequence[Added]:
    """Record jobs and their messages in two statements, however many; in order, each as `submit` does.

    Raises InvalidMessage for what no worker would understand; the transaction is to be rolled back then.
    """
    added = tx.jobs.add(jobs)
    messages = []
    for new, one in zip(jobs, added, strict=True):
        if one.created:
            wait = max(timedelta(0), new.run_at - tx.now()) if new.run_at else timedelta(0)
            message = announce(one.job, wait)
            read_object(message.body)
            messages.append(message)
    if messages:
        tx.outbox.add(messages)
    return added


def announce(job: Job, delay: timedelta = timedelta(0)) -> OutboxMessage:
    """Return the message that tells workers of a job."""
    envelope = Envelope(
        v=1,
        id=job.id,
        type=job.type,
        tenant_id=job.tenant_id,
        payload=dict(job.payload),
        created_at=job.created_at.astimezone(UTC),
        idempotency_key=job.idempotency_key,
        trace=job.trace or None,
        reply_to=job.reply_to,
    )
    attributes = {"traceparent": job.trace} if job.trace else None
    return OutboxMessage(job.queue, envelope.to_json(), job.tenant_id, delay, attributes)


def cancel(tx: Transaction, types: JobTypes, job_id: str) -> Job | None:
    """Ask for a job to stop: one that nobody runs ends now, a running one within seconds (JOB-8)."""
    before = tx.jobs.get(job_id, lock=True)
    after = tx.jobs.request_cancel(job_id)
    if before and after and after.state is JobState.CANCELLED and not before.finished:
        end = Settlement(_lease_of(after), JobState.CANCELLED, reason=EndReason.CANCELLED)
        types[after.type].effects.settled(tx, before, end)
        if after.reply_to:
            tx.outbox.add([result_message(types, after)])
    return after


def cancel_for_somebody(tx: Transaction, types: JobTypes, job_id: str) -> Job | None:
    """Ask for a job to stop because a person wants it. Raises Conflict for one that follows up on others."""
    job = tx.jobs.get(job_id)
    if job is not None and not job.finished and types[job.type].follow_up:
        raise Conflict(failures.NOT_CANCELLABLE)
    return cancel(tx, types, job_id)


def revive(tx: Transaction, types: JobTypes, job_id: str) -> Job | None:
    """Give a FAILED, DEAD or CANCELLED job a new life with its attempts counted afresh; None if there is none.

    Raises IllegalTransition, and Conflict when the job's feature has no use for it any more; nothing has changed then.
    """
    before = tx.jobs.get(job_id)
    if before is not None and before.finished:
        types[before.type].effects.check_revival(tx, before)
    job = tx.jobs.revive(job_id)
    if job is not None:
        types[job.type].effects.created(tx, job)
        tx.outbox.add([announce(job)])
    return job


def _lease_of(job: Job) -> Lease:
    return Lease(job.id, job.token)
