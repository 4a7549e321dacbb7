"""Which jobs wait for their time, and not for a worker."""

from datetime import datetime

from academy.application.ports.database import Transaction
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.messaging.rules import morning_after

__all__ = ["starts_at"]


def starts_at(tx: Transaction, job: Job) -> datetime | None:
    """Return when a job begins whose order was reserved for later, None for one that begins as soon as a worker is free.

    The order says when. The job's own timer does not: it is that of the reconciler, who moves it.
    """
    order_id = job.payload.get("order_id")
    if job.state is not JobState.PENDING or not isinstance(order_id, str):
        return None
    order = tx.messages.order(job.tenant_id, order_id)
    if order is None:
        return None
    now = tx.now()
    ready = max(now, order.send_at or now)
    begins = morning_after(ready) if order.advertising else ready
    return begins if begins > now else None
