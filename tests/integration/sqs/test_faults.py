"""SqsJobQueue against an endpoint that misbehaves: an outage is told, never an empty queue (QUE-6)."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.fault_server import CUT, SILENCE, Answer, FaultServer, Request, fault_server

from academy.application.ports.job_queue import (
    Delivery,
    OutgoingMessage,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
    Receipt,
)
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

QUEUE = "academy-video-jobs"


def _operation(request: Request) -> str:
    return request.headers["x-amz-target"].partition(".")[2]


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"content-type": "application/x-amz-json-1.0"})


def _error(code: str, status: int) -> Answer:
    return _json({"__type": f"com.amazonaws.sqs#{code}", "message": "told to"}, status)


@asynccontextmanager
async def _faulty(
    answers: dict[str, Callable[[dict[str, Any]], Answer]], **endpoint: float
) -> AsyncIterator[tuple[SqsJobQueue, FaultServer]]:
    """Run a queue whose endpoint answers each operation as told, and knows every queue's address."""

    def answer(request: Request) -> Answer:
        operation = _operation(request)
        if operation == "GetQueueUrl" and operation not in answers:
            return _json(
                {"QueueUrl": f"http://{request.headers['host']}/1/{json.loads(request.body)['QueueName']}"}
            )
        return answers[operation](json.loads(request.body))

    async with (
        fault_server(answer) as server,
        SqsJobQueue.open(SqsEndpoint("ap-northeast-2", server.url, "test", "test", **endpoint)) as queue,
    ):
        yield queue, server


OUTAGES = {
    "throttled": _error("ThrottlingException", 400),
    "5xx": Answer(503, b"<html>Service Unavailable</html>"),
    "refused credentials": _error("InvalidClientTokenId", 403),
    "a web page with status 200": Answer(200, b"<html>Maintenance</html>", {"content-type": "text/html"}),
    "JSON that is no object": _json([]),
    "nothing": Answer(200, b""),
    "bytes that are no text": Answer(200, b"\xff\xfe\x00"),
    "a message without its receipt": _json({"Messages": [{"MessageId": "1", "Body": "{}"}]}),
    "a message that is none": _json({"Messages": [{"Attributes": 7}]}),
    "a closed connection": CUT,
    "silence": SILENCE,
}


@pytest.mark.requirement("QUE-6")
@pytest.mark.parametrize("fault", OUTAGES)
async def test_an_outage_is_never_an_empty_queue(fault: str) -> None:
    async with _faulty({"ReceiveMessage": lambda _: OUTAGES[fault]}, read_seconds=0.3) as (queue, server):
        with pytest.raises(QueueUnavailable):
            await queue.receive(QUEUE, 10, 0, 30)
        # The same queue works again when its endpoint does.
        server.answer = lambda _: _json({})
        assert await queue.receive(QUEUE, 10, 0, 30) == []


