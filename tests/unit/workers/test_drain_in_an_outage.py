"""A worker told to stop leaves in time even while the database or an ack does not answer (JOB-12)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import Broker, switchable

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("JOB-12")


@pytest.mark.parametrize("what", ["database", "ack"])
async def test_the_worker_leaves(world: World, what: str) -> None:
    database = switchable(world)
    broker = Broker(world.queue)
    forever = asyncio.Event()
    if what == "ack":
        broker.before["ack"] = forever.wait

    async def run(work: Work) -> Contract:
        database.away = what == "database"
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(
        run,
        consumer=broker,
        drain=timedelta(seconds=0.5),
        stop_grace=timedelta(seconds=0.5),
        lease=timedelta(seconds=1),
    )
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.holdings.taken == 1 and worker.holdings.working == 0)
    worker.drain()
    done, _ = await asyncio.wait({running}, timeout=6)
    database.away = False
    forever.set()
    if not done:
        await running
    assert done, "drain of 0.5 s with a lease of 1 s: still there after 6 s"
