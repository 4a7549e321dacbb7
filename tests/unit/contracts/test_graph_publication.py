"""What is published of graph messages is what the worker takes and tells (CON-3, GRA-1)."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from academy.application.graph.refusals import NO_READABLE_INPUT
from academy.application.graph.told import progress_text, refusal_text, result_text
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.catalogue import GRAPH_QUEUE, MESSAGES, RESULT_QUEUE
from academy.contracts.graph import InputOutcome
from academy.contracts.graph_wire import TASKS, GraphTask
from academy.contracts.incoming import parse_incoming
from academy.contracts.publish import asyncapi_document, message_schema
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState

pytestmark = [pytest.mark.requirement("CON-3"), pytest.mark.requirement("GRA-1")]
BY_NAME = {message.name: message for message in MESSAGES}
NOW = datetime(2026, 3, 2, tzinfo=UTC)
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(message_schema(BY_NAME[name]))


def request_of(task: GraphTask) -> dict[str, Any]:
    return dict(BY_NAME[f"{task.name}_REQUEST"].examples[0])


def job_of(task: GraphTask, **ended: Any) -> Job:
    """Return the job that a task's example becomes, as it stands at its end."""
    incoming = parse_incoming(json.dumps(request_of(task)))
    fields: dict[str, Any] = {
        **dict.fromkeys(("subject", "reply_to", "trace", "worker"), ""),
        **dict.fromkeys(("due_at", "end_reason", "failure", "result", "started_at"), None),
        **dict.fromkeys(("token", "attempt"), 1),
        "interruptions": 0,
        "cancel_requested": False,
        "state": JobState.RUNNING,
        "id": "job-1",
        "tenant_id": "t1",
        "type": incoming.type,
        "queue": GRAPH_QUEUE,
        "idempotency_key": incoming.idempotency_key,
        "payload": validate(task.payload, incoming.payload).model_dump(mode="json"),
        "created_at": NOW,
        "finished_at": NOW,
    }
    return Job(**{**fields, **ended})


@each_task
def test_an_example_of_a_request_becomes_its_job(task: GraphTask) -> None:
    incoming = parse_incoming(json.dumps(request_of(task)))

    assert incoming.type == task.job_type
    assert validate(task.payload, incoming.payload)


@each_task
@pytest.mark.parametrize(
    "changed",
    [
        {"taskType": "GRAPH"},
        {"payload": None},
        {"payload": {}},
        {"payload": {"userId": ""}},
        {"payload": {"userId": None}},
        {"taskId": {"id": 1}},
        {"taskId": 1.5},
    ],
    ids=str,
)
def test_what_the_schema_of_a_request_refuses_the_worker_refuses(
    task: GraphTask, changed: dict[str, Any]
) -> None:
    message = {**request_of(task), **changed}

    with pytest.raises(ValidationError):
        validator(f"{task.name}_REQUEST").validate(message)
    with pytest.raises(InvalidMessage):
        parse_incoming(json.dumps(message))


@each_task
@pytest.mark.parametrize(
    "changed",
    [{"taskId": 7}, {"taskId": None}, {"timestamp": 1_772_409_600.5}, {"extra": [1]}, {"userId": 20391}],
    ids=str,
)
def test_what_older_producers_write_is_in_the_schema_too(task: GraphTask, changed: dict[str, Any]) -> None:
    user = {name: value for name, value in changed.items() if name == "userId"}
    message = request_of(task)
    message = {**message, **changed, "payload": {**message["payload"], **user}}

    validator(f"{task.name}_REQUEST").validate(message)
    assert parse_incoming(json.dumps(message)).type == task.job_type


VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    7,
    7.0,
    7.5,
    -1,
    21,
    31,
    2**31,
    "",
    "7",
    "yes",
    "ko",
    "a\nb",
    "x" * 200,
    "x" * 201,
    "x" * 501,
    "x" * 1024,
    "x" * 1025,
    "x" * 2001,
    [],
    [""],
    ["a"],
    ["a", 1],
    ["x" * 1025],
    ["a"] * 101,
    ["a"] * 501,
    ["a"] * 20_001,
    {},
    {"a": 1},
)
"""Whatever a producer may write; lengths on both sides of every limit."""


@each_task
def test_schema_and_worker_take_and_refuse_the_same_of_every_field(task: GraphTask) -> None:
    """A producer that validates is not refused, and one that does not is told before anything is done."""
    schema = validator(f"{task.name}_REQUEST")
    example = request_of(task)
    described = message_schema(BY_NAME[f"{task.name}_REQUEST"])["properties"]["payload"]["properties"]
    asked = [(("payload", name), value) for name in described for value in VALUES]
    asked += [((name,), value) for name in ("taskType", "taskId", "payload", "timestamp") for value in VALUES]
    differing = []
    for path, value in asked:
        message = json.loads(json.dumps(example))
        (message["payload"] if len(path) > 1 else message)[path[-1]] = value
        try:
            validate(task.payload, parse_incoming(json.dumps(message)).payload)
            taken = True
        except InvalidMessage:
            taken = False
        if taken != schema.is_valid(message):
            differing.append((path[-1], str(value)[:20], "taken" if taken else "refused"))
    assert differing == []


