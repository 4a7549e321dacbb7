"""Adapter: queues as rows (ports JobPublisher and JobConsumer), with the semantics of Amazon SQS."""

import asyncio
import random
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from academy.application.ports.job_queue import (
    MAX_BATCH,
    Delivery,
    OutgoingMessage,
    Receipt,
    check_outgoing,
)
from academy.infrastructure.sql import queue_sql
from academy.infrastructure.sql.columns import json_text, row_now
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.queue_admin import SqlQueueAdmin, drop_expired
from academy.infrastructure.sql.tables import queue_messages

__all__ = ["SqlJobQueue"]

POLL_SECONDS = (0.25, 1.0)
"""How often a long poll looks for messages that another process published; within this one it is woken."""
EXPIRY_SECONDS = 600.0
REASON_LENGTH = 1000


class SqlJobQueue(SqlQueueAdmin):
    """The publisher, consumer and admin ports on the queue tables of SQLite or PostgreSQL.

    Publisher and consumer of one process share one object: a publish then wakes the long poll at once.
    """

    def __init__(self, connections: SqlConnections) -> None:
        super().__init__(connections)
        self._statements = queue_sql.SQLITE if connections.sqlite else queue_sql.POSTGRESQL
        self._next_expiry = 0.0

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        """Publish up to MAX_BATCH messages in one transaction; the answer is always empty."""
        check_outgoing(messages)
        if not messages:
            return []

        def work(connection: Connection) -> None:
            self._must_exist(connection, queue)
            # By delay, because a time of the database plus a delay is part of the statement.
            for delay in {message.delay_seconds for message in messages}:
                rows = [_row(queue, message) for message in messages if message.delay_seconds == delay]
                times = {"sent_at": row_now(), "visible_at": row_now() + delay * 1000}
                connection.execute(insert(queue_messages).values(times), rows)

        await self._write(work)
        if any(not message.delay_seconds for message in messages):
            self._wakeup.wake(queue)
        return []

    async def receive(
        self, queue: str, max_messages: int, wait_seconds: float, visibility_seconds: int
    ) -> Sequence[Delivery]:
        """Wait up to `wait_seconds` for messages and return 0 to `max_messages` of them."""
        if not 1 <= max_messages <= MAX_BATCH:
            raise ValueError(f"a receive takes 1 to {MAX_BATCH} messages")
        values = {"queue": queue, "limit": max_messages, "visibility": visibility_seconds * 1000}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        await self._expire(loop.time())
        with self._wakeup.waiting(queue) as woken:
            while True:
                # Cleared before looking: a publish after the look is then never missed.
                woken.clear()
                found, moved = await self._write(
                    lambda connection: self._take(connection, values), durable=False
                )
                left = deadline - loop.time()
                if found or (left <= 0 and not moved):
                    return found
                if not moved:
                    await _wait(woken, min(left, random.uniform(*POLL_SECONDS)))  # noqa: S311 (jitter)

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Delete messages; return the receipts that were void."""

        def work(connection: Connection) -> set[int]:
            gone = {row[0] for row in connection.execute(self._statements.ack, {"rows": _pairs(receipts)})}
            others = {number for number, _ in map(_parse, receipts)} - gone
            if not others:
                return set()
            # A message that is not there was acked before, which is no error; one that is has a newer receipt.
            return set(connection.scalars(select(queue_messages.c.id).where(queue_messages.c.id.in_(others))))

        void = await self._write(work, durable=False) if receipts else set()
        return [receipt for receipt in receipts if _parse(receipt)[0] in void]

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        """Make messages invisible for `visibility_seconds` from now (0 gives them back at once); return void receipts."""
        if not receipts:
            return []
        values = {"rows": _pairs(receipts), "visibility": visibility_seconds * 1000}

        def work(connection: Connection) -> dict[int, str]:
            return {row[0]: row[1] for row in connection.execute(self._statements.extend, values)}

        extended = await self._write(work, durable=False)
        if not visibility_seconds:
            for queue in set(extended.values()):
                self._wakeup.wake(queue)
        return [receipt for receipt in receipts if _parse(receipt)[0] not in extended]

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to its queue's dead-letter queue; one whose receipt is void is somebody else's and stays."""
        values = {"rows": _pairs([delivery.receipt]), "reason": reason[:REASON_LENGTH]}

        def work(connection: Connection) -> None:
            connection.execute(self._statements.dead_letter, values)

        await self._write(work)

    def _take(self, connection: Connection, values: dict[str, object]) -> tuple[list[Delivery], bool]:
        """Receive once; also say whether messages went to the dead-letter queue instead (then look again at once)."""
        rows = connection.execute(self._statements.receive, values).all()
        queue = str(values["queue"])
        if not rows:
            self._must_exist(connection, queue)
        found = [
            Delivery(
                message_id=str(row.id),
                body=row.body,
                receipt=Receipt(queue, f"{row.id}.{row.receipt}"),
                receive_count=row.receive_count,
                sent_at=row.sent_at,
                attributes=row.attributes,
            )
            for row in sorted(rows, key=lambda row: row.id)
            if row.queue == queue
        ]
        return found, len(found) < len(rows)

    async def _expire(self, at: float) -> None:
        """Now and then, drop what is older than its queue's retention."""
        if at >= self._next_expiry:
            self._next_expiry = at + EXPIRY_SECONDS
            await self._write(drop_expired)


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return


def _row(queue: str, message: OutgoingMessage) -> dict[str, object]:
    return {
        "queue": queue,
        "grp": message.group,
        "body": message.body,
        "attributes": dict(message.attributes),
        "receive_count": 0,
        "receipt": 0,
        "reason": "",
    }


def _parse(receipt: Receipt) -> tuple[int, int]:
    """Return (message number, receipt number); a handle that is not ours names nothing."""
    number, _, count = receipt.handle.partition(".")
    if not (number.isdecimal() and count.isdecimal() and len(receipt.handle) < 40):
        return (-1, -1)
    return int(number), int(count)


def _pairs(receipts: Sequence[Receipt]) -> str:
    return json_text([_parse(receipt) for receipt in receipts])
