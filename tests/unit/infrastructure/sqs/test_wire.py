"""Dead letters between our messages and SQS's entries."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from academy.application.ports.job_queue import MAX_BODY_BYTES, Delivery, Receipt
from academy.infrastructure.sqs.wire import BROKER_REASON, dead_letter_entry, read_dead_letter, redriven_entry

SENT_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _delivery(body: str = "{}", **attributes: str) -> Delivery:
    return Delivery("id-1", body, Receipt("jobs", "h"), 4, SENT_AT, attributes)


def _received(entry: dict[str, Any], body: str = "{}") -> dict[str, Any]:
    return {
        "MessageId": "id-2",
        "ReceiptHandle": "h2",
        "Body": entry.get("MessageBody", body),
        "Attributes": {"ApproximateReceiveCount": "7", "SentTimestamp": "1"},
        "MessageAttributes": entry.get("MessageAttributes", {}),
    }


@pytest.mark.requirement("QUE-5")
def test_a_dead_letter_says_why_and_what_it_was() -> None:
    attributes = {f"header-{number}": "값" for number in range(10)}
    entry = dead_letter_entry(_delivery(**attributes), "unreadable: \x00")
    # SQS takes ten attributes: as many as the message had may not crowd out the reason.
    assert len(entry["MessageAttributes"]) <= 10
    dead = read_dead_letter("jobs-dlq", _received(entry))
    assert (dead.message_id, dead.sent_at, dead.receive_count) == ("id-1", SENT_AT, 4)
    assert dead.reason == "unreadable: \\u0000"
    back = redriven_entry(0, _received(entry), fair_groups=True)
    assert {name: value["StringValue"] for name, value in back["MessageAttributes"].items()} == attributes


@pytest.mark.requirement("QUE-5")
def test_a_body_that_fills_the_limit_is_kept_at_the_price_of_its_reason() -> None:
    body = json.dumps("x" * (MAX_BODY_BYTES - 2))
    entry = dead_letter_entry(_delivery(body), "unreadable")
    assert entry["MessageBody"] == body
    assert "MessageAttributes" not in entry


@pytest.mark.parametrize(
    "origin",
    ["no json", "[]", "{}", '{"sent_at": 5}', '{"sent_at": "x", "receive_count": 1}', '{"attributes": 3}'],
)
def test_forged_headers_do_not_hide_a_dead_letter(origin: str) -> None:
    headers = {"DeadLetterOrigin": {"DataType": "String", "StringValue": origin}}
    message = _received({"MessageAttributes": headers})
    dead = read_dead_letter("jobs-dlq", message)
    assert (dead.message_id, dead.reason, dead.receive_count) == ("id-2", BROKER_REASON, 7)
    assert "MessageAttributes" not in redriven_entry(0, message, fair_groups=True)
