"""The published schemas say what the parser does, and are never stale."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from academy.application.ai.job_types import ai_job_types
from academy.application.messaging.direct import SENDER_FOREIGN, TEMPLATE_GONE
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import REPORTS, SEND, SETTLE
from academy.application.messaging.send import PROVIDER_AWAY
from academy.application.owned import FOREIGN_KEY
from academy.application.video.job_types import video_job_types
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Settings
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.catalogue import (
    AI_BASIC_QUEUE,
    AI_LITE_QUEUE,
    AI_PREMIUM_QUEUE,
    GRAPH_QUEUE,
    MESSAGES,
    MESSAGING_QUEUE,
    VIDEO_QUEUE,
    PublishedMessage,
)
from academy.contracts.claim_check import ClaimCheckMessage
from academy.contracts.incoming import parse_incoming
from academy.contracts.publish import asyncapi_document, message_schema
from academy.domain.messaging import refusals
from academy.domain.phone import PHONE_FAILURES
from academy.domain.video.failures import VideoFailure
from academy.domain.video.refusals import VIDEO_DELETED
from academy.infrastructure.solapi.errors import refusal
from academy.interfaces.cli.schemas import main, rendered

DOCS = Path(__file__).parents[3] / "docs"
BY_NAME = {message.name: message for message in MESSAGES}
QUEUES = {"video": VIDEO_QUEUE, "messaging": MESSAGING_QUEUE}
AI_QUEUES = {"ai_lite": AI_LITE_QUEUE, "ai_basic": AI_BASIC_QUEUE, "ai_premium": AI_PREMIUM_QUEUE}
ALL_QUEUES = {**QUEUES, **AI_QUEUES, "graph_requests": GRAPH_QUEUE}
AI_TYPES = {job_type.name: job_type for job_type in ai_job_types(AI_QUEUES)}
CHANNELS = {
    "video": "video",
    "messaging": "messaging",
    "aiLite": "ai_lite",
    "aiBasic": "ai_basic",
    "aiPremium": "ai_premium",
    "graph": "graph_requests",
}
ON_QUEUE = [message for message in MESSAGES if message.channel in QUEUES.values()]
pytestmark = pytest.mark.requirement("CON-3")


def validator(message: PublishedMessage) -> Draft202012Validator:
    return Draft202012Validator(message_schema(message), format_checker=Draft202012Validator.FORMAT_CHECKER)


def accepted(message: dict[str, Any]) -> bool:
    """Return whether the product takes a message from the queue."""
    try:
        if "claim_check" in message:
            ClaimCheckMessage.model_validate(message)
        else:
            parse_incoming(json.dumps(message))
    except (InvalidMessage, ValueError):
        return False
    return True


def test_the_published_files_are_what_the_models_say() -> None:
    published = {path.name: path.read_text() for path in (DOCS / "schemas").glob("*.json")}
    # The API writes this one, and its own test looks after it.
    del published["openapi.json"]
    assert published == rendered(), "run `make schemas`"


def test_the_command_writes_all_and_removes_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")
    assert main([str(tmp_path)]) == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == rendered()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_every_schema_is_sound_and_every_example_valid(message: PublishedMessage) -> None:
    Draft202012Validator.check_schema(message_schema(message))
    assert message.examples
    for example in message.examples:
        validator(message).validate(example)
        assert message not in ON_QUEUE or accepted(example)


def test_every_job_type_that_others_may_ask_for_is_published() -> None:
    types = {job_type.name for job_type in (*video_job_types(QUEUES), *messaging_job_types(QUEUES))}
    published = {message.name for message in ON_QUEUE if message.enveloped}
    assert published == types - {SEND, SETTLE, REPORTS}, "those three name rows that only this system makes"


@pytest.mark.parametrize("queue", QUEUES.values())
def test_every_message_stands_on_the_queue_of_its_job_type(queue: str) -> None:
    types = {job_type.name: job_type for job_type in (*video_job_types(QUEUES), *messaging_job_types(QUEUES))}
    for message in MESSAGES:
        if message.channel == queue and message.enveloped:
            assert QUEUES[types[message.name].queue] == queue


@pytest.mark.requirement("AI-1")
def test_every_job_type_of_the_ai_worker_is_published_with_its_result() -> None:
    orders = {message.name: message for message in MESSAGES if message.channel in AI_QUEUES.values()}
    del orders["legacy.ai-job"]
    assert {name: message.model for name, message in orders.items()} == {
        name: job_type.payload for name, job_type in AI_TYPES.items()
    }
    results = {f"{name}.result": job_type.result for name, job_type in AI_TYPES.items()}
    assert {name: BY_NAME[name].model for name in results} == results


@pytest.mark.requirement("AI-1")
@pytest.mark.parametrize("name", AI_TYPES)
def test_a_message_for_the_ai_worker_may_stand_on_the_queue_of_each_tier_of_its_type(name: str) -> None:
    message = BY_NAME[name]
    queues = [AI_QUEUES[queue] for queue in AI_TYPES[name].tiers.values()]
    assert [message.channel, *message.also] == queues
    channels = asyncapi_document()["channels"].values()
    assert [each["address"] for each in channels if name in each["messages"]] == queues


@pytest.mark.requirement("AI-1")
@pytest.mark.parametrize("name", AI_TYPES)
def test_the_examples_of_the_ai_worker_are_taken_by_the_worker_and_by_whoever_reads_results(
    name: str,
) -> None:
    assert AI_TYPES[name].result is not None
    for example in BY_NAME[name].examples:
        job = parse_incoming(json.dumps(example))
        assert job.type == name
        validate(AI_TYPES[name].payload, job.payload)
    for example in BY_NAME[f"{name}.result"].examples:
        BY_NAME[f"{name}.result"].model.model_validate_json(json.dumps(example))


BAD: list[tuple[str, dict[str, Any]]] = [
    *(("video.transcode", {"v": version}) for version in (2, "1", None, True)),
    *(("video.transcode", {field: None}) for field in ("id", "tenant_id", "payload", "created_at", "type")),
    ("video.transcode", {"created_at": 1_772_409_600}),
    ("video.transcode", {"idempotency_key": ""}),
    ("video.transcode", {"unknown": 1}),
    ("video.transcode", {"reply_to": "a queue"}),
    ("video.purge", {"id": "a\tb"}),
    ("legacy.video-job", {"video_id": None}),
    ("legacy.video-job", {"video_id": True}),
    ("legacy.video-job", {"video_id": 1.5}),
    ("legacy.video-job", {"file_key": ""}),
    ("legacy.video-job", {"tenant_code": {"name": "daechi"}}),
    ("legacy.video-delete", {"action": "delete"}),
    ("legacy.video-delete", {"hls_prefix": 7}),
    ("claim-check", {"claim_check": {"key": "tenants/a/video/x"}}),
    ("legacy.message", {"to": None}),
    ("legacy.message", {"text": 7}),
    ("legacy.message", {"text": "x" * 4001}),
    ("legacy.message", {"sender": ["02-123-4567"]}),
    ("legacy.message", {"alimtalk_replacements": {"학생이름": "김하늘"}}),
    ("legacy.message", {"alimtalk_replacements": [{"key": "", "value": "x"}]}),
    ("message.direct", {"tenant_id": None}),
    ("legacy.ai-job", {"job_type": "OMR"}),
    ("legacy.ai-job", {"payload": "text"}),
    ("legacy.ai-job", {"job_id": None}),
]


@pytest.mark.parametrize(("name", "changed"), BAD)
def test_what_the_schema_refuses_the_product_refuses(name: str, changed: dict[str, Any]) -> None:
    message = {**BY_NAME[name].examples[0], **changed}
    with pytest.raises(ValidationError):
        validator(BY_NAME[name]).validate(message)
    assert not accepted(message)


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("legacy.video-job", {"tenant_id": "", "tenant_code": None, "created_at": [2026, 3, 2], "attempt": "3"}),
    ("legacy.video-job", {"video_id": "0042", "extra": {"anything": 1}}),
    ("legacy.video-delete", {"file_key": None, "hls_prefix": None, "tenant_id": None}),
    (
        "legacy.message",
        {"to": 1012345678, "sender": None, "alimtalk_replacements": None, "template_id": None},
    ),
    ("legacy.message", {"tenant_id": "", "reservation_id": "", "use_alimtalk_first": None, "extra": [1]}),
    (
        "legacy.message",
        {"alimtalk_replacements": [{"key": "점수", "value": 97}], "created_at": 1_772_409_600},
    ),
    ("legacy.ai-job", {"tier": None, "tenant_id": "", "source_domain": [], "attempt": "1", "extra": 1}),
    ("video.transcode", {"trace": None, "created_at": "2026-03-02T00:00:00Z", "reply_to": "answers.eu"}),
]


@pytest.mark.parametrize(("name", "changed"), GOOD)
def test_what_the_schema_takes_the_product_takes(name: str, changed: dict[str, Any]) -> None:
    message = {**BY_NAME[name].examples[0], **changed}
    validator(BY_NAME[name]).validate(message)
    assert accepted(message)


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi_document()
    found = list(references(document))
    assert len(found) > len(ON_QUEUE)
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


@pytest.mark.parametrize(("name", "setting"), CHANNELS.items())
def test_the_published_queue_is_the_one_that_is_made(name: str, setting: str) -> None:
    channel = asyncapi_document()["channels"][f"{name}Jobs"]
    plan = {settings.name: settings for settings in queue_plan(Settings())}
    made = plan[Settings.model_fields[f"queue_{setting}"].default]
    queue = channel["bindings"]["sqs"]["queue"]
    assert channel["address"] == queue["name"] == made.name == ALL_QUEUES[setting]
    assert queue["redrivePolicy"]["deadLetterQueue"]["name"] == made.dead_letter_name
    assert queue["redrivePolicy"]["maxReceiveCount"] == made.max_receives
    assert queue["visibilityTimeout"] == made.visibility_seconds
    assert queue["messageRetentionPeriod"] == made.retention_days * 86_400
    assert queue["receiveMessageWaitTime"] == made.long_poll_seconds


MESSAGE_CODES = {
    "text_control",
    "text_empty",
    "text_not_encodable",
    "text_too_long",
    *(
        failure.code
        for failure in (
            refusals.SETTINGS_MISSING,
            refusals.SENDING_OFF,
            refusals.TEMPLATE_NOT_APPROVED,
            refusals.TEMPLATE_REJECTED,
            refusals.SENDER_CHANGED,
            refusals.KAKAO_CHANNEL_CHANGED,
            refusals.OPTED_OUT,
            refusals.malformed_variable("#{x"),
            refusals.credit_exhausted(0, 0),
            *PHONE_FAILURES.values(),
            refusals.missing_variables(()),
            TEMPLATE_GONE,
            refusals.PROVIDER_UNDECIDED,
            SENDER_FOREIGN,
            PROVIDER_AWAY,
            refusal(402, ""),
            refusal(403, ""),
            refusal(400, "DailyQuota"),
        )
    ),
}


class TestGuide:
    text = (DOCS / "messages.md").read_text()

    def test_every_complete_example_is_taken(self) -> None:
        blocks = re.findall(r"```json\n(.*?)```", self.text, re.DOTALL)
        messages = [json.loads(block) for block in blocks]
        assert {message.name for message in ON_QUEUE} <= {self._kind(message) for message in messages}
        for message in messages:
            kind = self._kind(message)
            validator(BY_NAME[kind]).validate(message)
            assert kind in {"video.transcode.result", "job.result"} or accepted(message)

    @staticmethod
    def _kind(message: dict[str, Any]) -> str:
        kinds = {
            "claim_check": "claim-check",
            "action": "legacy.video-delete",
            "rungs": "video.transcode.result",
            "attempt": "legacy.video-job",
            "to": "legacy.message",
        }
        return next((kind for name, kind in kinds.items() if name in message), None) or str(message["type"])

    def test_every_failure_code_is_listed_and_no_other(self) -> None:
        table = self.text.split("## Failure codes")[1].split("\n## ")[0]
        listed = set(re.findall(r"`([a-z_]+)`", table))
        assert listed >= {code.value for code in VideoFailure}, "a code is missing from the guide"
        common = {
            "worker_lost",
            "payload_invalid",
            "stalled",
            "time_limit",
            "result_too_large",
            "memory_limit",
            "not_started",
            "crashed",
            "no_result",
            "result_unreadable",
            "service_unavailable",
            "internal_error",
            "cancelled",
            FOREIGN_KEY.code,
            VIDEO_DELETED.code,
        }
        assert listed - {code.value for code in VideoFailure} == common | MESSAGE_CODES

    def test_every_reason_of_a_refused_action_is_listed(self) -> None:
        assert (
            'an action other than "delete_r2"' in self.text.split("### Reasons in the dead-letter queue")[1]
        )

    def test_every_published_schema_is_named(self) -> None:
        assert [name for name in rendered() if f"schemas/{name}" not in self.text] == []
