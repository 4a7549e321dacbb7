"""Where the lifecycle is played through: a database, a queue, and time that the test lets pass."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete
from tests.contract.queue.adapters import Queue
from tests.support.sql_time import shift_time

from academy.application.ports.clock import Clock
from academy.application.ports.job_queue import Delivery, QueueSettings, Receipt
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue
from academy.infrastructure.sql.schema import prepare
from academy.infrastructure.sql.tables import jobs, outbox, queue_messages, tenants
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

__all__ = ["PLACES", "QUEUE", "Place"]

QUEUE = "lifecycle-jobs"
LONG = 40_000


@dataclass(frozen=True)
class Place:
    """One combination of adapters.

    Attributes:
        runner: the loop that everything asynchronous runs on.
        clock: the workers' clock.
        queue: publisher, consumer and admin.
        pass_time: let this many seconds pass for the database and the broker.
        exact: whether time stands still between two looks at it.
        redrives: whether looking at dead letters leaves them where they are.
    """

    runner: asyncio.Runner
    connections: SqlConnections
    database: SqlDatabase
    queue: "Queue | TimelySqs"
    clock: Clock
    pass_time: Callable[[float], None]
    exact: bool = True
    redrives: bool = True

    def clean(self) -> None:
        """Begin afresh: no job, no message."""

        def work(connection: Connection) -> None:
            for table in (jobs, outbox, queue_messages, tenants):
                connection.execute(delete(table))

        self.connections.write(work)
        self.database.run_sync(lambda tx: tx.tenants.add("t1", "hagwon", "Hagwon"))
        self.runner.run(self._drained())

    async def _drained(self) -> None:
        await self.queue.create([QueueSettings(QUEUE)])
        for name in (QUEUE, f"{QUEUE}-dlq"):
            while found := await self.queue.receive(name, 10, 0, 60):
                await self.queue.ack([delivery.receipt for delivery in found])


class TimelySqs:
    """SQS whose visibility time-outs follow the test's clock: what would be visible by now is made visible."""

    def __init__(self, queue: SqsJobQueue, clock: ManualClock) -> None:
        self._queue = queue
        self._clock = clock
        self._hidden: dict[Receipt, datetime] = {}

    def __getattr__(self, name: str) -> Any:
        """Pass on what has nothing to do with time."""
        return getattr(self._queue, name)

    async def receive(
        self, queue: str, max_messages: int, wait_seconds: float, visibility_seconds: int
    ) -> Sequence[Delivery]:
        found = await self._queue.receive(queue, max_messages, wait_seconds, LONG)
        self._hide([delivery.receipt for delivery in found], visibility_seconds)
        return found

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        for receipt in receipts:
            self._hidden.pop(receipt, None)
        return await self._queue.ack(receipts)

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        mine = [receipt for receipt in receipts if receipt in self._hidden]
        self._hide(mine, visibility_seconds)
        await self.expire()
        return [receipt for receipt in receipts if receipt not in mine]

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        self._hidden.pop(delivery.receipt, None)
        await self._queue.dead_letter(delivery, reason)

    async def expire(self) -> None:
        due = [receipt for receipt, at in self._hidden.items() if at <= self._clock.now()]
        for receipt in due:
            del self._hidden[receipt]
        if due:
            await self._queue.extend(due, 0)

    def _hide(self, receipts: Sequence[Receipt], seconds: int) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        self._hidden.update(dict.fromkeys(receipts, until))


def _sqlite(folder: Path, clock: Clock) -> SqlConnections:
    connections = SqlConnections(f"sqlite:///{folder}/academy.db", clock)
    prepare(connections)
    return connections


@contextmanager
def memory(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Queue in memory, jobs in SQLite."""
    clock = ManualClock()
    connections = _sqlite(request.getfixturevalue("tmp_path"), clock)
    with asyncio.Runner() as runner:
        yield Place(
            runner, connections, SqlDatabase(connections), MemoryJobQueue(clock), clock, clock.advance
        )
    connections.close()


@contextmanager
def sqlite(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Queue and jobs in SQLite."""
    clock = ManualClock()
    connections = _sqlite(request.getfixturevalue("tmp_path"), clock)
    with asyncio.Runner() as runner:
        yield Place(
            runner, connections, SqlDatabase(connections), SqlJobQueue(connections), clock, clock.advance
        )
    connections.close()


@contextmanager
def postgresql(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Queue and jobs in PostgreSQL, whose time passes by moving every stored time back."""
    clock = SystemClock()
    connections = SqlConnections(request.getfixturevalue("postgres_url"), clock)
    prepare(connections)
    with asyncio.Runner() as runner:
        yield Place(
            *(runner, connections, SqlDatabase(connections), SqlJobQueue(connections), clock),
            lambda seconds: shift_time(connections, seconds),
            exact=False,
        )
    connections.close()


@contextmanager
def sqs(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Queue on moto's SQS, jobs in SQLite."""
    endpoint = SqsEndpoint("ap-northeast-2", request.getfixturevalue("moto_url"), "test", "test")
    clock = ManualClock()
    connections = _sqlite(request.getfixturevalue("tmp_path"), clock)
    with ExitStack() as stack:
        stack.callback(connections.close)
        runner = stack.enter_context(asyncio.Runner())
        opened = SqsJobQueue.open(endpoint)
        queue = TimelySqs(runner.run(opened.__aenter__()), clock)
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))

        def pass_time(seconds: float) -> None:
            clock.advance(seconds)
            runner.run(queue.expire())

        database = SqlDatabase(connections)
        yield Place(runner, connections, database, queue, clock, pass_time, redrives=False)


PLACES = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql, "sqs": sqs}
