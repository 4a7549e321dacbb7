"""Write how attempts ended, many in one transaction, before anything is acked (JOB-2, JOB-3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import announce
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState

__all__ = ["settle"]

_COMES_BACK = frozenset({JobState.RETRY_WAIT, JobState.PENDING})
_MOMENT = timedelta(minutes=1)
"""Length of a lease that ends with the transaction."""


def settle(tx: Transaction, types: JobTypes, ends: Sequence[tuple[Job, Settlement]]) -> frozenset[Lease]:
    """Apply settlements with the effects of their features; return the leases that still held.

    A job that comes back gets a fresh message from the outbox, so a retry never uses up the broker's receives. A job that succeeded
    before it noticed that it was to stop is CANCELLED: the wish was accepted (JOB-8).
    """
    ends = _heeding_cancellations(tx, ends)
    # Where a job ends twice in one batch, an attempt of ours outlived its lease and the job was claimed again: only the
    # newest token can be the row's.
    newest = {job.id: end.lease.token for job, end in sorted(ends, key=lambda item: item[1].lease.token)}
    ids = frozenset(tx.jobs.settle([end for _, end in ends]))
    applied = frozenset(Lease(job_id, newest[job_id]) for job_id in ids)
    for job, end in ends:
        if end.lease not in applied:
            continue
        types[job.type].effects.settled(tx, job, end)
        if end.state in _COMES_BACK:
            tx.outbox.add([announce(job, end.delay)])
    return applied


def _heeding_cancellations(
    tx: Transaction, ends: Sequence[tuple[Job, Settlement]]
) -> list[tuple[Job, Settlement]]:
    """Turn the success of a job whose row asks for its cancellation into that.

    A renewal locks the rows, so that no wish can come between this look and the end.
    """
    leases = [end.lease for _, end in ends if end.state is JobState.SUCCEEDED]
    states = tx.jobs.renew(leases, _MOMENT) if leases else ()
    unwanted = {Lease(state.job_id, state.token) for state in states if state.cancel_requested}
    return [
        (
            job,
            replace(end, state=JobState.CANCELLED, result=None, reason=EndReason.CANCELLED)
            if end.state is JobState.SUCCEEDED and end.lease in unwanted
            else end,
        )
        for job, end in ends
    ]
