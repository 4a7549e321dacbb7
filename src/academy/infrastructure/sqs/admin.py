"""Operators' work on SQS queues: making, counting, looking at dead letters, moving them back."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from academy.application.ports.job_queue import (
    MAX_BATCH,
    DeadLetter,
    QueueDepth,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
)
from academy.infrastructure.sqs.client import SqsClient
from academy.infrastructure.sqs.wire import read_dead_letter, read_delivery, redriven_entry

__all__ = [
    "create_queues",
    "dead_letter_queue",
    "look_at_dead_letters",
    "queue_depth",
    "redrive_dead_letters",
]

PEEK_SECONDS = 30
"""How long a dead letter stays hidden when whoever looked at it vanished before giving it back."""
REDRIVE_SECONDS = 60
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_RECEIVE_OPTIONS: Mapping[str, Any] = {
    "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
    "MessageAttributeNames": ["All"],
    # A short poll asks a few of SQS's machines only and can miss what is there.
    "WaitTimeSeconds": 1,
}


def dead_letter_queue(queue: str) -> str:
    """Return the name of a queue's dead-letter queue."""
    return QueueSettings(queue).dead_letter_name


async def create_queues(client: SqsClient, settings: Sequence[QueueSettings]) -> list[str]:
    """Make queues, dead-letter queue first, or bring their attributes up to date; return the names that changed."""
    changed: list[str] = []
    for one in settings:
        retention = str(int(timedelta(days=one.retention_days).total_seconds()))
        wanted = {"MessageRetentionPeriod": retention, "MaximumMessageSize": str(1 << 20)}
        if await _settle_queue(client, one.dead_letter_name, wanted):
            changed.append(one.dead_letter_name)
        answer = await client.call_queue(
            "get_queue_attributes", one.dead_letter_name, AttributeNames=["QueueArn"]
        )
        address = answer.get("Attributes", {}).get("QueueArn")
        if not address:
            raise QueueUnavailable(f"SQS get_queue_attributes {one.dead_letter_name}: no QueueArn")
        policy = {
            "deadLetterTargetArn": address,
            "maxReceiveCount": one.max_receives,
        }
        wanted |= {
            "VisibilityTimeout": str(one.visibility_seconds),
            "ReceiveMessageWaitTimeSeconds": str(one.long_poll_seconds),
            "RedrivePolicy": json.dumps(policy),
        }
        if await _settle_queue(client, one.name, wanted):
            changed.append(one.name)
    return changed


async def _settle_queue(client: SqsClient, name: str, wanted: Mapping[str, str]) -> bool:
    try:
        answer = await client.call_queue("get_queue_attributes", name, AttributeNames=["All"])
    except QueueMissing:
        # Two creators may meet here: SQS answers the second one, whose attributes are the same, with the queue of the first.
        await client.call("create_queue", QueueName=name, Attributes=dict(wanted))
        return True
    there = answer.get("Attributes", {})
    stale = {key: value for key, value in wanted.items() if _plain(there.get(key, "")) != _plain(value)}
    if stale:
        await client.call_queue("set_queue_attributes", name, Attributes=stale)
    return bool(stale)


def _plain(value: str) -> object:
    # SQS gives a policy's numbers back as numbers, other servers as text, in any order.
    try:
        parsed = json.loads(value)
    except ValueError:
        return value
    return {key: str(item) for key, item in parsed.items()} if isinstance(parsed, dict) else parsed


async def queue_depth(client: SqsClient, queue: str) -> QueueDepth:
    """Count messages, approximately; SQS tells nothing of the oldest one."""
    answer = await client.call_queue("get_queue_attributes", queue, AttributeNames=list(_COUNTS))
    try:
        visible, in_flight, delayed = (int(answer["Attributes"][name]) for name in _COUNTS)
    except (KeyError, ValueError) as error:
        raise QueueUnavailable(
            f"SQS get_queue_attributes {queue}: answer not understood: {error!r}"
        ) from error
    return QueueDepth(visible, in_flight, delayed, oldest_seconds=None)


async def _receive_raw(
    client: SqsClient, queue: str, limit: int, visibility_seconds: int
) -> AsyncIterator[list[dict[str, Any]]]:
    left = limit
    while left > 0:
        answer = await client.call_queue(
            "receive_message",
            queue,
            MaxNumberOfMessages=min(left, MAX_BATCH),
            VisibilityTimeout=visibility_seconds,
            **_RECEIVE_OPTIONS,
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            # What cannot be read is refused before anything is done with it.
            read_delivery(queue, message)
        left -= len(messages)
        yield messages


async def _give_back(client: SqsClient, queue: str, handles: Sequence[str]) -> None:
    for start in range(0, len(handles), MAX_BATCH):
        entries = [
            {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for index, handle in enumerate(handles[start : start + MAX_BATCH])
        ]
        await client.call_queue("change_message_visibility_batch", queue, Entries=entries)


async def look_at_dead_letters(client: SqsClient, queue: str, limit: int) -> list[DeadLetter]:
    """Look at up to `limit` dead letters: received for a short time, then given back."""
    source = dead_letter_queue(queue)
    found: list[DeadLetter] = []
    handles: list[str] = []
    try:
        async for messages in _receive_raw(client, source, limit, PEEK_SECONDS):
            handles += [message["ReceiptHandle"] for message in messages]
            found += [read_dead_letter(source, message) for message in messages]
    finally:
        await _give_back(client, source, handles)
    return found


async def redrive_dead_letters(client: SqsClient, queue: str, limit: int, *, fair_groups: bool) -> int:
    """Move up to `limit` dead letters back: published to the queue before they are deleted here, so none is lost."""
    source = dead_letter_queue(queue)
    moved = 0
    async for messages in _receive_raw(client, source, limit, REDRIVE_SECONDS):
        taken: list[dict[str, Any]] = []
        for message in messages:
            # One by one: ten bodies can be over the limit of one request together.
            entry = redriven_entry(0, message, fair_groups=fair_groups)
            answer = await client.call_queue("send_message_batch", queue, Entries=[entry])
            if answer.get("Successful"):
                taken.append(message)
        entries = [
            {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
            for index, message in enumerate(taken)
        ]
        if entries:
            await client.call_queue("delete_message_batch", source, Entries=entries)
        moved += len(taken)
        if len(taken) < len(messages):
            left = [message["ReceiptHandle"] for message in messages if message not in taken]
            await _give_back(client, source, left)
            raise QueueUnavailable(f"SQS took {moved} dead letters back to {queue} and refused the next")
    return moved
