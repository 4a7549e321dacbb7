"""Write how attempts ended, many in one transaction, before anything is acked (JOB-2, JOB-3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.results import result_message
from academy.application.jobs.submit import announce
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState

__all__ = ["settle"]

_COMES_BACK = frozenset({JobState.RETRY_WAIT, JobState.PENDING})


def settle(
    tx: Transaction, types: JobTypes, ends: Sequence[tuple[Job, Settlement]]
) -> Mapping[Lease, Settlement]:
    """Apply settlements with the effects of their features; return, by lease that still held, the end as it was written.

    A job that comes back gets a fresh message from the outbox, so a retry never uses up the broker's receives; the result of one that
    ended goes there where its producer asked for it. A job that succeeded
    before it noticed that it was to stop is CANCELLED: the wish was accepted (JOB-8).
    """
    states = tx.jobs.settle([end for _, end in ends])
    applied: dict[Lease, Settlement] = {}
    again = []
    # In one order everywhere: two workers that settle jobs of several academies at once never wait for each other's accounts in a circle.
    for job, end in sorted(ends, key=lambda each: (each[0].tenant_id, each[0].id)):
        if end.lease not in states:
            continue
        written = _as_written(end, states[end.lease])
        applied[end.lease] = written
        types[job.type].effects.settled(tx, job, written)
        if written.state in _COMES_BACK:
            again.append(announce(job, written.delay))
    asked = [job.id for job, end in ends if job.reply_to and end.lease in applied]
    told = [result_message(types, job) for job in tx.jobs.get_many(asked).values() if job.finished]
    if again or told:
        tx.outbox.add([*again, *told])
    return applied


def _as_written(end: Settlement, state: JobState) -> Settlement:
    if state is end.state:
        return end
    return replace(end, state=state, result=None, reason=EndReason.CANCELLED, failure=None)
