"""What the producers that exist today send to the AI worker (CON-2)."""

import json
from typing import Any

import pytest

from academy.contracts.base import InvalidMessage
from academy.contracts.incoming import Incoming, parse_incoming

pytestmark = pytest.mark.requirement("CON-2")

JOB: dict[str, Any] = {
    "job_id": 4711,
    "job_type": "omr_grading",
    "tier": "BASIC",
    "payload": {"scan_id": "scan-1"},
    "tenant_id": 3,
    "source_domain": "exams",
    "source_id": 88041,
    "created_at": "2026-03-02T18:02:11",
    "attempt": 1,
}


def parse(**changed: Any) -> Incoming:
    return parse_incoming(json.dumps({**JOB, **changed}))


def test_every_field_arrives() -> None:
    assert parse() == Incoming(
        id="",
        type="omr_grading",
        tenant_id="3",
        tenant_code="",
        payload={"scan_id": "scan-1"},
        idempotency_key="ai:4711",
        trace="",
        reply_to="",
        legacy=True,
        tier="basic",
    )


@pytest.mark.parametrize(
    "field", ["tier", "tenant_id", "source_domain", "source_id", "created_at", "attempt"]
)
def test_what_may_be_missing_may_be_missing(field: str) -> None:
    message = {name: value for name, value in JOB.items() if name != field}
    found = parse_incoming(json.dumps(message))
    assert (found.type, found.idempotency_key) == ("omr_grading", "ai:4711")
    assert parse(**{field: None}) == found


def test_the_same_id_as_text_is_the_same_job() -> None:
    assert parse(job_id="4711").idempotency_key == parse().idempotency_key
    assert len(parse(job_id="x" * 200).idempotency_key) <= 300


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("job_id", ""),
        ("job_type", "OMR grading"),
        ("payload", ["scan-1"]),
        ("payload", None),
        ("tier", ["basic"]),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse(**{field: value})
    assert field in caught.value.reason


def test_an_envelope_stays_an_envelope() -> None:
    with pytest.raises(InvalidMessage):
        parse(v=1)
