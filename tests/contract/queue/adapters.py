"""The adapters on which the queue contract is run, by name.

To add one: write an async context manager that takes the pytest request (for fixtures of servers) and yields a `QueueAdapter`,
and put it into ADAPTERS. The suite never waits by itself: it calls `pass_time`, which shifts time where that
is possible and really sleeps on a server with a clock of its own.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from tests.support.sql_time import shift_time

from academy.application.ports.job_queue import JobConsumer, JobPublisher, QueueAdmin
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.queue import SqlJobQueue
from academy.infrastructure.sql.schema import prepare
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

__all__ = ["ADAPTERS", "Queue", "QueueAdapter"]


class Queue(JobPublisher, JobConsumer, QueueAdmin, Protocol):
    """One object with all three ports; an adapter that splits them is joined for the suite."""


@dataclass(frozen=True, slots=True)
class QueueAdapter:
    """An adapter under test.

    Attributes:
        queue: publisher, consumer and admin on a working broker.
        unreachable: the same class, looking for a broker that is not there.
        pass_time: let this many seconds pass for the broker.
        prefix: start of every queue name in this test, so that tests share a server.
    """

    queue: Queue
    unreachable: Queue
    pass_time: Callable[[float], Awaitable[None]]
    prefix: str


def new_prefix() -> str:
    """Return a start of queue names that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@asynccontextmanager
async def memory(_request: pytest.FixtureRequest) -> AsyncIterator[QueueAdapter]:
    """Queues in memory under a manual clock."""
    clock = ManualClock()
    gone = MemoryJobQueue(clock)
    gone.available = False

    async def pass_time(seconds: float) -> None:
        clock.advance(seconds)

    yield QueueAdapter(MemoryJobQueue(clock), gone, pass_time, new_prefix())


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[QueueAdapter]:
    """Queues in a SQLite file under a manual clock."""
    folder: Path = request.getfixturevalue("tmp_path")
    clock = ManualClock()
    connections = SqlConnections(f"sqlite:///{folder}/queue.db", clock)
    nowhere = SqlConnections(f"sqlite:///{folder}/missing/queue.db", clock)
    prepare(connections)

    async def pass_time(seconds: float) -> None:
        clock.advance(seconds)

    yield QueueAdapter(SqlJobQueue(connections), SqlJobQueue(nowhere), pass_time, new_prefix())
    connections.close()
    nowhere.close()


@asynccontextmanager
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[QueueAdapter]:
    """Queues in PostgreSQL; time passes by moving every stored time back."""
    folder: Path = request.getfixturevalue("tmp_path")
    connections = SqlConnections(request.getfixturevalue("postgres_url"), SystemClock())
    nowhere = SqlConnections(f"postgresql://nobody@/none?host={folder}", SystemClock())

    async def pass_time(seconds: float) -> None:
        await asyncio.to_thread(shift_time, connections, seconds)

    yield QueueAdapter(SqlJobQueue(connections), SqlJobQueue(nowhere), pass_time, new_prefix())
    connections.close()
    nowhere.close()


@asynccontextmanager
async def sqs(request: pytest.FixtureRequest) -> AsyncIterator[QueueAdapter]:
    """Queues on moto's SQS, whose time passes by itself."""
    url: str = request.getfixturevalue("moto_url")
    here = SqsEndpoint("ap-northeast-2", url, "test", "test")
    nowhere = SqsEndpoint("ap-northeast-2", "http://127.0.0.1:9", "test", "test")
    async with SqsJobQueue.open(here) as queue, SqsJobQueue.open(nowhere) as gone:
        yield QueueAdapter(queue, gone, asyncio.sleep, new_prefix())


ADAPTERS: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[QueueAdapter]]] = {
    "memory": memory,
    "sqlite": sqlite,
    "postgresql": postgresql,
    "sqs": sqs,
}
