"""A large order lets others have its slot: a single message of another academy does not wait for its end (MSG-6, QUE-4)."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.jobs import until
from tests.unit.messaging.post import DAY, SENDER, TENANT, recipient

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.intake import Intake
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.submit import submit
from academy.application.messaging.direct import DirectHandler
from academy.application.messaging.handover import Handover
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import DIRECT, SEND
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.messaging.send import SendHandler
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import QueueSettings
from academy.application.ports.telemetry import NoTelemetry
from academy.contracts.messaging import DirectMessage
from academy.domain.job.rate import RateLimit
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.settings import MessagingSettings
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.message_provider import MemoryMessageProvider
from academy.infrastructure.memory.progress import MemoryProgressStore
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.worker import Worker

QUEUE = "academy-messaging-jobs"
LIMIT = RateLimit("memory", per_second=60, burst=12)
TURN = timedelta(seconds=0.5)
PEOPLE = 60
"""Of each order: the four of them take four seconds at that rate."""
LEASE = timedelta(seconds=60)


class Office:
    """A worker of two slots with everything that it needs; academies `t1` and `t2` have credit."""

    def __init__(self, connections: SqlConnections) -> None:
        self.database = SqlDatabase(connections)
        self.clock = SystemClock()
        self.queue = MemoryJobQueue(self.clock)
        self.provider = MemoryMessageProvider()
        self.types = messaging_job_types({"messaging": QUEUE})
        self.orders = Orders(self.types, new_id)
        for tenant in (TENANT, "t2"):
            self.database.run_sync(lambda tx, t=tenant: _set_up(tx, t))  # type: ignore[misc]

    def worker(self) -> Worker:
        handover = Handover(self.database, self.provider, self.types, NoTelemetry(), new_id)
        sending = SendHandler(self.database, handover, self.types, batch=1000, limit=LIMIT, turn=TURN)
        handlers: dict[str, JobHandler] = {
            SEND: sending,
            DIRECT: DirectHandler(self.database, self.orders, sending),
        }
        intake = Intake(
            self.database,
            self.types,
            worker="w1",
            lease=LEASE,
            new_id=new_id,
            queue_tenants={},
            handled=frozenset(handlers),
        )
        parts = WorkerParts(
            self.database,
            self.queue,
            self.queue,
            MemoryProgressStore(),
            intake,
            self.types,
            handlers,
            self.clock,
            NoTelemetry(),
        )
        config = WorkerConfig(
            "w1", (PolledQueue(QUEUE),), slots=2, lease=LEASE, receive_wait=0.1, watch_interval=0.05
        )
        return Worker(config, parts)

    def order(self, first: int) -> str:
        people = [recipient(first + n) for n in range(PEOPLE)]
        return self.database.run_sync(
            lambda tx: self.orders.place(tx, OrderRequest(TENANT, people, "결석"))
        ).job_id

    def direct(self) -> None:
        self.database.run_sync(
            lambda tx: submit(
                tx,
                self.types,
                job_id="d1",
                tenant_id="t2",
                type_name=DIRECT,
                payload=DirectMessage(to="010-9999-0000", text="결석"),
                idempotency_key="d1",
            )
        )


def _set_up(tx: Transaction, tenant: str) -> None:
    tx.tenants.add(tenant, tenant, tenant)
    tx.messaging.save(
        MessagingSettings(tenant, True, f"{SENDER[:-1]}{tenant[-1]}", "", False, Prices(1, 1, 1), DAY)
    )
    tx.credits.transfer(tenant, TransferKind.TOP_UP, {"": 100_000})


@pytest.mark.requirement("MSG-6", "QUE-4")
async def test_a_single_message_waits_for_a_turn_and_not_for_the_orders_before_it(tmp_path: Path) -> None:
    connections = SqlConnections(f"sqlite:///{tmp_path}/academy.db", SystemClock())
    prepare(connections)
    office, stop = Office(connections), asyncio.Event()
    await office.queue.create([QueueSettings(QUEUE)])
    jobs = [office.order(first) for first in range(0, 4 * PEOPLE, PEOPLE)]
    worker = office.worker()
    relay = asyncio.create_task(OutboxRelay(office.database, office.queue, NoTelemetry()).run(stop))
    working = asyncio.create_task(worker.run())
    try:
        began = time.monotonic()
        await until(lambda: len(office.provider.sent) > LIMIT.burst)
        office.direct()
        asked = time.monotonic()
        await until(lambda: any(text.to == "01099990000" for text in office.provider.sent))
        waited = time.monotonic() - asked
        before = len(office.provider.sent)
        await until(lambda: len(office.provider.sent) == 4 * PEOPLE + 1, seconds=30)
        took = time.monotonic() - began
    finally:
        worker.drain()
        stop.set()
        await asyncio.gather(relay, working)
    ended = [office.database.read_sync(lambda tx, j=job_id: tx.jobs.get(j)) for job_id in jobs]  # type: ignore[misc]
    connections.close()
    assert before < 3 * PEOPLE
    assert waited < 4 * TURN.total_seconds()
    # No burst above the rate, whoever comes back to it.
    assert took >= (4 * PEOPLE + 1 - LIMIT.burst) / LIMIT.per_second
    assert all(job is not None and job.interruptions == 0 and job.attempt <= 1 for job in ended)
    assert len({text.id for text in office.provider.sent}) == 4 * PEOPLE + 1
