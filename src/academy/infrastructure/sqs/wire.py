"""Between our messages and SQS's entries.

Sources: SendMessageBatch, ReceiveMessage and "Amazon SQS message metadata" in the Amazon SQS documentation.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from academy.application.ports.job_queue import (
    MAX_BATCH,
    MAX_BODY_BYTES,
    MAX_DELAY_SECONDS,
    DeadLetter,
    Delivery,
    MessageTooLarge,
    OutgoingMessage,
    QueueUnavailable,
    Receipt,
)

__all__ = [
    "BROKER_REASON",
    "SqsReceipt",
    "check_digests",
    "check_shape",
    "dead_letter_entry",
    "entries_within_limit",
    "outgoing_entry",
    "read_dead_letter",
    "read_delivery",
    "redriven_entry",
    "split_batches",
]

BROKER_REASON = "max_receives_exceeded"
REASON_ATTRIBUTE = "DeadLetterReason"
ORIGIN_ATTRIBUTE = "DeadLetterOrigin"
MAX_REASON_CHARACTERS = 1000
MAX_ATTRIBUTES = 10
Entry = dict[str, Any]
_RESULTS = frozenset({"Successful", "Failed"})
_LISTS = _RESULTS | {"Messages"}

# SQS refuses these characters (SendMessage: "A message can include only XML, JSON, and unformatted text").
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")
_GROUP = re.compile(r"[A-Za-z0-9!-/:-@\[-`{-~]{1,128}")
_ATTRIBUTE_NAME = re.compile(r"(?!(?i:aws|amazon)\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class SqsReceipt(Receipt):
    """A receipt that remembers the message's fairness group, so that a dead letter keeps it."""

    group: str = ""


def outgoing_entry(index: int, message: OutgoingMessage, *, fair_groups: bool) -> Entry:
    """Return the batch entry of a message. Raises ValueError, MessageTooLarge."""
    if not 0 <= message.delay_seconds <= MAX_DELAY_SECONDS:
        raise ValueError(f"a delay is 0 to {MAX_DELAY_SECONDS} seconds, not {message.delay_seconds}")
    headers = {name: value for name, value in message.attributes.items() if value}
    if len(headers) > MAX_ATTRIBUTES or not all(map(_ATTRIBUTE_NAME.fullmatch, headers)):
        raise ValueError("a message has at most 10 attributes, named with A-Z, a-z, 0-9, '_', '-' and '.'")
    group = _group(message.group) if fair_groups else ""
    entry = _entry(index, _escape(message.body), headers, group)
    if message.delay_seconds:
        entry["DelaySeconds"] = int(message.delay_seconds)
    if _size(entry) > MAX_BODY_BYTES:
        raise MessageTooLarge(f"{_size(entry)} bytes; send what is over {MAX_BODY_BYTES} by claim check")
    return entry


def _entry(index: int, body: str, headers: Mapping[str, str], group: str) -> Entry:
    entry: Entry = {"Id": str(index), "MessageBody": body}
    if headers:
        entry["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": _escape(value)} for name, value in headers.items()
        }
    if group:
        entry["MessageGroupId"] = group
    return entry


def _escape(text: str) -> str:
    # Inside JSON text an escape means the same character; anywhere else SQS would refuse the message for good.
    return _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _group(tenant: str) -> str:
    if not tenant or _GROUP.fullmatch(tenant):
        return tenant
    return hashlib.sha256(tenant.encode("utf-8", "surrogatepass")).hexdigest()


def _size(entry: Entry) -> int:
    headers = entry.get("MessageAttributes", {})
    return len(entry["MessageBody"].encode()) + sum(
        len(name) + len(value["DataType"]) + len(value["StringValue"].encode())
        for name, value in headers.items()
    )


