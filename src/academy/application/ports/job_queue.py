"""Ports: a queue of messages with the semantics of Amazon SQS (QUE-2, QUE-3).

Every adapter behaves alike: a received message is invisible for the visibility timeout and comes back
unless it is acked; each receive counts; a receipt is void once the message became visible again and was received by somebody
else; after `max_receives` receives without an ack the broker moves a message to the queue's dead-letter
queue. Delivery is at least once and in no promised order. An outage raises QueueUnavailable, it is never an empty answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

__all__ = [
    "MAX_BATCH",
    "MAX_BODY_BYTES",
    "MAX_DELAY_SECONDS",
    "DeadLetter",
    "Delivery",
    "JobConsumer",
    "JobPublisher",
    "MessageTooLarge",
    "OutgoingMessage",
    "QueueAdmin",
    "QueueDepth",
    "QueueError",
    "QueueMissing",
    "QueueSettings",
    "QueueUnavailable",
    "Receipt",
    "check_outgoing",
]

MAX_BATCH = 10
"""Messages per call of a broker that takes no more (SQS)."""
MAX_BODY_BYTES = 1 << 20
"""Largest body any adapter takes (SQS: 1 MiB since 2025-08); larger payloads go by claim check."""
MAX_DELAY_SECONDS = 900
"""Longest delay any adapter takes (SQS: 15 minutes); longer waits stay in the outbox."""


class QueueError(Exception):
    """Root of what the ports in this module raise; `mend` is what an operator does about it, "" for nothing but to wait."""

    mend = ""


class QueueUnavailable(QueueError):
    """The broker cannot be reached, answered nonsense or throttled; the same call may work later."""


class QueueMissing(QueueError):
    """No such queue; the text is its name."""

    mend = "There is no such queue; make it: `academy queues create`."


class MessageTooLarge(QueueError):
    """A body is over MAX_BODY_BYTES."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to publish.

    Attributes:
        body: JSON text.
        group: fairness group, the tenant's id (SQS: MessageGroupId on a standard queue).
        delay_seconds: not visible before; 0 to MAX_DELAY_SECONDS.
        attributes: small text headers that travel beside the body (trace context).
    """

    body: str
    group: str = ""
    delay_seconds: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Handle of one delivery, good until its visibility timeout passes and somebody else receives the message."""

    queue: str
    handle: str

    def __hash__(self) -> int:
        """Return the handle's: it is kept with the text."""
        return hash(self.handle)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message.

    Attributes:
        message_id: the broker's id, the same for every delivery of the message.
        body: text as published. Bytes that are not UTF-8 arrive with replacement characters and fail validation.
        receipt: for ack, extend and dead_letter.
        receive_count: 1 on the first delivery.
        sent_at: when the broker took the message.
        attributes: as published.
    """

    message_id: str
    body: str
    receipt: Receipt
    receive_count: int
    sent_at: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)


def check_outgoing(messages: Sequence[OutgoingMessage], most: int) -> None:
    """Raise MessageTooLarge, or ValueError for what no caller of `publish` may pass; the same for every adapter."""
    if len(messages) > most:
        raise ValueError(f"a publish takes up to {most} messages")
    for message in messages:
        if len(message.body.encode()) > MAX_BODY_BYTES:
            raise MessageTooLarge(f"a message body may have {MAX_BODY_BYTES} bytes")
        if "\0" in message.body:
            raise ValueError("a message body is JSON text and holds no NUL")
        if not 0 <= message.delay_seconds <= MAX_DELAY_SECONDS:
            raise ValueError(f"a delay is 0 to {MAX_DELAY_SECONDS} seconds")


class JobPublisher(Protocol):
    """Puts messages on queues; knows nothing of workers."""

    @property
    def largest_publish(self) -> int:
        """Return how many messages one publish takes at most: MAX_BATCH where the broker says so, more where it does not."""
        ...

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        """Publish up to `largest_publish` messages; return the indexes of those the broker did not take.

        Messages whose index is not returned are durable. Raises MessageTooLarge (nothing published),
        QueueMissing, QueueUnavailable (any or none may have been published: publish again).
        """
        ...


class JobConsumer(Protocol):
    """Takes messages from queues; knows nothing of business tables."""

    @property
    def largest_receive(self) -> int:
        """Return how many messages one receive can bring at most: MAX_BATCH where the broker says so, more where it does not."""
        ...

    async def receive(
        self,
        queue: str,
        max_messages: int,
        wait_seconds: float,
        visibility_seconds: int,
        *,
        also: Collection[str] = (),
    ) -> Sequence[Delivery]:
        """Wait up to `wait_seconds` for messages and return 0 to `max_messages` (1 to `largest_receive`) of them.

        Returns as soon as at least one is there. Messages of different groups that wait are received in turn, so that a group
        with many waiting messages delays nobody else's (QUE-4; SQS promises it of fair queues). A message that waits on one of the
        queues `also` ends the wait early with an empty answer, so that the caller can receive there; a broker that cannot tell
        ignores them. Must not be cancelled once under way (the caller lets it end): an aborted long poll swallows messages on every
        SQS server. Raises QueueMissing, QueueUnavailable.
        """
        ...

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Delete messages (any number, all of one or several queues); return the receipts that were void.

        Acking twice is no error. Raises QueueUnavailable (any or none may be deleted: ack again).
        """
        ...

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        """Make messages invisible for `visibility_seconds` from now (0 gives them back at once); return void receipts.

        Raises QueueUnavailable.
        """
        ...

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to its queue's dead-letter queue at once with `reason` (QUE-5), then ack it.

        Published there before it is acked here, so a crash between leaves two, never none. Raises QueueUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """What a queue is made with (QUE-1).

    Attributes:
        name: without suffix; its dead-letter queue is `{name}-dlq`.
        visibility_seconds: default visibility timeout.
        max_receives: receives after which the broker dead-letters a message.
        retention_days: how long the broker keeps messages.
        long_poll_seconds: default wait of a receive.
    """

    name: str
    visibility_seconds: int = 120
    max_receives: int = 10
    retention_days: int = 14
    long_poll_seconds: int = 20

    @property
    def dead_letter_name(self) -> str:
        """Name of the dead-letter queue."""
        return f"{self.name}-dlq"


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Counts of one queue; approximate on SQS.

    Attributes:
        visible: ready to be received.
        in_flight: received and not acked.
        delayed: not yet visible for the first time.
        oldest_seconds: age of the oldest message, None if empty or unknown to the broker.
    """

    visible: int
    in_flight: int
    delayed: int
    oldest_seconds: float | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message in a dead-letter queue; `reason` is "max_receives_exceeded" when the broker moved it."""

    message_id: str
    body: str
    reason: str
    sent_at: datetime
    receive_count: int


class QueueAdmin(Protocol):
    """What operators do to queues. Every method raises QueueUnavailable; all but `create` raise QueueMissing."""

    async def create(self, settings: Sequence[QueueSettings]) -> Sequence[str]:
        """Make the queues and their dead-letter queues, bring attributes up to date; return the names that changed."""
        ...

    async def depth(self, queue: str) -> QueueDepth:
        """Count messages."""
        ...

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """Look at up to `limit` messages of `{queue}-dlq` without removing them."""
        ...

    async def redrive(self, queue: str, limit: int) -> int:
        """Move up to `limit` messages from `{queue}-dlq` back to `queue`, receive counts afresh; return how many.

        No message is lost when this is interrupted.
        """
        ...

    async def ping(self) -> None:
        """Raise QueueUnavailable unless the broker answers."""
        ...