def test_one_key_may_stand_alone_or_in_a_list() -> None:
    message = request_of(TASKS[0])
    for keys in ("tenants/t1/a.md", ["tenants/t1/a.md"], None):
        changed = {**message, "payload": {**message["payload"], "s3Key": keys}}
        validator("GRAPH_GENERATION_REQUEST").validate(changed)
        assert parse_incoming(json.dumps(changed)).type == "graph.generate"


@each_task
def test_what_the_worker_tells_of_a_task_is_in_its_schema(task: GraphTask) -> None:
    name = f"{task.name}_RESULT"
    example = BY_NAME[name].examples[0]["payload"]
    result = task.result.model_validate(
        {key: value for key, value in example.items() if key not in {"jobId", "status", "error", "errorCode"}}
    )
    failure = Failure("no_graph", "This user has no graph yet.", "아직 그래프가 없습니다.")
    outcome = InputOutcome(key="a.pdf", status="failed", code="broken_document", message="It is damaged.")
    told_of = {"outcomesS3Key": "o.jsonl", "outcomeCounts": {"ok": 0, "skipped": 0, "failed": 1}}
    detail = json.dumps({**told_of, "outcomes": [outcome.model_dump(by_alias=True)]})
    unread = replace(NO_READABLE_INPUT, detail=detail)
    ends = [
        {"state": JobState.SUCCEEDED, "result": result.model_dump(mode="json")},
        {"state": JobState.FAILED, "failure": failure, "end_reason": EndReason.PERMANENT_ERROR},
        {"state": JobState.FAILED, "failure": unread, "end_reason": EndReason.PERMANENT_ERROR},
        {"state": JobState.CANCELLED, "end_reason": EndReason.CANCELLED},
    ]

    told = [json.loads(result_text(job_of(task, **end), "result-1")) for end in ends]

    for message in told:
        validator(name).validate(message)
    assert all(each["payload"].get("errorKo") for each in told[1:])
    assert [each["payload"]["status"] for each in told] == ["COMPLETED", *["FAILED"] * 3]
    codes = ["", "no_graph", "no_readable_input", "cancelled"]
    assert [each["payload"]["errorCode"] for each in told] == codes
    assert told[2]["payload"]["outcomesS3Key"] == "o.jsonl"
    assert told[0]["payload"] == {**example, "jobId": "job-1"}, "the example is a whole one"


@each_task
@pytest.mark.requirement("GRA-7")
def test_a_field_that_there_is_not_is_told_in_every_result(task: GraphTask) -> None:
    request = request_of(task)
    request["payload"] = {**request["payload"], "langauge": "ko"}
    job = job_of(task)
    payload = validate(task.payload, parse_incoming(json.dumps(request)).payload).model_dump(mode="json")
    example = BY_NAME[f"{task.name}_RESULT"].examples[0]["payload"]
    plain = {
        key: value for key, value in example.items() if key not in {"jobId", "status", "error", "errorCode"}
    }
    done = task.result.model_validate(plain).model_dump(mode="json")
    for end in ({"state": JobState.SUCCEEDED, "result": done}, {"state": JobState.CANCELLED}):
        told = json.loads(result_text(replace(job, payload=payload, **end), "result-1"))
        validator(f"{task.name}_RESULT").validate(told)
        (hint,) = told["payload"]["degraded"]
        assert (hint["what"], hint["code"]) == ("request", "unknown_field")
        assert "langauge" in hint["message"]
        assert ("language" in hint["message"]) == ("language" in task.asked.model_fields)


@each_task
def test_progress_is_in_its_schema(task: GraphTask) -> None:
    at = Progress("fetch", 1, 6, 12.5, None)
    validator("GRAPH_PROGRESS").validate(json.loads(progress_text(job_of(task), at, 3, NOW)))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"taskType": "GRAPH_SUMMARY_REQUEST", "taskId": 7', "GRAPH_SUMMARY_RESULT"),
        ('{"type": "ADD_NODE_REQUEST", "payload": {"userId": 20391}}', "ADD_NODE_RESULT"),
        ('{"taskType": "MAKE_COFFEE", "taskId": "x"}', "UNKNOWN_RESULT"),
        ("\x00", "UNKNOWN_RESULT"),
    ],
)
def test_refusals_are_in_their_schema(body: str, name: str) -> None:
    told = json.loads(refusal_text(body, InvalidMessage("it is no JSON"), "result-1", NOW) or "")

    assert told["taskType"] == name
    assert told["payload"]["errorKo"]
    validator(name).validate(told)


def test_requests_and_results_travel_on_the_queues_of_graphs() -> None:
    channels = {each["address"]: set(each["messages"]) for each in asyncapi_document()["channels"].values()}

    assert channels[GRAPH_QUEUE] == {f"{task.name}_REQUEST" for task in TASKS}
    results = {f"{task.name}_RESULT" for task in TASKS}
    assert channels[RESULT_QUEUE] == {*results, "GRAPH_PROGRESS", "UNKNOWN_RESULT", "job.result"}
    assert f"{GRAPH_QUEUE}-dlq" in channels
