"""Have the provider asked what became of a batch of which nobody knows whether it was sent: in its turn, or at once (MSG-3)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from academy.application.errors import NotFound
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel, revive, submit
from academy.application.messaging.names import SETTLE, order_subject
from academy.application.ports.database import Transaction
from academy.contracts.messaging import SettleBatch
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.messaging.message import Batch, BatchState

__all__ = ["ask_now", "await_settlement", "settle_key"]

ASK_AGAIN = timedelta(seconds=30)
"""When the provider is asked for the first time what became of a batch that nobody knows of."""


def settle_key(batch: Batch) -> str:
    """Return the key of the job that asks, under which a hand-over submits it, too."""
    return f"message-settle:{batch.id}"


def await_settlement(tx: Transaction, types: JobTypes, batch: Batch) -> None:
    """Have the provider asked about a batch that was left OPEN, soon; a job that had ended without an answer begins anew."""
    asking = _submit(tx, types, batch, "", run_at=tx.now() + ASK_AGAIN)
    if asking.finished and asking.state is not JobState.SUCCEEDED:
        revive(tx, types, asking.id)


def ask_now(tx: Transaction, types: JobTypes, new_id: Callable[[], str], batch_id: str) -> Job | None:
    """Have the provider asked at once about an OPEN batch of whatever academy; return the job that asks, None for a CLOSED batch.

    A job that waits for its next try is brought forward, so that never two of them ask. Raises NotFound.
    """
    batch = next((b for t in tx.tenants.all() if (b := tx.messages.batch(t.id, batch_id))), None)
    if batch is None:
        raise NotFound("batch")
    if batch.state is BatchState.CLOSED:
        return None
    known = tx.jobs.by_key(batch.tenant_id, settle_key(batch))
    # Under lock: a worker that takes it meanwhile must not be stopped.
    job = tx.jobs.get(known.id, lock=True) if known else None
    if job is None or job.state is JobState.SUCCEEDED:
        again = "" if job is None else f":{new_id()}"
        return _submit(tx, types, batch, again)
    if job.state is JobState.RUNNING:
        return job
    if not job.finished:
        # A new life begins at once, where a waiting one would begin at its time.
        cancel(tx, types, job.id)
    return revive(tx, types, job.id)


def _submit(
    tx: Transaction, types: JobTypes, batch: Batch, again: str, run_at: datetime | None = None
) -> Job:
    return submit(
        tx,
        types,
        job_id=f"settle-{batch.id}{again}",
        tenant_id=batch.tenant_id,
        type_name=SETTLE,
        payload=SettleBatch(batch_id=batch.id),
        idempotency_key=f"{settle_key(batch)}{again}",
        subject=order_subject(batch.order_id),
        run_at=run_at,
    ).job
