"""A small job world: SQLite in a file, a queue in memory, and a job type whose handler each test writes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import JsonValue

from academy.application.jobs.attempt import Work
from academy.application.jobs.intake import Intake
from academy.application.jobs.job_type import JobEffects, JobType, JobTypes, NoEffects
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.submit import submit
from academy.application.ports.clock import Clock
from academy.application.ports.database import Settlement, Transaction
from academy.application.ports.job_queue import Delivery, JobConsumer, OutgoingMessage, QueueSettings
from academy.application.ports.object_store import ObjectStore
from academy.application.ports.progress import ProgressStore
from academy.contracts.base import Contract
from academy.domain.job.job import Job
from academy.domain.job.progress import StepPlan
from academy.domain.job.rate import RateLimit
from academy.domain.job.retry import RetryPolicy
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.progress import MemoryProgressStore
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.worker import Worker

QUEUE = "test-jobs"
WORK = "test.work"
LEASE = timedelta(seconds=120)


class Payload(Contract):
    """Input of the test job: anything."""

    name: str
    data: JsonValue = None


class Result(Contract):
    """Output of the test job."""

    text: str
    number: float = 0.0


Run = Callable[[Work], Awaitable[Contract | None]]


class Handler:
    """A handler made of a function."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def run(self, work: Work) -> Contract | None:
        return await self._run(work)


class Counters:
    """Telemetry that remembers what was counted."""

    def __init__(self) -> None:
        self.counts: dict[str, float] = {}

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        self.counts[name] = self.counts.get(name, 0.0) + value

    def gauge(self, name: str, value: float, **labels: str) -> None:
        self.counts[name] = value

    def observe(self, name: str, value: float, **labels: str) -> None:
        self.counts[name] = self.counts.get(name, 0.0) + 1

    def drop(self, name: str) -> None:
        self.counts.pop(name, None)


class RecordedEffects:
    """Effects that leave their trace in the database (as tenants), so that a rollback takes them back, too."""

    def created(self, tx: Transaction, job: Job) -> None:
        _mark(tx, f"created:{job.id}")

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Any job may come back."""

    def started(self, tx: Transaction, job: Job) -> None:
        _mark(tx, f"started:{job.id}:{job.token}")

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        _mark(tx, f"settled:{job.id}:{end.lease.token}:{end.state}")


def _mark(tx: Transaction, name: str) -> None:
    if tx.tenants.get(name) is not None:
        raise AssertionError(f"effect {name} happened twice")
    tx.tenants.add(name, name, name)


def job_types(
    *,
    effects: JobEffects | None = None,
    retry: RetryPolicy | None = None,
    time_limit: timedelta = timedelta(hours=1),
    stall_limit: timedelta = timedelta(minutes=5),
    limits: tuple[RateLimit, ...] = (),
) -> JobTypes:
    """Return a registry with the one test type."""
    work = JobType(
        WORK,
        "test",
        Payload,
        Result,
        StepPlan(("first", "second"), (1, 3)),
        effects or NoEffects(),
        retry or RetryPolicy(),
        time_limit,
        stall_limit,
        limits,
        subject=lambda payload: f"name:{payload.name}" if isinstance(payload, Payload) else "",
    )
    return JobTypes((work,), {"test": QUEUE})


@dataclass
class World:
    """Database, queue and registry of one test; the academy `t1` (code `hagwon`) exists."""

    database: SqlDatabase
    queue: MemoryJobQueue
    clock: Clock
    types: JobTypes
    telemetry: Counters = field(default_factory=Counters)
    progress: MemoryProgressStore = field(default_factory=MemoryProgressStore)

    @property
    def manual(self) -> ManualClock:
        """The clock, where the test moves it."""
        assert isinstance(self.clock, ManualClock)
        return self.clock

    def submit(self, name: str, *, tenant: str = "t1", key: str = "", data: JsonValue = None) -> Job:
        """Record a job and its message."""
        return self.database.run_sync(
            lambda tx: (
                submit(
                    tx,
                    self.types,
                    job_id=f"job-{name}",
                    tenant_id=tenant,
                    type_name=WORK,
                    payload=Payload(name=name, data=data),
                    idempotency_key=key or f"key-{name}",
                ).job
            )
        )

    def job(self, job_id: str) -> Job:
        """Return a job that must be there."""
        job = self.database.read_sync(lambda tx: tx.jobs.get(job_id))
        assert job is not None, job_id
        return job

    def did(self, effect: str) -> bool:
        """Return whether an effect was committed."""
        return self.database.read_sync(lambda tx: tx.tenants.get(effect)) is not None

    def outbox(self) -> int:
        """Return how many messages are due in the outbox."""
        return self.database.read_sync(lambda tx: tx.outbox.backlog())[0]

    def relay(self, claims: ObjectStore | None = None) -> OutboxRelay:
        """Return a relay."""
        return OutboxRelay(self.database, self.queue, self.telemetry, claims)

    async def publish(self, *bodies: str) -> None:
        """Put raw messages on the queue."""
        for body in bodies:
            await self.queue.publish(QUEUE, [OutgoingMessage(body, "t1")])

    async def receive(self, most: int = 10, visibility: int = 120) -> list[Delivery]:
        """Receive what is there."""
        return list(await self.queue.receive(QUEUE, most, 0, visibility))

    def intake(
        self, worker: str = "w1", *, tenants: Mapping[str, str] | None = None, **changes: object
    ) -> Intake:
        """Return an intake of one worker."""
        fields: dict[str, object] = {
            "worker": worker,
            "lease": LEASE,
            "new_id": new_id,
            "queue_tenants": tenants or {},
            "handled": frozenset({WORK}),
        }
        return Intake(self.database, self.types, **{**fields, **changes})  # type: ignore[arg-type]

    def worker(
        self,
        run: Run,
        name: str = "w1",
        *,
        consumer: JobConsumer | None = None,
        progress: ProgressStore | None = None,
        **changes: object,
    ) -> Worker:
        """Return a worker whose handler is `run`; quick to notice things."""
        fields: dict[str, object] = {
            "queues": (PolledQueue(QUEUE),),
            "slots": 4,
            "lease": timedelta(seconds=3),
            "receive_wait": 0.1,
            "drain": timedelta(seconds=5),
            "watch_interval": 0.05,
        }
        config = WorkerConfig(name, **{**fields, **changes})  # type: ignore[arg-type]
        parts = WorkerParts(
            self.database,
            consumer or self.queue,
            self.queue,
            progress or self.progress,
            self.intake(name, lease=config.lease),
            self.types,
            {WORK: Handler(run)},
            self.clock,
            self.telemetry,
        )
        return Worker(config, parts)


@asynccontextmanager
async def open_world(
    folder: Path, clock: Clock | None = None, types: JobTypes | None = None, max_receives: int = 10
) -> AsyncIterator[World]:
    """Open a world in `folder`; time stands still unless a clock is given."""
    clock = clock or ManualClock()
    connections = SqlConnections(f"sqlite:///{folder}/academy.db", clock)
    try:
        prepare(connections)
        database = SqlDatabase(connections)
        database.run_sync(lambda tx: tx.tenants.add("t1", "hagwon", "Hagwon"))
        queue = MemoryJobQueue(clock)
        await queue.create([QueueSettings(QUEUE, max_receives=max_receives)])
        yield World(database, queue, clock, types or job_types())
    finally:
        connections.close()


def running_clock() -> Clock:
    """Return the real clock."""
    return SystemClock()


async def until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is so; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - many things at once, none with an event
            await asyncio.sleep(0.01)
