"""The handlers of the messaging jobs (MSG-1, MSG-3, MSG-4, MSG-6)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.attempt import Work
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import submit
from academy.application.messaging.handover import Handover
from academy.application.messaging.last_look import barred, begins, drop_opted_out
from academy.application.messaging.names import SEND, bounded, order_subject
from academy.application.messaging.orders import finish, give_up
from academy.application.messaging.outcome import Outcome, outcome
from academy.application.ports.database import Database, Transaction
from academy.application.ports.message_provider import (
    GroupSpent,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from academy.application.ports.rates import RateWish
from academy.contracts.base import Contract
from academy.contracts.messaging import SendOrder, SettleBatch
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.rate import RateLimit
from academy.domain.job.states import EndReason, JobState
from academy.domain.messaging import refusals
from academy.domain.messaging.message import Batch, Message, MessageState, Order, OrderState

__all__ = ["NOT_SENT", "TURN", "SendHandler", "SettleHandler"]

TURN = timedelta(seconds=5)
"""How long a job sends before it lets others have its slot, if messages are left."""

LONGEST_WAIT = timedelta(minutes=1)
"""A provider that wants to be left alone for longer is left alone by the job: its slot is for others."""
PROVIDER_AWAY = Failure(
    "provider_unavailable",
    "The provider of text messages cannot be reached; the messages are sent as soon as it can.",
    "문자 발송사에 연결할 수 없습니다. 연결되는 대로 발송합니다.",
    retryable=True,
    costs_attempt=False,
)
NOT_SENT = Failure(
    "not_sent",
    "The message was not sent before its job was given up.",
    "발송 작업이 중단되어 보내지 못했습니다.",
)
ORDER_GONE = Failure("order_gone", "The order does not exist.", "발송 요청을 찾을 수 없습니다.")


@dataclass(frozen=True, slots=True)
class _Next:
    """What the handler does next: end, hand a batch over, or (neither) come again when the provider's rate allows more."""

    order: Order
    end: Outcome | None = None
    batch: Batch | None = None
    messages: Sequence[Message] = ()
    left: int = 0


