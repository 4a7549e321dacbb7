"""Adapter: queues as rows (ports JobPublisher and JobConsumer), with the semantics of Amazon SQS."""

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from enum import Enum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, TextClause, select

from academy.application.ports.job_queue import (
    Delivery,
    OutgoingMessage,
    Receipt,
    check_outgoing,
)
from academy.infrastructure.sql.columns import json_text, rows_text, storable
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.queue_admin import SqlQueueAdmin, drop_expired
from academy.infrastructure.sql.tables import queue_messages

__all__ = ["SqlJobQueue"]

POLL_SECONDS = (0.5, 1.5)
"""How often a long poll looks by itself: for what nobody tells, such as a visibility timeout that has passed."""
RELEASE_SECONDS = 0.1
RELEASED = 400
"""Messages whose time has come that join the line in one look."""
EXPIRY_SECONDS = 600.0
LARGEST_BATCH = 100
REASON_LENGTH = 1000


class _Again(Enum):
    """Whether a receive that found nothing looks again."""

    AT_ONCE = 1
    LATER = 2
    NEVER = 3


class SqlJobQueue(SqlQueueAdmin):
    """The publisher, consumer and admin ports on the queue tables of SQLite or PostgreSQL.

    A publish wakes the long polls of every object on the same connections at once, those of other processes within milliseconds.
    """

    def __init__(self, connections: SqlConnections) -> None:
        super().__init__(connections)
        self._next_expiry = 0.0
        self._next_release: dict[str, float] = {}

    @property
    def largest_receive(self) -> int:
        """Return how many messages one receive can bring at most."""
        return LARGEST_BATCH

    @property
    def largest_publish(self) -> int:
        """Return how many messages one publish takes at most."""
        return LARGEST_BATCH

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        """Publish up to `largest_publish` messages in one statement; the answer is always empty."""
        check_outgoing(messages, LARGEST_BATCH)
        if not messages:
            return []
        at_once = any(not message.delay_seconds for message in messages)
        values = {"queue": queue, "rows": rows_text([_row(message) for message in messages])}
        if not self._connections.sqlite:
            values["notice"] = self._notice(queue) if at_once else ""

        def work(connection: Connection) -> None:
            self._must_exist(connection, queue)
            connection.execute(self._statements.publish, values)

        await self._write_each(work, durable=True)
        if at_once:
            self._wakeup.wake(queue)
        return []

    async def receive(
        self,
        queue: str,
        max_messages: int,
        wait_seconds: float,
        visibility_seconds: int,
        *,
        also: Collection[str] = (),
    ) -> Sequence[Delivery]:
        """Wait up to `wait_seconds` for messages and return 0 to `max_messages` of them; 0 as soon as one of `also` has any."""
        if not 1 <= max_messages <= LARGEST_BATCH:
            raise ValueError(f"a receive takes 1 to {LARGEST_BATCH} messages")
        values = {"queue": queue, "limit": max_messages, "visibility": visibility_seconds * 1000}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        await self._expire(loop.time())
        with self._wakeup.waiting(queue, also) if wait_seconds > 0 else nullcontext(asyncio.Event()) as woken:
            while True:
                # Cleared before looking: a publish after the look is then never missed.
                woken.clear()
                look = partial(self._look, values=values, also=also, at=loop.time())
                found, again = await self._write_each(look)
                left = deadline - loop.time()
                if found or (left <= 0 and again is not _Again.AT_ONCE) or again is _Again.NEVER:
                    return found
                if again is _Again.LATER:
                    await _wait(woken, min(left, random.uniform(*POLL_SECONDS)))  # noqa: S311 (jitter)

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Delete messages; return the receipts that were void."""
        pairs = [_parse(receipt) for receipt in receipts]

        def work(connection: Connection) -> set[int]:
            gone = connection.scalars(self._statements.ack, {"rows": json_text(pairs)}).all()
            others = {number for number, _ in pairs}.difference(gone)
            if not others:
                return set()
            # A message that is not there was acked before, which is no error; one that is has a newer receipt.
            return set(connection.scalars(select(queue_messages.c.id).where(queue_messages.c.id.in_(others))))

        void = await self._write_each(work) if receipts else set()
        return [receipt for receipt in receipts if _parse(receipt)[0] in void] if void else []

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        """Make messages invisible for `visibility_seconds` from now (0 gives them back at once); return void receipts."""
        if not receipts:
            return []
        if visibility_seconds:
            values = {"rows": _pairs(receipts), "visibility": visibility_seconds * 1000}
            extended = await self._write_each(lambda each: _changed(each, self._statements.extend, values))
        else:
            extended = await self._write(lambda each: self._give_back(each, receipts), durable=False)
            for queue in set(extended.values()):
                self._wakeup.wake(queue)
        return [receipt for receipt in receipts if _parse(receipt)[0] not in extended]

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to its queue's dead-letter queue; one whose receipt is void is somebody else's and stays."""
        values = {"rows": _pairs([delivery.receipt]), "reason": storable(reason[:REASON_LENGTH])}

        def work(connection: Connection) -> None:
            connection.execute(self._statements.dead_letter, values)

        await self._write(work)

    def _look(
        self, connection: Connection, values: dict[str, object], also: Collection[str], at: float
    ) -> tuple[list[Delivery], "_Again"]:
        """Receive once; also say whether to look again."""
        queue = str(values["queue"])
        due = at >= self._next_release.get(queue, 0.0)
        if due:
            # While there is enough, now and then: what waited for its time must come into the line of a queue that never runs dry.
            self._next_release[queue] = at + RELEASE_SECONDS
            self._release(connection, queue)
        # What it brings is received, whatever comes after it: nothing that can fail does.
        rows = connection.execute(self._statements.receive, values).all()
        if not rows and not due and self._release(connection, queue):
            rows = connection.execute(self._statements.receive, values).all()
        if not rows:
            self._must_exist(connection, queue)
            if also and connection.execute(self._statements.ready, {"names": json_text(list(also))}).first():
                return [], _Again.NEVER
            return [], _Again.LATER
        found = [_delivery(row, queue) for row in sorted(rows, key=lambda row: row.id) if row.queue == queue]
        # Spent ones went to the dead-letter queue instead.
        return found, _Again.AT_ONCE if len(found) < len(rows) else _Again.LATER

    def _give_back(self, connection: Connection, receipts: Sequence[Receipt]) -> dict[int, str]:
        """Make messages visible and, in the same transaction, tell those who wait elsewhere."""
        extended = _changed(connection, self._statements.give_back, {"rows": _pairs(receipts)})
        self._tell(connection, set(extended.values()))
        return extended

    def _release(self, connection: Connection, queue: str) -> bool:
        """Let those whose time has come join the line and find out where it begins; return whether that changed anything."""
        released = connection.execute(self._statements.release, {"queue": queue, "most": RELEASED})
        noted = connection.execute(self._statements.note, {"queue": queue})
        return bool(released.all()) or bool(noted.all())

    async def _expire(self, at: float) -> None:
        """Now and then, drop what is older than its queue's retention."""
        if at >= self._next_expiry:
            self._next_expiry = at + EXPIRY_SECONDS
            await self._write(drop_expired)


def _changed(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> dict[int, str]:
    """Change visibility; return the queue of every message that was changed, by number."""
    return {row[0]: row[1] for row in connection.execute(statement, values).all()}


def _delivery(row: Row[Any], queue: str) -> Delivery:
    return Delivery(
        message_id=str(row.id),
        body=row.body,
        receipt=Receipt(queue, f"{row.id}.{row.receipt}"),
        receive_count=row.receive_count,
        sent_at=row.sent_at,
        attributes=row.attributes,
    )


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return


def _row(message: OutgoingMessage) -> tuple[str, str, str, int]:
    return (message.group, message.body, json_text(dict(message.attributes)), message.delay_seconds * 1000)


def _parse(receipt: Receipt) -> tuple[int, int]:
    """Return (message number, receipt number); a handle that is not ours names nothing."""
    number, _, count = receipt.handle.partition(".")
    if not (number.isdecimal() and count.isdecimal() and len(receipt.handle) < 40):
        return (-1, -1)
    return int(number), int(count)


def _pairs(receipts: Sequence[Receipt]) -> str:
    return json_text([_parse(receipt) for receipt in receipts])
