"""A handler (a library in it) that cancels its own task has crashed: it is settled, its slot freed, a drain ends (JOB-5)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import Result, World, until

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("JOB-5")


async def test_the_attempt_is_settled_and_the_drain_ends(world: World) -> None:
    async def run(work: Work) -> Contract:
        asyncio.current_task().cancel()
        await asyncio.sleep(0)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(
        run,
        slots=1,
        drain=timedelta(seconds=0.5),
        stop_grace=timedelta(seconds=0.5),
        lease=timedelta(seconds=1),
    )
    running = asyncio.create_task(worker.run())
    try:
        await until(lambda: worker.holdings.taken == 1)
        await asyncio.sleep(0.3)
        worker.drain()
        done, _ = await asyncio.wait({running}, timeout=5)
        assert done, (
            f"drain never ends; job is {world.job('job-a').state}, attempts {len(worker.holdings.attempts)}"
        )
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
