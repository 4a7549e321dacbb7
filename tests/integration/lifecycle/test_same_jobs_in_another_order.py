"""Two workers that record the same new jobs in different orders do not block each other in a circle (JOB-10)."""

import asyncio
import json

import pytest
from tests.support.jobs import QUEUE, WORK, World, job_types

from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import QueueSettings
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.requirement("JOB-10")


async def test_no_deadlock(postgres_url: str) -> None:
    connections = SqlConnections(postgres_url, SystemClock())
    try:
        prepare(connections)
        database = SqlDatabase(connections)
        database.run_sync(lambda tx: tx.tenants.add("t1", "hagwon", "Hagwon"))
        queue = MemoryJobQueue(SystemClock())
        await queue.create([QueueSettings(QUEUE)])
        world = World(database, queue, SystemClock(), job_types())
        failed = 0
        for turn in range(6):
            bodies = [
                json.dumps(
                    {
                        "v": 1,
                        "id": f"j{turn}-{n}",
                        "type": WORK,
                        "tenant_id": "t1",
                        "payload": {"name": "x"},
                        "created_at": "2026-03-02T09:00:00Z",
                        "idempotency_key": f"k{turn}-{n}",
                    }
                )
                for n in range(60)
            ]
            await world.publish(*bodies)
            first = await world.receive(100)
            await world.publish(*reversed(bodies))
            second = await world.receive(100)
            ends = await asyncio.gather(
                world.intake("a").admit(first), world.intake("b").admit(second), return_exceptions=True
            )
            failed += sum(isinstance(e, BaseException) for e in ends)
            for e in ends:
                if isinstance(e, BaseException):
                    print(repr(e)[:200])
                    assert isinstance(e, DatabaseUnavailable)
        assert not failed, f"{failed} of 12 batches failed"
    finally:
        connections.close()
