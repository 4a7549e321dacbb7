"""Write how attempts ended, many in one transaction, before anything is acked (JOB-2, JOB-3)."""

from collections.abc import Sequence

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import announce
from academy.application.ports.database import Settlement, Transaction
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

__all__ = ["settle"]

_COMES_BACK = frozenset({JobState.RETRY_WAIT, JobState.PENDING})


def settle(tx: Transaction, types: JobTypes, ends: Sequence[tuple[Job, Settlement]]) -> frozenset[str]:
    """Apply settlements with the effects of their features; return the ids of the jobs that were still ours.

    A job that comes back gets a fresh message from the outbox, so a retry never uses up the broker's receives.
    """
    applied = frozenset(tx.jobs.settle([end for _, end in ends]))
    for job, end in ends:
        if job.id not in applied:
            continue
        types[job.type].effects.settled(tx, job, end)
        if end.state in _COMES_BACK:
            tx.outbox.add([announce(job, end.delay)])
    return applied
