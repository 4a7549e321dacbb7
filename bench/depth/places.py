"""A database with many rows, and what is done with it again and again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from academy.application.jobs.relay import OutboxRelay
from academy.application.ports.database import Lease, OutboxMessage, Settlement
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.application.ports.telemetry import NoTelemetry
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue
from academy.infrastructure.sql.schema import migrate

__all__ = ["Cpu", "Filling", "Place", "open_place"]

QUEUE = "jobs"
BATCH = 100
PUBLISHED = 10
LEASE = timedelta(seconds=60)
_SERIES = {
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count) SELECT n FROM s)",
    "postgresql": "generate_series(1, :count) AS s(n)",
}


@dataclass(frozen=True, slots=True)
class Cpu:
    """Milliseconds for each job."""

    client: float
    server: float
    wall: float


@dataclass(frozen=True, slots=True)
class Filling:
    """What a place holds: rows that wait (of as many tenants), are hidden, or scheduled, and finished jobs."""

    waiting: int
    finished: int = 0
    hidden: int = 0
    scheduled: int = 0
    tenants: int = 1


class Place:
    """One database, filled."""

    def __init__(self, connections: SqlConnections) -> None:
        self._connections = connections
        self._database = SqlDatabase(connections)
        self._queue = SqlJobQueue(connections)
        self._relay = OutboxRelay(self._database, self._queue, NoTelemetry())
        self._next = 1

    async def cycle(self, times: int) -> Cpu:
        """Publish, receive, claim, settle and ack `times` batches; return what one job cost."""
        start = self._next
        self._next += times * BATCH
        self._connections.write(lambda each: _pending(each, f"new{start}-", times * BATCH, 1))
        bodies = iter([f"new{start}-{number}" for number in range(1, times * BATCH + 1)])
        before = self._spent()
        for _ in range(times):
            for _ in range(BATCH // PUBLISHED):
                await self._queue.publish(
                    QUEUE, [OutgoingMessage(next(bodies), "t1") for _ in range(PUBLISHED)]
                )
            await self._work()
        return self._since(before, times * BATCH)

    async def relay(self, times: int) -> Cpu:
        """Put batches into the outbox and publish them; return what one job cost."""
        before = self._spent()
        for _ in range(times):
            messages = [OutboxMessage("others", f'{{"n": {number}}}', "t1") for number in range(BATCH)]
            await self._database.run(lambda tx, messages=messages: tx.outbox.add(messages))
            await self._relay.relay_once()
        cost = self._since(before, times * BATCH)
        self._connections.write(
            lambda each: each.execute(text("DELETE FROM queue_messages WHERE queue = 'others'"))
        )
        return cost

    async def newcomer(self) -> int:
        """Publish one message of another tenant; return how many receives it takes to come."""
        await self._queue.publish(QUEUE, [OutgoingMessage("newcomer", "newcomer")])
        for count in range(1, 1000):
            if any(each.body == "newcomer" for each in await self._queue.receive(QUEUE, BATCH, 0, 60)):
                return count
        raise AssertionError("a newcomer starves")

    async def _work(self) -> None:
        deliveries = await self._queue.receive(QUEUE, BATCH, 0, 60)
        assert len(deliveries) == BATCH
        ids = [delivery.body for delivery in deliveries]
        claimed = await self._database.run(lambda tx: tx.jobs.claim(ids, "w", LEASE))
        assert len(claimed) == BATCH
        ends = [
            Settlement(Lease(job.id, job.token), JobState.SUCCEEDED, result={"ok": True})
            for job in claimed.values()
        ]
        assert len(await self._database.run(lambda tx: tx.jobs.settle(ends))) == BATCH
        await self._queue.ack([delivery.receipt for delivery in deliveries])

    def _spent(self) -> tuple[float, float, float]:
        return time.process_time(), self._server(), time.perf_counter()

    def _since(self, before: tuple[float, float, float], jobs: int) -> Cpu:
        client, server, wall = (
            (now - then) * 1000 / jobs for now, then in zip(self._spent(), before, strict=True)
        )
        return Cpu(client, server, wall)

    def _server(self) -> float:
        """Return the CPU seconds of this database's sessions so far; 0 for SQLite, whose CPU is ours."""
        if self._connections.sqlite:
            return 0.0
        sessions = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = self._connections.read(lambda each: list(each.scalars(sessions)))
        return sum(_cpu_of(pid) for pid in pids)


