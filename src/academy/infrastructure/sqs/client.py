"""The connection to SQS: one client, errors translated, queue addresses cached.

| seen                                                             | raised           |
|------------------------------------------------------------------|------------------|
| QueueDoesNotExist, AWS.SimpleQueueService.NonExistentQueue       | QueueMissing     |
| every other error answer: throttling, 5xx, credentials, refusal  | QueueUnavailable |
| no connection, a connection cut, silence beyond the read timeout | QueueUnavailable |
| an answer that is not SQS's (a proxy's page with status 200)     | QueueUnavailable |
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from academy.application.ports.job_queue import QueueMissing, QueueUnavailable

__all__ = ["LONG_POLL_LIMIT_SECONDS", "SqsApi", "SqsClient", "SqsEndpoint", "error_code", "open_client"]

LONG_POLL_LIMIT_SECONDS = 20
"""Longest wait of one receive (ReceiveMessage, WaitTimeSeconds)."""
_LARGE_BODY_BYTES = 1 << 20
_MISSING = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


@dataclass(frozen=True, slots=True)
class SqsEndpoint:
    """Where SQS is and who we are.

    Attributes:
        region: AWS region ("ap-northeast-2").
        url: endpoint, empty for AWS's own.
        access_key_id, secret_access_key: empty for the instance's role.
        connections: bound of the connection pool; one long poll holds one for up to 20 s, so leave room for settling.
        connect_seconds: limit of a connect.
        read_seconds: limit of an answer, beyond the longest poll.
    """

    region: str
    url: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    connections: int = 16
    connect_seconds: float = 5.0
    read_seconds: float = LONG_POLL_LIMIT_SECONDS + 10.0


class SqsApi(Protocol):
    """The part of a generated client that is used: an operation by its name."""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        """Return an operation ("receive_message")."""
        ...


class _NotSqs(Exception):
    """An answer with a status of success that SQS would not give."""


def _refuse_foreign_answers(
    operation_model: OperationModel, response_dict: dict[str, Any], **_: object
) -> None:
    # botocore reads a web page with status 200 as an empty result: an outage would look like an empty queue.
    shape = operation_model.output_shape
    if response_dict["status_code"] >= 300 or shape is None or not shape.members:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError as error:
        raise _NotSqs(f"{operation_model.name} was answered with something other than JSON") from error
    if not isinstance(answer, dict):
        raise _NotSqs(f"{operation_model.name} was answered with JSON that is no object")


def _stream_large_bodies(request: AWSPreparedRequest, **_: object) -> None:
    # aiohttp writes bytes in one go and warns that over a mebibyte of them holds up the event loop.
    if isinstance(request.body, bytes) and len(request.body) > _LARGE_BODY_BYTES:
        request.body = BytesIO(request.body)


def error_code(error: ClientError) -> str:
    """Return the code of an error answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


class SqsClient:
    """Calls SQS by queue name. Make it with `open_client`."""

    def __init__(self, client: SqsApi) -> None:
        self._client = client
        self._urls: dict[str, str] = {}

    async def call(self, operation: str, **parameters: object) -> dict[str, Any]:
        """Call an operation that names no queue by address. Raises QueueMissing, QueueUnavailable."""
        return await self._call(operation, "", **parameters)

    async def _call(self, operation: str, queue: str, **parameters: object) -> dict[str, Any]:
        method = getattr(self._client, operation)
        with _translated(operation, queue):
            answer: dict[str, Any] = await method(**parameters)
        return answer

    async def call_queue(self, operation: str, queue: str, **parameters: object) -> dict[str, Any]:
        """Call an operation on a queue. Raises QueueMissing, QueueUnavailable."""
        cached = queue in self._urls
        try:
            return await self._call(operation, queue, QueueUrl=await self.url(queue), **parameters)
        except QueueMissing:
            self._urls.pop(queue, None)
            if not cached:
                raise
        # The queue may have been made anew under another address since we looked it up.
        return await self._call(operation, queue, QueueUrl=await self.url(queue), **parameters)

    async def url(self, queue: str) -> str:
        """Return the address of a queue. Raises QueueMissing, QueueUnavailable."""
        known = self._urls.get(queue)
        if known is None:
            with _translated("get_queue_url", queue):
                answer = await self._client.get_queue_url(QueueName=queue)
                known = str(answer["QueueUrl"])
            self._urls[queue] = known
        return known


@contextmanager
def _translated(operation: str, queue: str = "") -> Iterator[None]:
    where = f"SQS {operation} {queue}".rstrip()
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in _MISSING:
            raise QueueMissing(queue or operation) from error
        raise QueueUnavailable(f"{where}: {code}: {error}") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise QueueUnavailable(
            f"{where}: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
        ) from error
    except (BotoCoreError, HTTPClientError, ResponseParserError, _NotSqs, OSError) as error:
        raise QueueUnavailable(f"{where}: {error}") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The SDK's parser stumbles like this over JSON of another shape than SQS's.
        raise QueueUnavailable(f"{where}: answer not understood: {error!r}") from error


@asynccontextmanager
async def open_client(endpoint: SqsEndpoint) -> AsyncIterator[SqsClient]:
    """Hold a client open. Nothing is sent before the first call."""
    config = AioConfig(
        connect_timeout=endpoint.connect_seconds,
        read_timeout=endpoint.read_seconds,
        max_pool_connections=endpoint.connections,
        # One quick second try hides a connection that the other side closed; longer outages are our own back-off's affair.
        retries={"total_max_attempts": 2, "mode": "standard"},
        tcp_keepalive=True,
    )
    session = get_session()
    async with session.create_client(
        "sqs",
        region_name=endpoint.region,
        endpoint_url=endpoint.url or None,
        aws_access_key_id=endpoint.access_key_id or None,
        aws_secret_access_key=endpoint.secret_access_key or None,
        config=config,
    ) as client:
        client.meta.events.register("before-parse.sqs", _refuse_foreign_answers)
        client.meta.events.register("before-send.sqs", _stream_large_bodies)
        yield SqsClient(client)
