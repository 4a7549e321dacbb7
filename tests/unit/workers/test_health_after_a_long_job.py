"""A worker that polls again after a long job is alive at once, not only when that poll ends (API-4)."""

import asyncio

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import Broker, working

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("API-4")


async def test_a_worker_is_alive_while_it_polls_after_a_long_job(world: World) -> None:
    broker = Broker(world.queue)
    go = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, consumer=broker, slots=1, receive_wait=2.0)
    worker.health._limit = 0.5  # stands for 3 * 20 s + 60 s
    async with working(worker):
        await until(lambda: worker.holdings.working == 1)
        await asyncio.sleep(0.7)  # the "long" job
        assert worker.health.alive()
        go.set()
        await until(lambda: world.job("job-a").finished and broker.receiving == 1)
        await asyncio.sleep(0.02)
        assert worker.health.alive(), "healthz is 503 during the whole long poll after a long job"
