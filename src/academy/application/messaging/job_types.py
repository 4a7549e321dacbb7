"""The messaging job types, and what they write beside their job rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from academy.application.errors import Conflict
from academy.application.jobs.job_type import JobType, JobTypes, NoEffects
from academy.application.messaging.asking import await_settlement
from academy.application.messaging.last_look import begins
from academy.application.messaging.names import DIRECT, REPORTS, SEND, SETTLE, bounded, order_subject
from academy.application.messaging.orders import finish, give_up
from academy.application.messaging.send import NOT_SENT
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.base import Contract
from academy.contracts.messaging import DirectMessage, PollReports, SendOrder, SendResult, SettleBatch
from academy.domain.job.job import Job
from academy.domain.job.progress import StepPlan
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import TERMINAL, JobState
from academy.domain.messaging import refusals
from academy.domain.messaging.message import MessageState, OrderState

__all__ = ["messaging_job_types"]

_KEEP_TRYING = RetryPolicy(max_attempts=120, base=timedelta(seconds=5), ceiling=timedelta(minutes=10))
"""About nine hours: the night in which nobody tops up the account with the provider."""
_ASK_FOR_EVER = RetryPolicy(max_attempts=2000, base=timedelta(seconds=10), ceiling=timedelta(minutes=30))


class SendEffects(NoEffects):
    """Let go of what was not sent when the job that was to send it ends without having done so."""

    def __init__(self, types: JobTypes | None = None) -> None:
        """Effects submit follow-up jobs, so they need the registry; `messaging_job_types` binds it."""
        self.types = types

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Raise Conflict for an order of which nothing is left to send."""
        order = tx.messages.order(job.tenant_id, _order_of(job))
        if order is not None and not tx.messages.queued(job.tenant_id, order.id, 1):
            raise Conflict(refusals.ORDER_NOT_WAITING)

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Release what is QUEUED, and have the provider asked of what may be on its way."""
        assert self.types is not None
        if end.state not in TERMINAL or end.state is JobState.SUCCEEDED:
            return
        order = tx.messages.order(job.tenant_id, _order_of(job), lock=True)
        if order is None or order.state is OrderState.DONE:
            return
        if end.state is JobState.CANCELLED:
            give_up(tx, order, MessageState.CANCELLED)
            tx.messages.move_order(order.tenant_id, order.id, OrderState.CANCELLED)
        else:
            give_up(tx, order, MessageState.FAILED, end.failure or NOT_SENT)
        for batch in tx.messages.open_batches(order.tenant_id, order.id):
            await_settlement(tx, self.types, batch)
        if end.state is not JobState.CANCELLED:
            finish(tx, order)


def _order_of(job: Job) -> str:
    """Return the id of the order that a job sends; a direct message's order is named after its job."""
    return str(job.payload.get("order_id") or bounded(f"direct-{job.id}"))


def _subject(payload: Contract) -> str:
    return order_subject(payload.order_id) if isinstance(payload, SendOrder) else ""


def _starts(tx: Transaction, job: Job) -> datetime | None:
    order = tx.messages.order(job.tenant_id, _order_of(job))
    if order is None:
        return None
    now = tx.now()
    first = begins(order, now)
    return first if first > now else None


def messaging_job_types(queue_names: Mapping[str, str]) -> JobTypes:
    """Return the registry of the messaging job types, bound to the broker's queue names."""
    sending, asking = StepPlan(("send",), (1,)), StepPlan(("ask",), (1,))
    effects = SendEffects()
    # A long order waits for the provider's rate; it reports every batch.
    long = timedelta(hours=12)
    types = JobTypes(
        (
            JobType(
                SEND,
                "messaging",
                SendOrder,
                SendResult,
                sending,
                effects,
                _KEEP_TRYING,
                long,
                subject=_subject,
                starts=_starts,
            ),
            JobType(
                SETTLE, "messaging", SettleBatch, None, asking, NoEffects(), _ASK_FOR_EVER, follow_up=True
            ),
            JobType(
                REPORTS, "messaging", PollReports, None, asking, NoEffects(), _ASK_FOR_EVER, follow_up=True
            ),
            JobType(DIRECT, "messaging", DirectMessage, SendResult, sending, effects, _KEEP_TRYING),
        ),
        dict(queue_names),
    )
    effects.types = types
    return types
