"""Adapter: queues in memory, with the semantics of Amazon SQS."""

import asyncio
import itertools
from collections.abc import Collection, Sequence
from datetime import timedelta

from academy.application.ports.clock import Clock
from academy.application.ports.job_queue import (
    DeadLetter,
    Delivery,
    OutgoingMessage,
    QueueDepth,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
    Receipt,
    check_outgoing,
)
from academy.infrastructure.memory.line import Message, Queue

__all__ = ["MemoryJobQueue"]

LARGEST_RECEIVE = 100
POLL_SECONDS = 0.05
"""How often a long poll looks at the clock: a manual one wakes nobody."""


class MemoryJobQueue:
    """The publisher, consumer and admin ports in one process; `available` False is an outage of the broker."""

    def __init__(self, clock: Clock) -> None:
        self.available = True
        self._clock = clock
        self._queues: dict[str, Queue] = {}
        self._numbers = itertools.count(1)

    @property
    def largest_receive(self) -> int:
        """Return how many messages one receive can bring at most."""
        return LARGEST_RECEIVE

    @property
    def largest_publish(self) -> int:
        """Return how many messages one publish takes at most."""
        return LARGEST_RECEIVE

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        """Publish up to `largest_publish` messages; the answer is always empty."""
        target = self._queue(queue)
        check_outgoing(messages, LARGEST_RECEIVE)
        now = self._clock.now()
        for message in messages:
            visible_at = now + timedelta(seconds=message.delay_seconds)
            target.place(Message(next(self._numbers), message, now, visible_at), now)
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
        if not 1 <= max_messages <= LARGEST_RECEIVE:
            raise ValueError(f"a receive takes 1 to {LARGEST_RECEIVE} messages")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        while True:
            source = self._queue(queue)
            source.arrived.clear()
            found = self._deliver(queue, source, max_messages, timedelta(seconds=visibility_seconds))
            left = deadline - loop.time()
            if found or left <= 0 or any(self._queue(name).waits(self._clock.now()) for name in also):
                return found
            await _wait(source.arrived, min(left, POLL_SECONDS))

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Delete messages; return the receipts that were void."""
        self._reach()
        void: list[Receipt] = []
        for receipt in receipts:
            queue, message = self._find(receipt)
            if queue is not None and message is not None:
                queue.leave(message)
                del queue.messages[message.number]
            elif self._elsewhere(receipt):
                void.append(receipt)
        return void

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        """Make messages invisible for `visibility_seconds` from now; return void receipts."""
        self._reach()
        void: list[Receipt] = []
        for receipt in receipts:
            queue, message = self._find(receipt)
            if queue is None or message is None:
                void.append(receipt)
                continue
            now = self._clock.now()
            message.visible_at = now + timedelta(seconds=visibility_seconds)
            queue.place(message, now)
        return void

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to its queue's dead-letter queue; one whose receipt is void stays."""
        self._reach()
        queue, message = self._find(delivery.receipt)
        if queue is not None and message is not None and queue.dead_letter:
            self._move(queue, message, queue.dead_letter, reason)

    async def create(self, settings: Sequence[QueueSettings]) -> Sequence[str]:
        """Make the queues and their dead-letter queues; return the names that changed."""
        self._reach()
        changed: list[str] = []
        for each in settings:
            for name, dead_letter in ((each.name, each.dead_letter_name), (each.dead_letter_name, "")):
                known = self._queues.get(name)
                if known is None:
                    self._queues[name] = Queue(each, dead_letter)
                elif known.settings != each:
                    known.settings = each
                else:
                    continue
                changed.append(name)
        return changed

    async def depth(self, queue: str) -> QueueDepth:
        """Count messages."""
        messages = self._queue(queue).messages.values()
        now = self._clock.now()
        hidden = [message for message in messages if message.visible_at > now]
        in_flight = sum(1 for message in hidden if message.receive_count)
        oldest = min((message.sent_at for message in messages), default=None)
        age = None if oldest is None else (now - oldest).total_seconds()
        return QueueDepth(len(messages) - len(hidden), in_flight, len(hidden) - in_flight, age)

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """Look at up to `limit` messages of `{queue}-dlq`, oldest first."""
        dead = self._queue(self._queue(queue).dead_letter)
        chosen = itertools.islice(dead.messages.values(), limit)
        return [
            DeadLetter(str(each.number), each.outgoing.body, each.reason, each.sent_at, each.receive_count)
            for each in chosen
        ]

    async def redrive(self, queue: str, limit: int) -> int:
        """Move up to `limit` visible messages from `{queue}-dlq` back to `queue`, receive counts afresh."""
        dead = self._queue(self._queue(queue).dead_letter)
        now = self._clock.now()
        free = [message for message in dead.messages.values() if message.visible_at <= now][:limit]
        for message in free:
            message.receive_count = 0
            self._move(dead, message, queue, "")
        return len(free)

    async def ping(self) -> None:
        """Raise QueueUnavailable during an outage."""
        self._reach()

    def _reach(self) -> None:
        if not self.available:
            raise QueueUnavailable("the broker was made unavailable")

    def _queue(self, name: str) -> Queue:
        self._reach()
        if name not in self._queues:
            raise QueueMissing(name or "a dead-letter queue has none of its own")
        return self._queues[name]

    def _deliver(self, name: str, source: Queue, limit: int, visibility: timedelta) -> list[Delivery]:
        now = self._clock.now()
        found: list[Delivery] = []
        while len(found) < limit and (message := source.take(now)) is not None:
            if source.dead_letter and message.receive_count >= source.settings.max_receives:
                self._move(source, message, source.dead_letter, "max_receives_exceeded")
                continue
            message.receive_count += 1
            message.receipt += 1
            message.visible_at = now + visibility
            found.append(_delivery(name, message))
        for delivery in found:
            # Placed afterwards: with a visibility of 0 one receive would otherwise take the same message again.
            source.place(source.messages[int(delivery.message_id)], now)
        return found

    def _move(self, source: Queue, message: Message, target: str, reason: str) -> None:
        source.leave(message)
        del source.messages[message.number]
        message.receipt += 1
        message.reason = reason
        message.visible_at = self._clock.now()
        self._queues[target].place(message, message.visible_at)

    def _find(self, receipt: Receipt) -> tuple[Queue | None, Message | None]:
        """Return where a receipt still holds."""
        queue = self._queues.get(receipt.queue)
        number, _, count = receipt.handle.partition(".")
        message = queue.messages.get(int(number)) if queue and number.isdecimal() else None
        held = message is not None and str(message.receipt) == count
        return (queue, message) if held else (None, None)

    def _elsewhere(self, receipt: Receipt) -> bool:
        """Return whether a void receipt's message still exists: then somebody else has it."""
        number = receipt.handle.partition(".")[0]
        return number.isdecimal() and any(int(number) in queue.messages for queue in self._queues.values())


async def _wait(arrived: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(arrived.wait(), seconds)
    except TimeoutError:
        return


def _delivery(queue: str, message: Message) -> Delivery:
    return Delivery(
        message_id=str(message.number),
        body=message.outgoing.body,
        receipt=Receipt(queue, f"{message.number}.{message.receipt}"),
        receive_count=message.receive_count,
        sent_at=message.sent_at,
        attributes=dict(message.outgoing.attributes),
    )
