"""Where hostile messages are sent: a worker of the real runtime on every kind of queue, past the checks of our own publisher."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from tests.support.jobs import QUEUE, World, job_types, running_clock

from academy.application.jobs.intake import Intake
from academy.application.ports.clock import Clock
from academy.application.ports.job_queue import (
    DeadLetter,
    Delivery,
    OutgoingMessage,
    QueueSettings,
    QueueUnavailable,
)
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue
from academy.infrastructure.sql.schema import prepare
from academy.infrastructure.sql.tables import queue_messages
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

__all__ = ["SCENES", "HostileWorld", "Scene", "UncheckedQueue"]


@dataclass
class HostileWorld(World):
    """A world whose intake follows claim checks."""

    claims: MemoryObjectStore = field(default_factory=lambda: MemoryObjectStore(running_clock()))

    def intake(self, worker: str = "w1", **changes: object) -> Intake:  # type: ignore[override]
        return super().intake(worker, **{"claims": self.claims, **changes})  # type: ignore[arg-type]


class UncheckedQueue(MemoryJobQueue):
    """A queue in memory that hands out texts its publisher would refuse."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._texts: dict[str, str] = {}

    async def put(self, body: str) -> bool:
        name = f"text {len(self._texts)}"
        self._texts[name] = body
        await self.publish(QUEUE, [OutgoingMessage(name, "t1")])
        return True

    async def receive(self, *where: Any, **how: Any) -> Sequence[Delivery]:
        found = await super().receive(*where, **how)
        return [replace(one, body=self._texts.get(one.body, one.body)) for one in found]

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        found = await super().dead_letters(queue, limit)
        return [replace(one, body=self._texts.get(one.body, one.body)) for one in found]


@dataclass(frozen=True)
class Scene:
    """A world, and a way to put a text on its queue as any stranger could; False when the broker itself refuses it."""

    world: HostileWorld
    put: Callable[[str], Awaitable[bool]]


def _world(database: SqlDatabase, queue: object, clock: Clock) -> HostileWorld:
    for tenant, code in (("t1", "hagwon"), ("t2", "other")):
        database.run_sync(lambda tx, tenant=tenant, code=code: tx.tenants.add(tenant, code, code))
    return HostileWorld(database, queue, clock, job_types())  # type: ignore[arg-type]


@asynccontextmanager
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Queue in memory."""
    clock = running_clock()
    connections = _sqlite(request)
    queue = UncheckedQueue(clock)
    await queue.create([QueueSettings(QUEUE)])
    with closing(connections):
        yield Scene(_world(SqlDatabase(connections), queue, clock), queue.put)


@asynccontextmanager
async def _sql(connections: SqlConnections) -> AsyncIterator[Scene]:
    queue = SqlJobQueue(connections)
    await queue.create([QueueSettings(QUEUE)])

    def insert_row(connection: Connection, body: str) -> None:
        rest = {"grp": "t1", "attributes": {}, "receive_count": 0, "receipt": 0, "reason": ""}
        times = {"visible_at": row_now(), "sent_at": row_now()}
        connection.execute(insert(queue_messages).values(queue=QUEUE, body=body, **rest, **times))

    async def put(body: str) -> bool:
        try:
            connections.write(lambda connection: insert_row(connection, body))
        except (ValueError, QueueUnavailable):
            return False
        return True

    with closing(connections):
        yield Scene(_world(SqlDatabase(connections), queue, running_clock()), put)


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Queue in SQLite."""
    async with _sql(_sqlite(request)) as scene:
        yield scene


@asynccontextmanager
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Queue in PostgreSQL."""
    connections = SqlConnections(request.getfixturevalue("postgres_url"), running_clock())
    prepare(connections)
    async with _sql(connections) as scene:
        yield scene


@asynccontextmanager
async def sqs(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Queue on moto's SQS."""
    endpoint = SqsEndpoint("ap-northeast-2", request.getfixturevalue("moto_url"), "test", "test")
    connections = _sqlite(request)
    async with AsyncExitStack() as stack:
        stack.callback(connections.close)
        queue = await stack.enter_async_context(SqsJobQueue.open(endpoint))
        await queue.create([QueueSettings(QUEUE)])
        for name in (QUEUE, f"{QUEUE}-dlq"):
            while found := await queue.receive(name, 10, 0, 60):
                await queue.ack([delivery.receipt for delivery in found])

        async def put(body: str) -> bool:
            try:
                body.encode()  # moto would take half a surrogate pair and choke on it at every receive
                entries = [{"Id": "0", "MessageBody": body}]
                answer = await queue._client.call_queue("send_message_batch", QUEUE, Entries=entries)
            except (QueueUnavailable, ValueError):
                return False
            return bool(answer.get("Successful"))

        yield Scene(_world(SqlDatabase(connections), queue, running_clock()), put)


def _sqlite(request: pytest.FixtureRequest) -> SqlConnections:
    folder: Path = request.getfixturevalue("tmp_path")
    connections = SqlConnections(f"sqlite:///{folder}/academy.db", running_clock())
    prepare(connections)
    return connections


SCENES = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql, "sqs": sqs}
