"""What the producers of graph requests send, and what they read of it (CON-2, GRA-1)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from academy.application.graph.told import refusal_text
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.graph_wire import TASKS
from academy.contracts.incoming import Incoming, parse_incoming

pytestmark = [pytest.mark.requirement("CON-2"), pytest.mark.requirement("GRA-1")]

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REQUEST: dict[str, Any] = {
    "taskType": "GRAPH_GENERATION_REQUEST",
    "taskId": "task_8f/한글 1",
    "payload": {
        "userId": "user-1",
        "s3Key": "tenants/t1/graph/in/chats.json",
        "includeSummary": True,
        "apiKey": "secret",
    },
    "timestamp": 1767225600.123,
}
WRITTEN = {
    "GRAPH_GENERATION": {"userId": "u", "s3Prefix": "tenants/t1/notes/"},
    "GRAPH_SUMMARY": {"userId": "u"},
    "ADD_NODE": {"userId": "u", "s3Keys": ["tenants/t1/a.md"]},
    "MICROSCOPE_INGEST": {"userId": "u", "s3Key": "tenants/t1/a.pdf", "documentId": 7},
    "MICROSCOPE_QUERY": {"userId": "u", "query": "왜?", "documentIds": ["a"]},
    "MICROSCOPE_SYNTHESIZE": {"userId": "u", "documentIds": ["a", "b"]},
    "MICROSCOPE_RELATED_QUESTIONS": {"userId": "u"},
}


def parse(**changed: Any) -> Incoming:
    return parse_incoming(json.dumps({**REQUEST, **changed}))


def test_every_field_arrives_and_secrets_do_not() -> None:
    assert parse() == Incoming(
        id="",
        type="graph.generate",
        tenant_id="",
        tenant_code="",
        payload={
            "user_id": "user-1",
            "bucket": "",
            "include_summary": True,
            "language": "auto",
            "seed": 0,
            "keys": ["tenants/t1/graph/in/chats.json"],
            "prefixes": [],
            "task_id": "task_8f/한글 1",
        },
        idempotency_key="graph:task_8f/한글 1",
        trace="",
        reply_to="",
        legacy=True,
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_becomes_a_job_whose_payload_fits(task: Any) -> None:
    message = parse(taskType=f"{task.name}_REQUEST", payload=WRITTEN[task.name])
    assert message.type == task.job_type
    assert validate(task.payload, message.payload).model_dump()["user_id"] == "u"


def test_the_older_name_of_the_task_type_is_understood() -> None:
    older = {("type" if name == "taskType" else name): value for name, value in REQUEST.items()}
    assert parse_incoming(json.dumps(older)) == parse()


@pytest.mark.parametrize("missing", [{}, {"taskId": None}, {"taskId": ""}])
def test_a_request_without_an_id_is_told_from_others_by_the_broker(missing: dict[str, Any]) -> None:
    request = {name: value for name, value in REQUEST.items() if name != "taskId"}
    message = parse_incoming(json.dumps({**request, **missing}))
    assert message.idempotency_key == ""
    assert message.payload["task_id"] is None


def test_a_number_as_id_comes_back_as_a_number() -> None:
    assert parse(taskId=4711).payload["task_id"] == 4711
    assert parse(taskId=4711).idempotency_key == "graph:4711"


@pytest.mark.parametrize("form", [None, 1767225600, 1767225600.5, "yesterday", "2026-03-02T09:00:00Z", {}])
def test_a_timestamp_in_any_form_is_taken(form: Any) -> None:
    assert parse(timestamp=form) == parse()


def test_keys_named_twice_are_read_once_in_their_order() -> None:
    payload = {"userId": "u", "s3Key": "b", "extraS3Keys": ["a", "b"], "s3Prefix": ["p/", "p/"]}
    assert parse(payload=payload).payload["keys"] == ["b", "a"]
    assert parse(payload=payload).payload["prefixes"] == ["p/"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"taskType": "GRAPH_PAINTING_REQUEST"}, "taskType is none of GRAPH_GENERATION_REQUEST"),
        ({"taskType": "GRAPH_GENERATION_RESULT"}, "taskType is none of"),
        ({"taskType": 7}, "task"),
        ({"payload": None}, "payload"),
        ({"taskId": True}, "taskId"),
        ({"taskId": "x" * 201}, "taskId"),
        ({"taskId": "a\n"}, "taskId"),
        ({"taskId": ["x"]}, "taskId"),
        ({"payload": {"s3Key": "a"}}, "userId"),
        ({"payload": {"userId": "u", "s3Key": [1]}}, "s3Key"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        parse(**changed)
    assert said in refused.value.reason


def told(body: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(refusal_text(body, "the reason", "result-1", NOW))
    return answer


def test_a_refused_request_is_answered_with_the_ids_it_has() -> None:
    answer = told(json.dumps({**REQUEST, "payload": {"userId": "user-1"}}))
    assert answer == {
        "taskType": "GRAPH_GENERATION_RESULT",
        "taskId": "task_8f/한글 1",
        "resultId": "result-1",
        "timestamp": "2026-03-02T09:00:00.000Z",
        "payload": {
            "userId": "user-1",
            "jobId": None,
            "status": "FAILED",
            "error": "the reason",
            "errorCode": "request_invalid",
            "retryable": False,
        },
    }


@pytest.mark.parametrize(
    ("body", "task_id", "user_id", "task_type"),
    [
        (
            json.dumps(REQUEST, ensure_ascii=False)[:120],
            "task_8f/한글 1",
            "user-1",
            "GRAPH_GENERATION_RESULT",
        ),
        ('{"taskId": 12, "payload": {"userId": 7', 12, 7, "UNKNOWN_RESULT"),
        ('{"taskId": "a\\"b", ', 'a"b', None, "UNKNOWN_RESULT"),
        ("\x00\x01 garbage", None, None, "UNKNOWN_RESULT"),
        ("[]", None, None, "UNKNOWN_RESULT"),
        ('{"taskId": {"a": 1}, "taskType": ["x"]}', None, None, "UNKNOWN_RESULT"),
        ('{"taskId": true}', None, None, "UNKNOWN_RESULT"),
        ('{"taskId": "' + "x" * 300 + '"}', None, None, "UNKNOWN_RESULT"),
        ('{"taskId": "' + '\\"' * 100_000, None, None, "UNKNOWN_RESULT"),
        ('{"taskId": "s\\ud800", "payload": {"userId": "u\\udfff"}}', "s\ufffd", "u\ufffd", "UNKNOWN_RESULT"),
        ('{"taskId": "s\\ud800", ', "s\ufffd", None, "UNKNOWN_RESULT"),
    ],
    ids=[
        "cut off",
        "numbers",
        "escaped",
        "garbage",
        "no object",
        "of other types",
        "true",
        "too long",
        "endless",
        "half a pair",
        "half a pair, cut off",
    ],
)
def test_whatever_ids_can_be_read_come_back(body: str, task_id: Any, user_id: Any, task_type: str) -> None:
    answer = told(body)
    assert (answer["taskId"], answer["payload"]["userId"], answer["taskType"]) == (
        task_id,
        user_id,
        task_type,
    )
