"""What SqsJobQueue sends and takes: damaged bodies, error pages, signatures, roles, TLS."""

import hashlib
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.integration.aws.raw_server import certificate, raw_server
from tests.support.fault_server import Answer, FaultServer, Request, fault_server

from academy.application.ports.job_queue import OutgoingMessage, QueueMissing, QueueUnavailable
from academy.infrastructure.aws.credentials import CredentialsSource
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

QUEUE = "academy-video-jobs"
BODY = json.dumps({"이름": '김\u2028 😀 \\ "'}, ensure_ascii=False)


@asynccontextmanager
async def _queue(
    answer: Callable[[str, dict[str, Any]], Answer],
) -> AsyncIterator[tuple[SqsJobQueue, FaultServer]]:
    def served(request: Request) -> Answer:
        operation = request.headers["x-amz-target"].removeprefix("AmazonSQS.")
        if operation == "GetQueueUrl":
            return Answer(200, b'{"QueueUrl": "http://elsewhere/1/q"}')
        return answer(operation, json.loads(request.body))

    async with (
        fault_server(served) as server,
        SqsJobQueue.open(SqsEndpoint("ap-northeast-2", server.url, "AKID", "key")) as queue,
    ):
        yield queue, server


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _message(body: str, told: str) -> Answer:
    system = {"ApproximateReceiveCount": "1", "SentTimestamp": "1"}
    message = {"MessageId": "m", "ReceiptHandle": "h", "Body": body, "MD5OfBody": told, "Attributes": system}
    return Answer(200, json.dumps({"Messages": [message]}).encode())


@pytest.mark.requirement("QUE-5")
async def test_a_body_that_was_damaged_on_its_way_here_is_not_worked_on() -> None:
    answers = [_message(BODY, _md5(BODY)), _message(BODY, _md5(BODY + " ")), _message(BODY, "")]
    async with _queue(lambda *_: answers.pop(0)) as (queue, _):
        assert [one.body for one in await queue.receive(QUEUE, 10, 0, 30)] == [BODY]
        with pytest.raises(QueueUnavailable, match="damaged"):
            await queue.receive(QUEUE, 10, 0, 30)
        # A server that tells no digest is believed.
        assert [one.body for one in await queue.receive(QUEUE, 10, 0, 30)] == [BODY]


@pytest.mark.requirement("JOB-6")
async def test_a_body_that_was_damaged_on_its_way_there_counts_as_not_published() -> None:
    damage = [""]

    def send(_: str, asked: dict[str, Any]) -> Answer:
        taken = [
            {"Id": one["Id"], "MessageId": "m", "MD5OfMessageBody": _md5(one["MessageBody"] + damage[0])}
            for one in asked["Entries"]
        ]
        return Answer(200, json.dumps({"Successful": taken}).encode())

    async with _queue(send) as (queue, _):
        assert await queue.publish(QUEUE, [OutgoingMessage(BODY), OutgoingMessage("{}")]) == []
        damage[0] = " "
        with pytest.raises(QueueUnavailable, match="damaged"):
            await queue.publish(QUEUE, [OutgoingMessage(BODY)])


PAGES = {
    "throttled in XML": (
        400,
        b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
        "400",
    ),
    "throttled": (
        400,
        b'{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"}',
        "Rate exceeded",
    ),
    "overload": (
        403,
        b'{"__type":"com.amazonaws.sqs#OverLimit","Message":"Too much"}',
        "OverLimit: Too much",
    ),
    "a proxy's page": (403, b"<html><body>Forbidden</body></html>", "403"),
    "an error in XML": (500, b"<?xml version='1.0'?><Error/>", "500"),
    "a balancer's page": (503, b"<html>\r\n<h1>503 Service Temporarily Unavailable</h1>", "503"),
    "a redirect": (302, b"", "302"),
    "JSON of another": (400, b'{"error": "nope"}', "400"),
    "JSON that is a text": (400, b'"nope"', "400"),
    "bytes": (418, b"\xff\xfe\x00", "418"),
    "success of another kind": (202, b"{}", "202"),
}


@pytest.mark.requirement("QUE-6")
@pytest.mark.parametrize("page", PAGES)
async def test_an_error_in_any_dress_is_an_outage_and_says_what_came(page: str) -> None:
    status, body, told = PAGES[page]
    async with _queue(lambda *_: Answer(status, body)) as (queue, _):
        with pytest.raises(QueueUnavailable, match=re.escape(told)) as caught:
            await queue.receive(QUEUE, 10, 0, 30)
    assert str(caught.value).isprintable()


@pytest.mark.requirement("QUE-6")
@pytest.mark.parametrize(
    "kind",
    ["com.amazonaws.sqs#QueueDoesNotExist", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"],
)
async def test_a_queue_that_is_not_there_is_told_from_an_outage(kind: str) -> None:
    async with _queue(lambda *_: Answer(400, json.dumps({"__type": kind}).encode())) as (queue, _):
        with pytest.raises(QueueMissing, match=QUEUE):
            await queue.receive(QUEUE, 10, 0, 30)


@pytest.mark.requirement("SEC-3")
async def test_every_request_is_signed_for_the_region_and_holds_no_secret() -> None:
    async with _queue(lambda *_: Answer(200, b"{}")) as (queue, server):
        await queue.receive(QUEUE, 1, 0, 30)
    for request in server.seen:
        assert re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/ap-northeast-2/sqs/aws4_request, "
            r"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}",
            request.headers["authorization"],
        )
        assert request.headers["content-type"] == "application/x-amz-json-1.0"
        assert (request.method, request.path) == ("POST", "/")


@pytest.mark.requirement("SEC-1")
async def test_without_keys_the_role_of_the_container_signs() -> None:
    role = {"AccessKeyId": "ROLE", "SecretAccessKey": "k", "Token": "t", "Expiration": "2999-01-01T00:00:00Z"}

    def answer(request: Request) -> Answer:
        return Answer(200, json.dumps(role if request.path == "/role" else {"queues": []}).encode())

    async with fault_server(answer) as server:
        source = CredentialsSource(container_url=f"{server.url}/role")
        async with SqsJobQueue.open(SqsEndpoint("eu-west-1", server.url, credentials=source)) as queue:
            await queue.ping()
            await queue.ping()
    assert [request.path for request in server.seen] == ["/role", "/", "/"]
    assert server.seen[1].headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ROLE/")
    assert server.seen[1].headers["x-amz-security-token"] == "t"


@pytest.mark.requirement("QUE-6")
@pytest.mark.requirement("OPS-5")
async def test_without_any_credentials_it_is_said_what_to_set() -> None:
    source = CredentialsSource(metadata_url="http://127.0.0.1:1")
    async with SqsJobQueue.open(SqsEndpoint("eu-west-1", "http://127.0.0.1:1", credentials=source)) as queue:
        with pytest.raises(QueueUnavailable, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            await queue.ping()


@pytest.mark.requirement("SEC-3")
async def test_a_server_is_believed_with_a_trusted_certificate_alone(tmp_path: Path) -> None:
    tls, file = certificate(tmp_path)
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    async with raw_server(reply, tls) as server:
        async with SqsJobQueue.open(SqsEndpoint("x", server.url, "a", "b")) as queue:
            with pytest.raises(QueueUnavailable, match="certificate"):
                await queue.ping()
        assert server.requests == []
        trust = ssl.create_default_context(cafile=file)
        async with SqsJobQueue.open(SqsEndpoint("x", server.url, "a", "b", trust=trust)) as queue:
            await queue.ping()
    assert len(server.requests) == 1