MESSAGE = {
    "MessageId": "m",
    "ReceiptHandle": "h",
    "Body": "{}",
    "Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"},
}
FIELDS = ("Messages", "Successful", "Failed", "Attributes")
GARBAGE: dict[str, dict[str, Any]] = {
    "null": dict.fromkeys(FIELDS),
    "numbers": dict.fromkeys(FIELDS, 7),
    "lists of numbers": {name: [7] for name in FIELDS},
    "objects that hold nothing": {"Messages": [{}], "Successful": [{}], "Failed": [{}], "Attributes": {}},
    "results of what was not sent": {
        "Messages": [MESSAGE | {"ReceiptHandle": None, "Attributes": None}],
        "Successful": [{"Id": "5"}],
        "Failed": [{"Id": "x", "SenderFault": True}],
        "Attributes": {"QueueArn": None, "ApproximateNumberOfMessages": None},
    },
    "values of other types": {
        "Messages": [MESSAGE | {"Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "9" * 30}}],
        "Successful": [{"Id": 0}],
        "Failed": [{"Id": ["0"], "SenderFault": True, "Code": {}}],
        "Attributes": {"QueueArn": 7, "ApproximateNumberOfMessages": [7]},
    },
}
OPERATIONS: dict[str, Callable[[SqsJobQueue], Awaitable[object]]] = {
    "publish": lambda queue: queue.publish(QUEUE, [OutgoingMessage("{}")]),
    "receive": lambda queue: queue.receive(QUEUE, 1, 0, 30),
    "ack": lambda queue: queue.ack([Receipt(QUEUE, "h")]),
    "extend": lambda queue: queue.extend([Receipt(QUEUE, "h")], 30),
    "dead_letter": lambda queue: queue.dead_letter(_delivery(), "unreadable"),
    "create": lambda queue: queue.create([QueueSettings(QUEUE)]),
    "depth": lambda queue: queue.depth(QUEUE),
    "dead_letters": lambda queue: queue.dead_letters(QUEUE, 1),
    "redrive": lambda queue: queue.redrive(QUEUE, 1),
}


@pytest.mark.requirement("QUE-6")
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_makes_no_sense_is_an_outage(garbage: str, operation: str) -> None:
    answers = defaultdict(lambda: lambda _: _json(GARBAGE[garbage]))
    async with _faulty(answers) as (queue, _):
        with pytest.raises(QueueUnavailable):
            await OPERATIONS[operation](queue)


@pytest.mark.requirement("QUE-6")
async def test_an_outage_is_tried_twice_and_no_more() -> None:
    async with _faulty({"ReceiveMessage": lambda _: Answer(500)}) as (queue, server):
        with pytest.raises(QueueUnavailable):
            await queue.receive(QUEUE, 10, 0, 30)
    assert [_operation(request) for request in server.seen].count("ReceiveMessage") == 2


@pytest.mark.requirement("QUE-3")
async def test_messages_that_were_not_taken_are_named() -> None:
    def send(body: dict[str, Any]) -> Answer:
        taken = [entry["Id"] for entry in body["Entries"] if entry["Id"] in {"0", "3"}]
        failed = [{"Id": "1", "SenderFault": False, "Code": "InternalError"}]
        return _json({"Successful": [{"Id": one, "MessageId": one} for one in taken], "Failed": failed})

    async with _faulty({"SendMessageBatch": send}) as (queue, _):
        assert await queue.publish(QUEUE, [OutgoingMessage("{}") for _ in range(4)]) == [1, 2]


async def test_a_batch_over_a_mebibyte_goes_in_several_requests() -> None:
    def send(body: dict[str, Any]) -> Answer:
        assert sum(len(entry["MessageBody"]) for entry in body["Entries"]) <= 1 << 20
        return _json({"Successful": [{"Id": one["Id"]} for one in body["Entries"]]})

    async with _faulty({"SendMessageBatch": send}) as (queue, server):
        bodies = [json.dumps("x" * size) for size in (700_000, 400_000, 600_000, 10, 1 << 19)]
        assert await queue.publish(QUEUE, [OutgoingMessage(body) for body in bodies]) == []
    sizes = [
        len(json.loads(one.body)["Entries"]) for one in server.seen if _operation(one) == "SendMessageBatch"
    ]
    assert sizes == [1, 3, 1]


@pytest.mark.requirement("QUE-3")
@pytest.mark.parametrize("operation", ["DeleteMessageBatch", "ChangeMessageVisibilityBatch"])
async def test_void_receipts_are_told_from_failures(operation: str) -> None:
    codes = {"1": ("ReceiptHandleIsInvalid", True), "2": ("InvalidParameterValue", True)}

    def settle(_: dict[str, Any]) -> Answer:
        failed = [{"Id": one, "Code": code, "SenderFault": fault} for one, (code, fault) in codes.items()]
        return _json({"Successful": [{"Id": "0"}], "Failed": failed})

    receipts = [Receipt(QUEUE, f"handle-{number}") for number in range(3)]
    async with _faulty({operation: settle}) as (queue, _):

        async def call() -> list[Receipt]:
            settled = queue.ack(receipts) if operation[0] == "D" else queue.extend(receipts, 60)
            return list(await settled)

        assert await call() == receipts[1:]
        for code, fault in (("InternalError", False), ("ThrottlingException", True)):
            codes["2"] = (code, fault)
            with pytest.raises(QueueUnavailable):
                await call()


@pytest.mark.requirement("QUE-5")
async def test_a_message_is_not_acked_unless_its_dead_letter_was_taken() -> None:
    refused = _json({"Failed": [{"Id": "0", "SenderFault": False, "Code": "InternalError"}]})
    async with _faulty({"SendMessageBatch": lambda _: refused}) as (queue, server):
        delivery = _delivery()
        with pytest.raises(QueueUnavailable):
            await queue.dead_letter(delivery, "unreadable")
    assert "DeleteMessageBatch" not in map(_operation, server.seen)


def _delivery() -> Delivery:
    return Delivery("m", "{}", Receipt(QUEUE, "handle"), 1, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.requirement("QUE-1")
async def test_no_dead_letter_is_lost_when_a_redrive_is_refused() -> None:
    answers = {
        "ReceiveMessage": lambda _: _json({"Messages": [MESSAGE]}),
        "SendMessageBatch": lambda _: _json({"Failed": [{"Id": "0", "SenderFault": False, "Code": "X"}]}),
        "ChangeMessageVisibilityBatch": lambda _: _json({"Successful": [{"Id": "0"}]}),
    }
    async with _faulty(answers) as (queue, server):
        with pytest.raises(QueueUnavailable):
            await queue.redrive(QUEUE, 10)
    assert "DeleteMessageBatch" not in map(_operation, server.seen)
    assert _operation(server.seen[-1]) == "ChangeMessageVisibilityBatch"


@pytest.mark.requirement("QUE-6")
async def test_a_queue_made_anew_elsewhere_is_found_again() -> None:
    address = ["/1/old"]

    def receive(body: dict[str, Any]) -> Answer:
        gone = not body["QueueUrl"].endswith("new")
        return _error("QueueDoesNotExist", 400) if gone else _json({})

    answers = {"GetQueueUrl": lambda _: _json({"QueueUrl": address[0]}), "ReceiveMessage": receive}
    async with _faulty(answers) as (queue, _):
        with pytest.raises(QueueMissing):
            await queue.receive(QUEUE, 1, 0, 30)
        address[0] = "/1/new"
        assert await queue.receive(QUEUE, 1, 0, 30) == []
        address[0] = "/2/new"
        assert await queue.receive(QUEUE, 1, 0, 30) == []


@pytest.mark.requirement("QUE-4")
async def test_the_tenant_is_the_message_group_also_of_a_dead_letter() -> None:
    def send(body: dict[str, Any]) -> Answer:
        return _json({"Successful": [{"Id": one["Id"]} for one in body["Entries"]]})

    system = {"ApproximateReceiveCount": "1", "SentTimestamp": "1", "MessageGroupId": "tenant-7"}
    message = {"MessageId": "m", "ReceiptHandle": "h", "Body": "{}", "Attributes": system}
    answers = {
        "SendMessageBatch": send,
        "ReceiveMessage": lambda _: _json({"Messages": [message]}),
        "DeleteMessageBatch": lambda _: _json({"Successful": [{"Id": "0"}]}),
    }
    async with _faulty(answers) as (queue, server):
        await queue.publish(QUEUE, [OutgoingMessage("{}", "tenant-7"), OutgoingMessage("{}", "한글 학원")])
        (delivery,) = await queue.receive(QUEUE, 1, 0, 30)
        await queue.dead_letter(delivery, "unreadable")
    sent = [json.loads(one.body)["Entries"] for one in server.seen if _operation(one) == "SendMessageBatch"]
    assert sent[0][0]["MessageGroupId"] == sent[1][0]["MessageGroupId"] == "tenant-7"
    # SQS takes no Korean here; the digest stands for the tenant just as well.
    assert len(sent[0][1]["MessageGroupId"]) == 64


@pytest.mark.requirement("QUE-4")
async def test_an_endpoint_that_refuses_fair_groups_fails_aloud() -> None:
    def send(body: dict[str, Any]) -> Answer:
        if any("MessageGroupId" in entry for entry in body["Entries"]):
            return _error("InvalidParameterValue", 400)
        return _json({"Successful": [{"Id": one["Id"]} for one in body["Entries"]]})

    async with _faulty({"SendMessageBatch": send}) as (queue, server):
        with pytest.raises(QueueUnavailable, match="InvalidParameterValue"):
            await queue.publish(QUEUE, [OutgoingMessage("{}", "tenant-7")])
        async with SqsJobQueue.open(SqsEndpoint("x", server.url, "a", "b"), fair_groups=False) as plain:
            assert await plain.publish(QUEUE, [OutgoingMessage("{}", "tenant-7")]) == []


@pytest.mark.parametrize(
    "message",
    [
        OutgoingMessage("{}", delay_seconds=901),
        OutgoingMessage("{}", delay_seconds=-1),
        OutgoingMessage("{}", attributes={"no spaces": "x"}),
        OutgoingMessage("{}", attributes={f"h{number}": "x" for number in range(11)}),
    ],
)
async def test_what_sqs_would_refuse_for_ever_is_refused_at_once(message: OutgoingMessage) -> None:
    async with _faulty({}) as (queue, server):
        with pytest.raises(ValueError, match=r"delay|attributes"):
            await queue.publish(QUEUE, [message])
    assert server.seen == []


async def test_characters_that_sqs_refuses_travel_escaped() -> None:
    def send(body: dict[str, Any]) -> Answer:
        return _json({"Successful": [{"Id": one["Id"]} for one in body["Entries"]]})

    value = {"text": "\uffff \x00 한글 😀"}
    async with _faulty({"SendMessageBatch": send}) as (queue, server):
        await queue.publish(QUEUE, [OutgoingMessage(json.dumps(value, ensure_ascii=False))])
    sent = json.loads(server.seen[-1].body)["Entries"][0]["MessageBody"]
    assert "\uffff" not in sent
    assert json.loads(sent) == value
