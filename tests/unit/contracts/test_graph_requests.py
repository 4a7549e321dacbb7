"""What the producers of graph requests send, and what they read of it (CON-2, GRA-1)."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.steps import LINEAR, steps

from academy.application.graph.told import refusal_text
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.catalogue import MESSAGES
from academy.contracts.graph import GenerateGraph
from academy.contracts.graph_wire import TASKS
from academy.contracts.incoming import Incoming, parse_incoming

pytestmark = [pytest.mark.requirement("CON-2"), pytest.mark.requirement("GRA-1")]

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY_NAME = {message.name: message for message in MESSAGES}
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
            "left_out": [{"name": "apiKey", "nearest": ""}],
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


def test_a_number_and_the_same_as_text_are_two_tasks() -> None:
    """Two producers may count their tasks on one queue, one in numbers and one in texts."""
    number, text = parse(taskId=77), parse(taskId="77")
    assert (number.payload["task_id"], text.payload["task_id"]) == (77, "77")
    assert text.idempotency_key == "graph:77", "as jobs that are there have it"
    assert number.idempotency_key not in {text.idempotency_key, parse(taskId="number:77").idempotency_key}
    assert number.idempotency_key == parse(taskId=77).idempotency_key


@pytest.mark.parametrize("form", ["request", "envelope"])
def test_a_byte_order_mark_is_passed_over(form: str) -> None:
    envelope = {
        "v": 1,
        "id": "j",
        "type": "graph.tend",
        "tenant_id": "t1",
        "payload": {"user_id": "u"},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": "k",
    }
    body = json.dumps(REQUEST if form == "request" else envelope, ensure_ascii=False)
    assert parse_incoming("\ufeff" + body) == parse_incoming(body)


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
        (
            {"taskType": "GRAPH_GENERATON_REQUEST"},
            '"GRAPH_GENERATON_REQUEST" was sent; GRAPH_GENERATION_REQUEST',
        ),
        ({"taskType": "graph generation\n"}, "something else was sent; GRAPH_GENERATION_REQUEST"),
        ({"taskType": 7}, "taskType: A text is wanted."),
        ({"payload": None}, "payload"),
        ({"taskId": True}, "taskId"),
        ({"taskId": "x" * 201}, "taskId"),
        ({"taskId": "a\n"}, "taskId"),
        ({"taskId": ["x"]}, "taskId: A text of at most 200 characters"),
        ({"payload": []}, "payload: A JSON object is wanted."),
        ({"payload": {"s3Key": "a"}}, "payload.userId: This field is required."),
        ({"payload": {"userId": "u", "seed": "7"}}, "payload.seed: A whole number is wanted."),
        ({"payload": {"userId": "u", "includeSummary": "yes"}}, "payload.includeSummary: true or false"),
        ({"payload": {"userID": "u"}}, "payload.userID: Was userId meant?"),
        ({"payload": {"userId": "u", "s3Key": [1]}}, "s3Key"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        parse(**changed)
    assert said in refused.value.reason
    assert re.search("[가-힣]", refused.value.korean)
    assert "constrained" not in refused.value.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"taskId": "t", "payload": {"userId": "u"}}, "taskType: This field is required."),
        ({"payload": {"userId": "u"}}, "neither taskType"),
    ],
)
def test_a_request_without_a_type_is_not_taken_for_another_format(body: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        parse_incoming(json.dumps(body))
    assert refused.value.reason.startswith(said)


@pytest.mark.requirement("SEC-2")
def test_names_that_were_made_to_fill_a_page_or_to_take_long_do_neither() -> None:
    def read(many: int) -> tuple[str, list[dict[str, str]]]:
        odd = {f"userI{'d' * (number % 50)}\n{number}": number for number in range(many)}
        with pytest.raises(InvalidMessage) as refused:
            parse(payload=odd)
        with pytest.raises(InvalidMessage):
            parse(taskType="GRAPH_GENERATION_REQUEST" * 5 * many)
        taken = parse(payload={"userId": "u", "x" * 50 * many: 1, **odd})
        return refused.value.reason, taken.payload["left_out"]

    reason, taken = read(20_000)
    assert steps(lambda: read(4_000)) <= LINEAR * steps(lambda: read(1_000))
    assert reason.isprintable()
    assert len(reason) < 600
    assert len(taken) <= 20
    assert max(len(each["name"]) for each in taken) <= 100


def snake(name: str) -> str:
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_name_is_taken_in_snake_case_too(task: Any) -> None:
    """Of the request, of every field in its payload, and of the older names of fields."""
    example = BY_NAME[f"{task.name}_REQUEST"].examples[0]
    written = {snake(name): value for name, value in example.items()}
    written["payload"] = {snake(name): value for name, value in example["payload"].items()}
    assert parse_incoming(json.dumps(written)) == parse_incoming(json.dumps(example))


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("s3_keys", ["a"], "keys"),
        ("s3Keys", ["a"], "keys"),
        ("extra_s3_keys", ["a"], "keys"),
        ("s3_prefixes", ["a"], "prefixes"),
        ("s3_prefix", "a", "prefixes"),
    ],
)
def test_older_names_of_inputs_are_taken(name: str, value: object, field: str) -> None:
    assert parse(payload={"userId": "u", name: value}).payload[field] == ["a"]


@pytest.mark.requirement("GRA-7")
@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"payload": {"includeSumary": True}}, {"name": "includeSumary", "nearest": "includeSummary"}),
        ({"payload": {"s3Key": "a", "s3Keys": ["b"]}}, {"name": "s3Keys", "nearest": "s3Key"}),
        ({"payload": {"colour": "red"}}, {"name": "colour", "nearest": ""}),
        (
            {"payload": {}, "includeSummary": True},
            {"name": "includeSummary", "nearest": "payload.includeSummary"},
        ),
    ],
    ids=["misspelt", "named twice", "unknown", "beside the payload"],
)
def test_what_is_left_out_of_a_request_is_noted_with_what_may_be_meant(
    changed: dict[str, Any], found: dict[str, str]
) -> None:
    changed = {**changed, "payload": {"userId": "u", **changed["payload"]}}
    message = parse(**changed)
    assert message.payload["left_out"] == [found]
    assert validate(GenerateGraph, message.payload)
    assert "left_out" not in parse(payload={"userId": "u"}, version=2, userId="u").payload


def told(body: str) -> dict[str, Any]:
    text = refusal_text(body, InvalidMessage("the reason", korean="이유"), "result-1", NOW)
    assert text is not None
    answer: dict[str, Any] = json.loads(text)
    return answer


@pytest.mark.parametrize("kind", ["graph.tend", "graph.erase", "graph.generate"])
def test_a_message_of_our_own_is_nobodys_to_be_told_of(kind: str) -> None:
    """Of a job that follows up on others, or that somebody ordered over HTTP."""
    body = {"v": 1, "id": "j", "type": kind, "payload": {"user_id": "u", "task_id": None}}
    assert refusal_text(json.dumps(body), InvalidMessage("the reason"), "result-1", NOW) is None


def test_a_producer_that_writes_envelopes_is_told() -> None:
    body = {"v": 2, "type": "graph.generate", "payload": {"user_id": "u", "task_id": 7}}
    answer = told(json.dumps(body))
    assert (answer["taskType"], answer["taskId"]) == ("GRAPH_GENERATION_RESULT", 7)


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
            "errorKo": "이유",
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
