"""Job queues on SQS (QUE-1 to QUE-6)."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

from academy.application.ports.job_queue import (
    MAX_BATCH,
    DeadLetter,
    Delivery,
    OutgoingMessage,
    QueueDepth,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
    Receipt,
)
from academy.infrastructure.sqs.admin import (
    create_queues,
    dead_letter_queue,
    look_at_dead_letters,
    queue_depth,
    redrive_dead_letters,
)
from academy.infrastructure.sqs.client import LONG_POLL_LIMIT_SECONDS, SqsClient, SqsEndpoint, open_client
from academy.infrastructure.sqs.wire import (
    dead_letter_entry,
    entries_within_limit,
    outgoing_entry,
    read_delivery,
    split_batches,
)

__all__ = ["SqsJobQueue"]

MAX_VISIBILITY_SECONDS = 43_200
"""Longest visibility timeout, counted from the receive (ChangeMessageVisibility: 12 hours)."""
_SETTLING_AT_ONCE = 4
_THROTTLED = frozenset({"RequestThrottled", "ThrottlingException", "Throttling", "KmsThrottled"})
_T = TypeVar("_T")


class SqsJobQueue:
    """JobPublisher, JobConsumer and QueueAdmin on SQS standard queues.

    Where SQS says less than the port: `ack` learns of a void receipt only when SQS answers so (a delete by an old receipt
    succeeds and deletes nothing), `wait_seconds` is rounded up to a whole second of at most 20, headers with an empty value are
    not sent, counts are approximate, `receive_count` of a dead letter the broker moved includes the looks at it.

    A `receive` must run to its end: SQS hands messages to a request whose client is gone, and they stay hidden for the
    visibility timeout.
    """

    def __init__(self, client: SqsClient, *, fair_groups: bool = True) -> None:
        """Use an open client.

        Args:
            client: see `open_client`.
            fair_groups: send the tenant as MessageGroupId (Amazon SQS fair queues). An endpoint that refuses it on standard
                queues fails every publish with QueueUnavailable; say False for such a one.
        """
        self._client = client
        self._fair_groups = fair_groups

    @classmethod
    @asynccontextmanager
    async def open(cls, endpoint: SqsEndpoint, *, fair_groups: bool = True) -> AsyncIterator[Self]:
        """Hold a queue and its connections open."""
        async with open_client(endpoint) as client:
            yield cls(client, fair_groups=fair_groups)

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        """See JobPublisher. Messages that exceed 1 MiB together go in several requests."""
        if len(messages) > MAX_BATCH:
            raise ValueError(f"at most {MAX_BATCH} messages at once, not {len(messages)}")
        entries = [
            outgoing_entry(index, message, fair_groups=self._fair_groups)
            for index, message in enumerate(messages)
        ]
        taken: set[int] = set()
        for piece in entries_within_limit(entries):
            answer = await self._client.call_queue("send_message_batch", queue, Entries=piece)
            taken |= {int(one["Id"]) for one in answer.get("Successful", [])}
        return [index for index in range(len(messages)) if index not in taken]

    @property
    def largest_receive(self) -> int:
        """See JobConsumer: ReceiveMessage brings ten at most."""
        return MAX_BATCH

    @property
    def largest_publish(self) -> int:
        """Return how many messages one publish takes at most."""
        return MAX_BATCH

    async def receive(
        self,
        queue: str,
        max_messages: int,
        wait_seconds: float,
        visibility_seconds: int,
        *,
        also: Collection[str] = (),  # noqa: ARG002 - a long poll looks at one queue
    ) -> Sequence[Delivery]:
        """See JobConsumer."""
        if not 1 <= max_messages <= MAX_BATCH:
            raise ValueError(f"a receive takes 1 to {MAX_BATCH} messages, not {max_messages}")
        _check_visibility(visibility_seconds)
        answer = await self._client.call_queue(
            "receive_message",
            queue,
            MaxNumberOfMessages=max_messages,
            WaitTimeSeconds=min(LONG_POLL_LIMIT_SECONDS, math.ceil(max(0.0, wait_seconds))),
            VisibilityTimeout=visibility_seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
            MessageAttributeNames=["All"],
        )
        return [read_delivery(queue, message) for message in answer.get("Messages", [])]

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """See JobConsumer."""
        return await self._settle("delete_message_batch", receipts, {})

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        """See JobConsumer. 12 hours after its receive a message can be extended no more: its receipt counts as void."""
        _check_visibility(visibility_seconds)
        return await self._settle(
            "change_message_visibility_batch", receipts, {"VisibilityTimeout": visibility_seconds}
        )

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """See JobConsumer."""
        target = dead_letter_queue(delivery.receipt.queue)
        answer = await self._client.call_queue(
            "send_message_batch", target, Entries=[dead_letter_entry(delivery, reason)]
        )
        if not answer.get("Successful"):
            raise QueueUnavailable(f"SQS did not take a dead letter for {target}: {answer.get('Failed')}")
        await self.ack([delivery.receipt])

    async def create(self, settings: Sequence[QueueSettings]) -> Sequence[str]:
        """See QueueAdmin."""
        return await create_queues(self._client, settings)

    async def depth(self, queue: str) -> QueueDepth:
        """See QueueAdmin."""
        return await queue_depth(self._client, queue)

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """See QueueAdmin. The messages are hidden from a redrive while they are looked at."""
        return await look_at_dead_letters(self._client, queue, limit)

    async def redrive(self, queue: str, limit: int) -> int:
        """See QueueAdmin. Interrupted between publish and delete it leaves a message on both queues."""
        return await redrive_dead_letters(self._client, queue, limit, fair_groups=self._fair_groups)

    async def ping(self) -> None:
        """See QueueAdmin."""
        await self._client.call("list_queues", MaxResults=1)

    async def _settle(
        self, operation: str, receipts: Sequence[Receipt], parameters: dict[str, Any]
    ) -> list[Receipt]:
        limit = asyncio.Semaphore(_SETTLING_AT_ONCE)

        async def one(queue: str, batch: list[Receipt]) -> list[Receipt]:
            async with limit:
                return await self._settle_batch(operation, queue, batch, parameters)

        done = await _all_settled([one(queue, batch) for queue, batch in split_batches(receipts)])
        return [receipt for void in done for receipt in void]

    async def _settle_batch(
        self, operation: str, queue: str, batch: list[Receipt], parameters: dict[str, Any]
    ) -> list[Receipt]:
        entries = [
            {"Id": str(index), "ReceiptHandle": receipt.handle, **parameters}
            for index, receipt in enumerate(batch)
        ]
        try:
            answer = await self._client.call_queue(operation, queue, Entries=entries)
        except QueueMissing:
            return batch
        settled = {str(one["Id"]) for one in answer.get("Successful", [])}
        # SQS calls it the sender's fault when a receipt is unknown, expired or no longer in flight.
        void = {
            str(one["Id"])
            for one in answer.get("Failed", [])
            if one.get("SenderFault") and str(one.get("Code")) not in _THROTTLED
        }
        if len(settled | void) < len(batch):
            raise QueueUnavailable(f"SQS {operation} {queue}: {len(batch) - len(settled | void)} not settled")
        return [batch[int(index)] for index in sorted(void, key=int)]


def _check_visibility(seconds: int) -> None:
    if not 0 <= seconds <= MAX_VISIBILITY_SECONDS:
        raise ValueError(f"a visibility timeout is 0 to {MAX_VISIBILITY_SECONDS} seconds, not {seconds}")


async def _all_settled(calls: Sequence[Awaitable[_T]]) -> list[_T]:
    # Every batch is tried before a failure of one is told: the others' work then needs no second try.
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
