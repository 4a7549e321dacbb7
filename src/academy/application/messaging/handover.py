"""Hand a batch of messages to the provider, and find out what became of it: a state machine that a kill at any line leaves right.

QUEUED messages become SENDING under a batch, in one transaction, before the provider hears of them. The provider's group is opened, its
name made durable, the group filled and sent. Whoever finds a batch OPEN, because its worker died or no answer came, withdraws the group:
either it was sent, then its outcomes are recorded, or it never will be, then its messages are QUEUED again (MSG-3). A message of a group
that was sent is never QUEUED again: as long as the provider does not say what became of it, it is AMBIGUOUS and its batch OPEN.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from academy.application.jobs.job_type import JobTypes
from academy.application.messaging.asking import await_settlement
from academy.application.messaging.last_look import may_go
from academy.application.messaging.provider_errors import note_error
from academy.application.messaging.reports import await_reports
from academy.application.ports.database import Database, Transaction
from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    GroupSpent,
    MessageProvider,
    OutgoingText,
    ProviderError,
    ProviderRefused,
)
from academy.application.ports.messaging import Moved
from academy.application.ports.telemetry import Telemetry
from academy.domain.failures import Failure
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import Batch, BatchState, Message, MessageState, Order

__all__ = ["Handed", "Handover"]

log = logging.getLogger(__name__)

_S = MessageState

_PROVIDER_LOST = Failure(
    "provider_kept_nothing",
    "The provider did not take the message.",
    "발송사가 메시지를 접수하지 않았습니다.",
)


@dataclass(frozen=True, slots=True)
class Handed:
    """How a hand-over ended: settled, or undecided; `error` is what the provider said, when it did not simply take the batch.

    Settled is as well a batch that was called back before it was sent, because it may not go out any more: it is QUEUED again.
    """

    settled: bool
    error: ProviderError | None = None


NOTHING_HEARD: Mapping[str, Carried] = MappingProxyType({})


class Handover:
    """Hands over and settles batches of any order."""

    def __init__(
        self,
        database: Database,
        provider: MessageProvider,
        types: JobTypes,
        telemetry: Telemetry,
        new_id: Callable[[], str],
    ) -> None:
        """Take what is needed."""
        self._database = database
        self._provider = provider
        self._types = types
        self._telemetry = telemetry
        self._new_id = new_id

    def begin(self, tx: Transaction, order: Order, messages: Sequence[Message]) -> Batch:
        """Mark QUEUED messages as being sent, under a new batch; the order's row is locked. Nothing has left yet."""
        batch = Batch(
            id=self._new_id(),
            tenant_id=order.tenant_id,
            order_id=order.id,
            provider=self._provider.name,
            group_id="",
            state=BatchState.OPEN,
            created_at=tx.now(),
        )
        tx.messages.open_batch(batch, [message.id for message in messages])
        return batch

    async def hand_over(self, order: Order, batch: Batch, messages: Sequence[Message]) -> Handed:
        """Send a batch that was just begun, once, and record what became of each message."""
        said: Mapping[str, Carried] = {}
        try:
            group = await self._provider.open(batch.id)
            named = await self._database.run(
                lambda tx: tx.messages.name_group(batch.tenant_id, batch.id, group)
            )
            if not named:
                # Somebody took this attempt for dead and has settled the batch: its messages are on their way without us.
                return Handed(settled=True)
            said = await self._provider.add(group, [_outgoing(order, message) for message in messages])
            goes = any(each.state is not CarriedState.REFUSED for each in said.values())
            if goes and not await self._database.read(lambda tx: may_go(tx, order, messages)):
                return Handed(await self.settle(batch))
            if goes:
                await self._provider.send(group)
        except ProviderError as error:
            note_error(self._telemetry, error)
            # Whatever the error says: only the provider itself knows, and it can be asked.
            settled = await self.settle(batch, refusal=_lasting(error), heard=said)
            return Handed(settled, error)
        return Handed(await self._database.run(lambda tx: self._record(tx, batch, said, sent=goes)))

    async def settle(
        self, batch: Batch, refusal: Failure | None = None, heard: Mapping[str, Carried] = NOTHING_HEARD
    ) -> bool:
        """Find out what became of an OPEN batch and record it; return False, with messages AMBIGUOUS, when nobody can say now.

        With a `refusal` messages that were not sent are FAILED for it, without they are QUEUED again. `heard` is what was said of
        messages before the group was sent: what was refused then was never taken, even if nothing is heard of it any more.
        """
        fresh = await self._database.run(lambda tx: self._unnamed(tx, batch, refusal))
        if fresh is None:
            return True
        if fresh.provider != self._provider.name:
            # Another one knows nothing of the group, and would say so as if it had never been sent.
            log.error("batch_of_another_provider", extra={"batch_id": batch.id, "provider": fresh.provider})
            await self._database.run(lambda tx: self._leave_open(tx, batch))
            return False
        try:
            sent = await self._provider.withdraw(fresh.group_id)
            found = await self._provider.outcomes(fresh.group_id) if sent else {}
        except ProviderError as error:
            note_error(self._telemetry, error)
            await self._database.run(lambda tx: self._leave_open(tx, batch))
            return False
        refused = {id_: each for id_, each in heard.items() if each.state is CarriedState.REFUSED}
        said = {**refused, **found} if sent else found
        return await self._database.run(lambda tx: self._record(tx, fresh, said, refusal, sent=sent))

    def _unnamed(self, tx: Transaction, batch: Batch, refusal: Failure | None) -> Batch | None:
        """Return the batch when the provider has to be asked; one without a group was not sent and is settled here."""
        fresh = tx.messages.batch(batch.tenant_id, batch.id, lock=True)
        if fresh is None or fresh.state is not BatchState.OPEN:
            return None
        if fresh.group_id:
            return fresh
        self._record(tx, fresh, {}, refusal, sent=False)
        return None

    def _record(
        self,
        tx: Transaction,
        batch: Batch,
        said: Mapping[str, Carried],
        refusal: Failure | None = None,
        *,
        sent: bool,
    ) -> bool:
        """Write what became of a batch, with the ledger, in one transaction; return whether all of it is settled now.

        A batch that is CLOSED was recorded before. Of one that was `sent`, what is not `said` stays open.
        """
        fresh = tx.messages.batch(batch.tenant_id, batch.id, lock=True)
        if fresh is None or fresh.state is not BatchState.OPEN:
            return True
        held = tx.messages.of_batch(batch.tenant_id, batch.id)
        open_ones = [message for message in held if message.state in {_S.SENDING, _S.AMBIGUOUS}]
        silent = [message for message in open_ones if sent and message.id not in said]
        heard = [message for message in open_ones if not sent or message.id in said]
        moves = [_moved(message, said.get(message.id), refusal) for message in heard]
        moves += [Moved(message.id, _S.AMBIGUOUS) for message in silent if message.state is _S.SENDING]
        moved = tx.messages.move(batch.tenant_id, moves)
        for kind, state in ((TransferKind.CAPTURE, _S.SENT), (TransferKind.RELEASE, _S.FAILED)):
            prices = {
                message.id: message.price for message in moved if message.state is state and message.price
            }
            if prices:
                tx.credits.transfer(batch.tenant_id, kind, prices)
        if silent:
            log.warning("batch_sent_in_doubt", extra={"batch_id": batch.id, "messages": len(silent)})
            await_settlement(tx, self._types, fresh)
        else:
            tx.messages.close_batch(batch.tenant_id, batch.id)
        if any(message.state is _S.SENT for message in moved):
            await_reports(tx, self._types, fresh)
        outcomes = [message.state.value.lower() for message in moved]
        for state_name in sorted(set(outcomes)):
            self._telemetry.count("academy_messages_total", outcomes.count(state_name), outcome=state_name)
        return not silent

    def _leave_open(self, tx: Transaction, batch: Batch) -> None:
        """Make what is SENDING under the batch AMBIGUOUS, and have the provider asked again."""
        held = tx.messages.of_batch(batch.tenant_id, batch.id)
        doubtful = [Moved(message.id, _S.AMBIGUOUS) for message in held if message.state is _S.SENDING]
        if doubtful:
            tx.messages.move(batch.tenant_id, doubtful)
            self._telemetry.count("academy_messages_total", len(doubtful), outcome="ambiguous")
        await_settlement(tx, self._types, batch)


def _moved(message: Message, carried: Carried | None, refusal: Failure | None) -> Moved:
    """Return where a message goes: the provider's word decides; without one, its group was not sent and never will be."""
    if carried is None:
        if refusal is not None:
            return Moved(message.id, _S.FAILED, failure=refusal)
        return Moved(message.id, _S.QUEUED)
    if carried.state is CarriedState.REFUSED:
        return Moved(message.id, _S.FAILED, carried.provider_id, carried.failure or _PROVIDER_LOST)
    return Moved(message.id, _S.SENT, carried.provider_id)


def _lasting(error: ProviderError) -> Failure | None:
    """Return why messages fail for good; None when they may be sent later, or when somebody else has called the group off meanwhile."""
    if isinstance(error, GroupSpent):
        return None
    if isinstance(error, ProviderRefused) and not error.failure.retryable:
        return error.failure
    return None


def _outgoing(order: Order, message: Message) -> OutgoingText:
    return OutgoingText(
        id=message.id,
        to=message.to,
        sender=order.sender,
        channel=message.channel,
        text=message.text,
        kakao_channel=order.kakao_channel if message.kakao_template_id else "",
        kakao_template_id=message.kakao_template_id,
        fallback=message.fallback is not None,
    )