@contextmanager
def open_place(url: str, filling: Filling) -> Iterator[Place]:
    """Make the schema and fill it."""
    migrate(url)
    connections = SqlConnections(url, SystemClock(), pool_size=1)
    try:
        connections.write(lambda each: _fill(each, filling))
        if not connections.sqlite:
            with connections.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("SET statement_timeout = 0"))
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("RESET statement_timeout"))
        yield Place(connections)
    finally:
        connections.close()


def _fill(connection: Connection, filling: Filling) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    for name in (QUEUE, "others"):
        settings = QueueSettings(name)
        connection.execute(
            text("INSERT INTO queues VALUES (:name, :dead, 60, 10, 14, 20)"),
            {"name": name, "dead": settings.dead_letter_name},
        )
    _pending(connection, "old-", filling.waiting, filling.tenants)
    _messages(connection, filling.waiting, filling.tenants, "old-", "-1000", waiting=True)
    _messages(connection, filling.hidden, 1, "hidden-", "3600000", waiting=False)
    _jobs(connection, "done-", filling.finished, 1, "'SUCCEEDED', 1, 1, 0, '', NULL", "1")
    _insert(
        connection,
        "outbox (queue, body, grp, attributes, tries, error, ready_at, due_at)",
        f"'others', 'later', 't' || (n % 200), '{{}}', 0, '', {_now(connection)} + 3600000 + n, {_now(connection)} + 3600000 + n",
        filling.scheduled,
    )


def _pending(connection: Connection, prefix: str, count: int, tenants: int) -> None:
    _jobs(connection, prefix, count, tenants, f"'PENDING', 0, 0, 0, '', {_now(connection)} + 600000", "NULL")


def _jobs(connection: Connection, prefix: str, count: int, tenants: int, state: str, finished: str) -> None:
    _insert(
        connection,
        "jobs (id, tenant_id, type, queue, idempotency_key, payload, subject, reply_to, trace, state, token, attempt, "
        "interruptions, worker, due_at, cancel_requested, created_at, finished_at)",
        f"'{prefix}' || n, {_tenant(tenants)}, 'standin.noop', '{QUEUE}', '{prefix}' || n, '{{}}', '', '', '', "
        f"{state}, false, {_now(connection)}, {finished}",
        count,
    )


def _messages(
    connection: Connection, count: int, tenants: int, prefix: str, offset: str, *, waiting: bool
) -> None:
    # The first tenant's have a round each, those of the others stand beside them at the end: all published before.
    _insert(
        connection,
        "queue_messages (queue, grp, body, attributes, visible_at, receive_count, receipt, reason, sent_at, turn)",
        f"'{QUEUE}', {_tenant(tenants)}, '{prefix}' || n, '{{}}', {_now(connection)} + {offset}, 0, 0, '', "
        f"{_now(connection)}, {'n' if waiting else 'NULL'}",
        count,
    )


def _tenant(tenants: int) -> str:
    """Every tenth row is another tenant's."""
    return f"'t' || CASE WHEN n % 10 = 0 THEN 1 + (n / 10) % {tenants} ELSE 1 END"


def _insert(connection: Connection, into: str, values: str, count: int) -> None:
    if count:
        series = _SERIES[connection.dialect.name]
        connection.execute(text(f"INSERT INTO {into} SELECT {values} FROM {series}"), {"count": count})


def _now(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return "academy_now()"
    return "CAST(extract(epoch FROM now()) * 1000 AS bigint)"


def _cpu_of(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0  # it ended, or is no process of this machine
