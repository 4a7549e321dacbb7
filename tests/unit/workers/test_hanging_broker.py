"""While a broker hangs on extend, leases in the database are renewed all the same (JOB-4)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import Broker

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("JOB-4")


async def test_leases_are_renewed_while_the_broker_hangs(world: World) -> None:
    broker = Broker(world.queue)
    gate = asyncio.Event()

    async def hang() -> None:
        await gate.wait()

    broker.before["extend"] = hang

    async def run(work: Work) -> Contract:
        await gate.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, consumer=broker, slots=1, lease=timedelta(seconds=1))
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.holdings.working == 1)
    await asyncio.sleep(2)
    other = await world.intake("w2").admit(await world.receive())  # its message is visible again, too
    gate.set()
    worker.drain()
    await running
    assert not other.claimed, "another worker took a job over whose worker is alive and reaches the database"