class _Pace:
    """Spreads batches over time as the rate says; what comes late is made up for, so that the rate is kept and not merely bounded."""

    def __init__(self, limit: RateLimit | None, late: int) -> None:
        """Begin now; `late` messages may leave sooner, for one that comes back after it had made room."""
        self._each = limit.interval.total_seconds() if limit else 0.0
        self._due = asyncio.get_running_loop().time() - late * self._each

    async def after(self, messages: int) -> None:
        """Wait for the turn of the batch that follows one of so many messages."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due + messages * self._each, now - messages * self._each)
        await asyncio.sleep(max(0.0, self._due - now))


def _raise_lasting(error: ProviderError) -> None:
    """Raise WorkFailed unless what the provider said concerns the messages of one batch alone: the job comes back later."""
    if isinstance(error, GroupSpent) or not isinstance(error, ProviderRefused):
        raise WorkFailed(PROVIDER_AWAY) from error
    if error.failure.retryable:
        raise WorkFailed(error.failure) from error


class SendHandler:
    """Sends the messages of one order, batch by batch."""

    def __init__(
        self,
        database: Database,
        handover: Handover,
        types: JobTypes,
        *,
        batch: int,
        limit: RateLimit | None = None,
        turn: timedelta = TURN,
    ) -> None:
        """Take what is needed; `limit` is how many messages a second the provider takes, over all workers.

        After a `turn` of sending it makes room for others. With a limit no batch is larger than half its burst: the other half makes up for batches that are late.
        """
        self._database = database
        self._handover = handover
        self._types = types
        self._batch = batch if limit is None else min(batch, max(1, limit.burst // 2))
        self._limit = limit
        self._turn = turn.total_seconds()

    async def run(self, work: Work) -> Contract | None:
        """Send what is QUEUED of the order. Raises WorkFailed when the provider cannot be reached or refuses our account, and Yielded.

        An order of which messages failed is carried out all the same, be it that all failed: the result counts them and names the
        most frequent reason. To run the job once more would change nothing about them.
        """
        assert isinstance(work.payload, SendOrder)
        return (await self.send(work, work.payload.order_id)).result

    async def send(self, work: Work, order_id: str) -> Outcome:
        """Settle what an attempt before this one left open, then send what is QUEUED; return how the messages stand then."""
        tenant_id = work.job.tenant_id
        undecided = False
        for left_open in await self._database.run(lambda tx: tx.messages.open_batches(tenant_id, order_id)):
            undecided |= not await self._handover.settle(left_open)
        began = asyncio.get_running_loop().time()
        pace = _Pace(self._limit, self._batch if work.job.end_reason is EndReason.YIELDED else 0)
        while True:
            following = await self._database.run(lambda tx: self._next(tx, work.job, order_id))
            if following.end is not None:
                break
            if following.batch is not None and not await self._hand_over(work, following):
                continue
            # As long as after a whole batch, also where the rate allowed a part of one: others wait as well, and to come back for the
            # next few at once would make a group of requests of every few messages.
            await pace.after(self._batch)
            if asyncio.get_running_loop().time() - began >= self._turn:
                raise Yielded
        if undecided:
            raise WorkFailed(refusals.PROVIDER_UNDECIDED)
        return following.end

    async def _hand_over(self, work: Work, following: _Next) -> bool:
        """Hand a batch over; return whether there is more to send after it. Raises WorkFailed when the provider is not to be asked now."""
        assert following.batch is not None
        handed = await self._handover.hand_over(following.order, following.batch, following.messages)
        work.report("send", 1 - following.left / following.order.total)
        if isinstance(handed.error, ProviderBusy) and handed.error.retry_after <= LONGEST_WAIT:
            await asyncio.sleep(handed.error.retry_after.total_seconds())
            return True
        if handed.error is not None:
            _raise_lasting(handed.error)
        return following.left > 0

    def _next(self, tx: Transaction, job: Job, order_id: str) -> _Next:
        """Look once more whether the order may go out, and mark its next messages; the last look before they leave."""
        order = tx.messages.order(job.tenant_id, order_id, lock=True)
        if order is None:
            raise WorkFailed(ORDER_GONE)
        if order.state is OrderState.CANCELLED:
            # What came back from the provider after it was called off.
            give_up(tx, order, MessageState.CANCELLED)
        if order.state in {OrderState.CANCELLED, OrderState.DONE}:
            return _Next(order, outcome(tx, order))
        queued = tx.messages.queued(order.tenant_id, order.id, self._batch)
        why = barred(tx, order, queued)
        if why is not None:
            give_up(tx, order, MessageState.FAILED, why)
            queued = ()
        elif (first := begins(order, tx.now())) > tx.now():
            self._postpone(tx, order, job, first)
            return _Next(order, outcome(tx, order))
        while drop_opted_out(tx, order, queued):
            queued = tx.messages.queued(order.tenant_id, order.id, self._batch)
        if not queued:
            finish(tx, order)
            return _Next(order, outcome(tx, order))
        granted = self._granted(tx, order, len(queued))
        if not granted:
            return _Next(order)
        chosen = queued[:granted]
        batch = self._handover.begin(tx, order, chosen)
        if order.state is OrderState.WAITING:
            tx.messages.move_order(order.tenant_id, order.id, OrderState.SENDING)
        counts = tx.messages.counts(order.tenant_id, order.id)
        return _Next(order, None, batch, chosen, left=counts.get(MessageState.QUEUED, 0))

    def _granted(self, tx: Transaction, order: Order, wanted: int) -> int:
        """Return how many messages the provider's rate allows now, over all workers."""
        if self._limit is None:
            return wanted
        waits = tx.rates.take([RateWish(order.tenant_id, (self._limit,))] * wanted)
        return sum(not wait for wait in waits)

    def _postpone(self, tx: Transaction, order: Order, job: Job, begins: datetime) -> None:
        """Send an order later: one whose time has not come, or advertising that the night has caught."""
        for again in count():
            # The job of that time may be this very one, which runs early, or one that did so and has ended: neither comes again.
            mark = f"{begins:%Y%m%d%H%M%S}{f'-{again}' if again else ''}"
            later = submit(
                tx,
                self._types,
                job_id=bounded(f"{order.id}-{mark}"),
                tenant_id=order.tenant_id,
                type_name=SEND,
                payload=SendOrder(order_id=order.id),
                idempotency_key=f"message-send:{order.id}:{mark}",
                subject=order_subject(order.id),
                trace=job.trace,
                run_at=begins,
            ).job
            if later.id != job.id and not later.finished:
                return


class SettleHandler:
    """Asks the provider what became of a batch of which nobody knows, until it says."""

    def __init__(self, database: Database, handover: Handover, types: JobTypes) -> None:
        """Take what is needed."""
        self._database = database
        self._handover = handover
        self._types = types

    async def run(self, work: Work) -> Contract | None:
        """Settle the batch; what turns out not to have been sent is sent by a job of its own. Raises WorkFailed to be asked again."""
        assert isinstance(work.payload, SettleBatch)
        payload, tenant_id = work.payload, work.job.tenant_id
        batch = await self._database.read(lambda tx: tx.messages.batch(tenant_id, payload.batch_id))
        if batch is None:
            return None
        if not await self._handover.settle(batch):
            raise WorkFailed(refusals.PROVIDER_UNDECIDED)
        await self._database.run(lambda tx: self._go_on(tx, work.job, batch))
        return None

    def _go_on(self, tx: Transaction, job: Job, batch: Batch) -> None:
        order = tx.messages.order(batch.tenant_id, batch.order_id, lock=True)
        if order is None:
            return
        sending = tx.jobs.get(order.job_id)
        if order.state is OrderState.CANCELLED:
            give_up(tx, order, MessageState.CANCELLED)
        elif sending is not None and sending.finished and sending.state is not JobState.SUCCEEDED:
            # Given up hours ago: what parents would read now is no news.
            give_up(tx, order, MessageState.FAILED, sending.failure or NOT_SENT)
        if not tx.messages.queued(batch.tenant_id, batch.order_id, 1):
            finish(tx, order)
            return
        submit(
            tx,
            self._types,
            job_id=f"resend-{batch.id}",
            tenant_id=batch.tenant_id,
            type_name=SEND,
            payload=SendOrder(order_id=batch.order_id),
            idempotency_key=f"message-send:{batch.order_id}:{batch.id}",
            subject=order_subject(batch.order_id),
            trace=job.trace,
        )