def entries_within_limit(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut a batch so that each piece is within SQS's limit for a whole request (1 MiB, as for one message)."""
    piece: list[Entry] = []
    total = 0
    for entry in entries:
        size = _size(entry)
        if piece and total + size > MAX_BODY_BYTES:
            yield piece
            piece, total = [], 0
        piece.append(entry)
        total += size
    if piece:
        yield piece


def check_shape(where: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """See that lists hold objects, that results are of entries we sent, and that attributes are text. Raises QueueUnavailable."""
    sent = {entry["Id"] for entry in asked.get("Entries", ())}
    for name in _LISTS & answer.keys():
        listed = answer[name]
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise QueueUnavailable(f"{where}: answer not understood: {name} is no list of objects")
        ids = [one.get("Id") for one in listed] if name in _RESULTS else []
        if not all(isinstance(one, str) and one in sent for one in ids):
            raise QueueUnavailable(f"{where}: answer not understood: {name} tells of what was not sent")
    attributes = answer.get("Attributes", {})
    if not isinstance(attributes, dict) or not all(isinstance(one, str) for one in attributes.values()):
        raise QueueUnavailable(f"{where}: answer not understood: attributes that are no text")


def check_digests(where: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Compare bodies with the MD5 digests that SQS tells of them, sent and received ones. Raises QueueUnavailable.

    A server that tells none is believed: the digests guard against damage on the way, not against the server.
    """
    try:
        for message in answer.get("Messages") or ():
            _check_digest(where, message["Body"], message.get("MD5OfBody"))
        if taken := answer.get("Successful"):
            bodies = {
                one["Id"]: one["MessageBody"] for one in asked.get("Entries", ()) if "MessageBody" in one
            }
            for one in taken:
                if one["Id"] in bodies:
                    _check_digest(where, bodies[one["Id"]], one.get("MD5OfMessageBody"))
    except (AttributeError, LookupError, TypeError) as error:
        raise QueueUnavailable(f"{where}: answer not understood: {error!r}") from error


def _check_digest(where: str, body: str, told: str | None) -> None:
    if told and hashlib.md5(body.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest() != told:
        raise QueueUnavailable(f"{where}: a body was damaged on the way: its MD5 digest is not {told!s:.32}")


def split_batches(receipts: Sequence[Receipt]) -> Iterator[tuple[str, list[Receipt]]]:
    """Yield (queue, up to MAX_BATCH of its receipts); a receipt named twice is taken once."""
    by_queue: dict[str, list[Receipt]] = {}
    for receipt in dict.fromkeys(receipts):
        by_queue.setdefault(receipt.queue, []).append(receipt)
    for queue, mine in by_queue.items():
        for start in range(0, len(mine), MAX_BATCH):
            yield queue, mine[start : start + MAX_BATCH]


def read_delivery(queue: str, message: Mapping[str, Any]) -> Delivery:
    """Return a delivery. Raises QueueUnavailable for what SQS never sends."""
    try:
        system = message["Attributes"]
        return Delivery(
            message_id=str(message["MessageId"]),
            body=str(message["Body"]).encode("utf-8", "replace").decode(),
            receipt=SqsReceipt(queue, str(message["ReceiptHandle"]), str(system.get("MessageGroupId", ""))),
            receive_count=int(system["ApproximateReceiveCount"]),
            sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
            attributes=_headers(message),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise QueueUnavailable(f"SQS receive_message {queue}: answer not understood: {error!r}") from error


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value["StringValue"])
        for name, value in message.get("MessageAttributes", {}).items()
        if "StringValue" in value
    }


def dead_letter_entry(delivery: Delivery, reason: str) -> Entry:
    """Return the entry that puts a message on a dead-letter queue with its reason and where it came from."""
    origin = {
        "message_id": delivery.message_id,
        "sent_at": delivery.sent_at.isoformat(),
        "receive_count": delivery.receive_count,
        "attributes": dict(delivery.attributes),
    }
    headers = {
        REASON_ATTRIBUTE: reason[:MAX_REASON_CHARACTERS] or "no reason given",
        ORIGIN_ATTRIBUTE: json.dumps(origin),
    }
    group = delivery.receipt.group if isinstance(delivery.receipt, SqsReceipt) else ""
    entry = _entry(0, delivery.body, headers, group)
    if _size(entry) > MAX_BODY_BYTES:
        # A body that fills the limit leaves no room for a reason; the body is what must not be lost.
        entry = _entry(0, delivery.body, {}, group)
    return entry


def _origin(message: Mapping[str, Any]) -> dict[str, Any]:
    try:
        origin = json.loads(_headers(message).get(ORIGIN_ATTRIBUTE, "{}"))
    except (ValueError, RecursionError):
        return {}
    return origin if isinstance(origin, dict) else {}


def read_dead_letter(queue: str, message: Mapping[str, Any]) -> DeadLetter:
    """Return a message of a dead-letter queue as it was when it was moved there."""
    delivery = read_delivery(queue, message)
    origin = _origin(message)
    sent_at, count = delivery.sent_at, delivery.receive_count
    # Anybody who may send to the queue can write these headers: what does not fit is left aside.
    with suppress(KeyError, TypeError, ValueError, OverflowError):
        sent_at, count = datetime.fromisoformat(origin["sent_at"]), int(origin["receive_count"])
    return DeadLetter(
        message_id=str(origin.get("message_id", delivery.message_id)),
        body=delivery.body,
        reason=delivery.attributes.get(REASON_ATTRIBUTE, BROKER_REASON),
        sent_at=sent_at,
        receive_count=count,
    )


def redriven_entry(index: int, message: Mapping[str, Any], *, fair_groups: bool) -> Entry:
    """Return the entry that puts a dead letter back: body, group and first headers, without the reason."""
    headers = _headers(message)
    first = _origin(message).get("attributes", headers)
    kept = {
        str(name): str(value)
        for name, value in (first if isinstance(first, dict) else headers).items()
        if name not in {REASON_ATTRIBUTE, ORIGIN_ATTRIBUTE} and value
    }
    group = str(message.get("Attributes", {}).get("MessageGroupId", "")) if fair_groups else ""
    return _entry(index, str(message["Body"]), kept, group)
