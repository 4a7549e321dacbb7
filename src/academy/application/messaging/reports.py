"""What carriers say of messages that were sent: delivered or not, and by which way (MSG-1, MSG-5)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import submit
from academy.application.messaging.names import REPORTS, order_subject
from academy.application.messaging.provider_errors import note_error
from academy.application.ports.database import Database, Transaction
from academy.application.ports.message_provider import Carried, CarriedState, MessageProvider, ProviderError
from academy.application.ports.messaging import Moved
from academy.application.ports.telemetry import Telemetry
from academy.contracts.base import Contract
from academy.contracts.messaging import PollReports
from academy.domain.failures import Failure
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import Batch, BatchState, Message, MessageState

__all__ = ["ReportsHandler", "await_reports", "take_reports"]

log = logging.getLogger(__name__)

FIRST_ASKED = timedelta(seconds=20)
"""Most carriers report within seconds."""
LONGEST = timedelta(days=4)
"""Carriers try for up to three days to reach a phone that is switched off."""
_ENDS = {
    CarriedState.DELIVERED: MessageState.DELIVERED,
    CarriedState.UNDELIVERED: MessageState.UNDELIVERED,
    CarriedState.REFUSED: MessageState.UNDELIVERED,
}
REPORTS_OPEN = Failure(
    "reports_open",
    "The carrier has not reported on every message yet; it is asked again.",
    "아직 전송 결과가 모두 도착하지 않았습니다. 다시 확인합니다.",
    retryable=True,
)


def await_reports(tx: Transaction, types: JobTypes, batch: Batch) -> None:
    """Have the provider asked for the delivery reports of a batch that was sent."""
    submit(
        tx,
        types,
        job_id=f"reports-{batch.id}",
        tenant_id=batch.tenant_id,
        type_name=REPORTS,
        payload=PollReports(batch_id=batch.id),
        idempotency_key=f"message-reports:{batch.id}",
        subject=order_subject(batch.order_id),
        run_at=tx.now() + FIRST_ASKED,
    )


def take_reports(
    tx: Transaction, messages: Sequence[Message], said: Mapping[str, Carried]
) -> Sequence[Message]:
    """Note what was reported of SENT messages of one academy, and give back what was paid too much; return those that moved.

    A message that was not delivered costs nothing; one that went by the cheaper of its two ways costs no more than that. Where the
    provider does not say by which way it went, it costs what was paid.
    """
    moved = []
    for message in messages:
        carried = said.get(message.id)
        if message.state is MessageState.SENT and carried is not None and carried.state in _ENDS:
            state, way = _ENDS[carried.state], carried.channel
            moved.append(Moved(message.id, state, carried.provider_id, carried.failure, way))
    if not moved:
        return []
    tenant_id = messages[0].tenant_id
    now = tx.messages.move(tenant_id, moved)
    too_much = {each.id: each.price - each.cost for each in now if each.price > each.cost}
    if too_much:
        tx.credits.transfer(tenant_id, TransferKind.REFUND, too_much)
    return now


class ReportsHandler:
    """Asks the provider for the delivery reports of one batch, until all are there."""

    def __init__(self, database: Database, provider: MessageProvider, telemetry: Telemetry) -> None:
        """Take what is needed."""
        self._database = database
        self._provider = provider
        self._telemetry = telemetry

    async def run(self, work: Work) -> Contract | None:
        """Ask once and note what is new. Raises WorkFailed while reports are missing, or the provider cannot be asked."""
        assert isinstance(work.payload, PollReports)
        tenant_id, batch_id = work.job.tenant_id, work.payload.batch_id
        batch = await self._database.read(lambda tx: tx.messages.batch(tenant_id, batch_id))
        if batch is None or not batch.group_id:
            return None
        if batch.provider != self._provider.name:
            log.error("batch_of_another_provider", extra={"batch_id": batch.id, "provider": batch.provider})
            raise WorkFailed(REPORTS_OPEN)
        try:
            said = await self._provider.outcomes(batch.group_id)
        except ProviderError as error:
            note_error(self._telemetry, error)
            raise WorkFailed(REPORTS_OPEN) from error
        if await self._database.run(lambda tx: self._note(tx, batch, said)):
            raise WorkFailed(REPORTS_OPEN)
        return None

    def _note(self, tx: Transaction, batch: Batch, said: Mapping[str, Carried]) -> bool:
        """Note the reports under the lock of the batch; return whether more of them may come."""
        fresh = tx.messages.batch(batch.tenant_id, batch.id, lock=True)
        waiting = [
            each
            for each in tx.messages.of_batch(batch.tenant_id, batch.id)
            if each.state is MessageState.SENT
        ]
        moved = take_reports(tx, waiting, said)
        for message in moved:
            self._telemetry.count("academy_messages_total", outcome=message.state.value.lower())
        if fresh is not None and fresh.state is BatchState.OPEN:
            # Messages of it that are undecided still may turn out to be sent.
            return True
        return len(waiting) > len(moved) and tx.now() - batch.created_at <= LONGEST
