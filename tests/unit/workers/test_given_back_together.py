"""Deliveries that are given back together cost few calls: a slow broker keeps nobody from polling and draining (JOB-12)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import Broker

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("JOB-12")


async def test_many_held_deliveries_cost_few_calls(world: World) -> None:
    broker = Broker(world.queue)

    async def run(work: Work) -> Contract:
        return Result(text="")

    for n in range(16):
        world.submit(str(n))
    await world.relay().relay_once()
    first = await world.receive(16, visibility=600)
    await world.intake("other").admit(first)  # another worker runs them all
    await world.publish(*(d.body for d in first))  # copies of their messages
    worker = world.worker(
        run, consumer=broker, slots=16, drain=timedelta(seconds=1), lease=timedelta(seconds=60)
    )
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.holdings.taken == 16)
    await asyncio.sleep(0.1)
    worker.drain()
    await running
    assert broker.calls.count("extend") + broker.calls.count("give_back") <= 2
