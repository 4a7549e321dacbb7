"""The connection to SQS: its JSON protocol, errors translated, queue addresses cached, bodies compared with their digests.

| seen                                                             | raised           |
|------------------------------------------------------------------|------------------|
| QueueDoesNotExist, AWS.SimpleQueueService.NonExistentQueue       | QueueMissing     |
| every other error answer: throttling, 5xx, credentials, refusal  | QueueUnavailable |
| no connection, a connection cut, silence beyond the read timeout | QueueUnavailable |
| an answer that is not SQS's (a proxy's page with status 200)     | QueueUnavailable |
| a body whose digest is another than SQS says                     | QueueUnavailable |

Source: "Making Query API requests using AWS JSON protocol" in the Amazon SQS developer guide.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

from academy.application.ports.clock import Clock
from academy.application.ports.job_queue import QueueMissing, QueueUnavailable
from academy.infrastructure.aws.credentials import CredentialsSource
from academy.infrastructure.aws.service import AwsEndpoint, AwsService, AwsUnavailable, own_endpoint
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.http.client import HttpAnswer, HttpLimits
from academy.infrastructure.sqs.wire import check_digests, check_shape

__all__ = ["LONG_POLL_LIMIT_SECONDS", "SqsClient", "SqsEndpoint", "open_client"]

LONG_POLL_LIMIT_SECONDS = 20
"""Longest wait of one receive (ReceiveMessage, WaitTimeSeconds)."""
ANSWER_BYTES = 64 << 20
"""Ten messages of 1 MiB, each character escaped to six."""
_MISSING = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_WITHOUT_RESULT = frozenset({"set_queue_attributes"})
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class SqsEndpoint:
    """Where SQS is and who we are.

    Attributes:
        region: AWS region ("ap-northeast-2").
        url: endpoint, empty for AWS's own.
        access_key_id, secret_access_key: empty for `credentials`.
        connections: bound of the connection pool; one long poll holds one for up to 20 s, so leave room for settling.
        connect_seconds: limit of a connect.
        read_seconds: limit of an answer, beyond the longest poll.
        credentials: where they come from when no key is given: a container's or the machine's role.
        trust: whom to believe to be the server; None: the system's certificates.
    """

    region: str
    url: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    connections: int = 16
    connect_seconds: float = 5.0
    read_seconds: float = LONG_POLL_LIMIT_SECONDS + 10.0
    credentials: CredentialsSource = CredentialsSource()  # noqa: RUF009 -- frozen
    trust: SSLContext | None = None


class SqsClient:
    """Calls SQS by queue name. Make it with `open_client`."""

    def __init__(self, service: AwsService) -> None:
        self._service = service
        self._urls: dict[str, str] = {}

    async def call(self, operation: str, **parameters: object) -> dict[str, Any]:
        """Call an operation ("list_queues") that names no queue by address. Raises QueueMissing, QueueUnavailable."""
        return await self._call(operation, "", parameters)

    async def call_queue(self, operation: str, queue: str, **parameters: object) -> dict[str, Any]:
        """Call an operation on a queue. Raises QueueMissing, QueueUnavailable."""
        cached = queue in self._urls
        try:
            return await self._call(operation, queue, {"QueueUrl": await self.url(queue), **parameters})
        except QueueMissing:
            self._urls.pop(queue, None)
            if not cached:
                raise
        # The queue may have been made anew under another address since we looked it up.
        return await self._call(operation, queue, {"QueueUrl": await self.url(queue), **parameters})

    async def url(self, queue: str) -> str:
        """Return the address of a queue. Raises QueueMissing, QueueUnavailable."""
        known = self._urls.get(queue)
        if known is None:
            answer = await self._call("get_queue_url", queue, {"QueueName": queue})
            known = answer.get("QueueUrl")
            if not isinstance(known, str) or not known:
                raise QueueUnavailable(f"SQS get_queue_url {queue}: an answer without an address")
            self._urls[queue] = known
        return known

    async def _call(self, operation: str, queue: str, parameters: dict[str, object]) -> dict[str, Any]:
        where = f"SQS {operation} {queue}".rstrip()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": _target(operation)}
        try:
            answer = await self._service.request("POST", "/", headers, json.dumps(parameters).encode())
        except AwsUnavailable as error:
            raise QueueUnavailable(f"{where}: {error}") from error
        if answer.status != 200:
            code, message = _refusal(answer)
            if code in _MISSING:
                raise QueueMissing(queue or operation)
            raise QueueUnavailable(f"{where}: {code or answer.status}: {message}")
        if not answer.body and operation in _WITHOUT_RESULT:
            return {}
        try:
            result = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise QueueUnavailable(f"{where}: answered with something other than JSON") from error
        if not isinstance(result, dict):
            raise QueueUnavailable(f"{where}: answered with JSON that is no object")
        check_shape(where, parameters, result)
        check_digests(where, parameters, result)
        return result


@cache
def _target(operation: str) -> str:
    return "AmazonSQS." + "".join(word.capitalize() for word in operation.split("_"))


def _refusal(answer: HttpAnswer) -> tuple[str, str]:
    """Return the code and the message of an error answer; no code for one that is not SQS's."""
    try:
        said = json.loads(answer.body)
        code = str(said["__type"]).rpartition("#")[2].partition(":")[0]
        message = str(said.get("message") or said.get("Message") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", f"a web page or nothing: {_plain(answer.body.decode('utf-8', 'replace'))}"
    return code, _plain(message)


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text[:_SHOWN])


@asynccontextmanager
async def open_client(endpoint: SqsEndpoint, clock: Clock | None = None) -> AsyncIterator[SqsClient]:
    """Hold a client open. Nothing is sent before the first call."""
    credentials = endpoint.credentials
    if endpoint.access_key_id or endpoint.secret_access_key:
        credentials = CredentialsSource(endpoint.access_key_id, endpoint.secret_access_key)
    service = AwsEndpoint(
        "sqs",
        endpoint.region,
        endpoint.url or own_endpoint("sqs", endpoint.region),
        credentials,
        HttpLimits(endpoint.connections, endpoint.connect_seconds, endpoint.read_seconds, ANSWER_BYTES),
        endpoint.trust,
    )
    async with AwsService.open(service, clock or SystemClock()) as opened:
        yield SqsClient(opened)
