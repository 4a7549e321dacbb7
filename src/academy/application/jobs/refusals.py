"""Answer a message that became no job, where its producers wait for one answer to every message (GRA-1, JOB-13)."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from academy.application.jobs.results import refusal_id
from academy.application.ports.database import Database, DatabaseUnavailable, OutboxMessage, Transaction
from academy.application.ports.job_queue import Delivery
from academy.contracts.base import InvalidMessage

__all__ = ["Refusal", "Refusals"]

log = logging.getLogger(__name__)

Refused = tuple[Delivery, InvalidMessage]
"""A delivery and why it cannot be understood."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the producers of one queue are told that a message of theirs was refused.

    Attributes:
        queue: broker's name of the queue on which they read.
        text: of the answer, from the message's body, why it is refused, the answer's id and the time. It holds whatever ids can be read; None
            for a message that no producer sent, which is a dead letter and nobody's answer.
    """

    queue: str
    text: Callable[[str, InvalidMessage, str, datetime], str | None]


class Refusals:
    """Answers refused messages, durably before they become dead letters; a repeated delivery is answered under the same id."""

    def __init__(self, database: Database, told: Mapping[str, Refusal]) -> None:
        """Take how producers are told, by the broker's name of the queue on which they send."""
        self._database = database
        self._told = told

    async def tell(self, refused: Sequence[Refused]) -> bool:
        """Put the answers into the outbox; return False where the database is away: then none of these may be dead-lettered yet."""
        answered = [(delivery, error) for delivery, error in refused if delivery.receipt.queue in self._told]
        if not answered:
            return True
        try:
            await self._database.run(lambda tx: tx.outbox.add(list(self._answers(tx, answered))))
        except DatabaseUnavailable as error:
            log.warning("refusal_not_told", extra={"error": str(error), "messages": len(answered)})
            return False
        return True

    def _answers(self, tx: Transaction, refused: Sequence[Refused]) -> Iterator[OutboxMessage]:
        """Yield an answer to each message that can be answered: one that cannot must not keep the others, or the worker, from going on."""
        for each in refused:
            try:
                answer = self._answer(tx, each)
            except Exception:
                log.exception("refusal_not_written", extra={"message_id": each[0].message_id})
                continue
            if answer is not None:
                yield answer

    def _answer(self, tx: Transaction, refused: Refused) -> OutboxMessage | None:
        delivery, error = refused
        told = self._told[delivery.receipt.queue]
        number = refusal_id(delivery.receipt.queue, delivery.message_id)
        text = told.text(delivery.body, error, number, tx.now())
        return None if text is None else OutboxMessage(told.queue, text, "")
