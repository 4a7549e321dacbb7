"""An error answer whose words no table can hold does not end the relay (JOB-6)."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from tests.support.fault_server import Answer, fault_server
from tests.support.jobs import World

from academy.application.jobs.relay import OutboxRelay
from academy.infrastructure.sqs.client import SqsEndpoint
from academy.infrastructure.sqs.queue import SqsJobQueue

pytestmark = pytest.mark.requirement("JOB-6")


async def test_the_relay_survives(world: World) -> None:
    world.submit("a")
    words = b'{"__type":"x#\\ud800","message":"m"}'
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(fault_server(lambda _: Answer(400, words)))
        queue = await stack.enter_async_context(SqsJobQueue.open(SqsEndpoint("r", server.url, "a", "b")))
        relay = OutboxRelay(world.database, queue, world.telemetry)
        stop = asyncio.Event()
        running = asyncio.create_task(relay.run(stop))
        await asyncio.sleep(0.5)
        died = running.done()
        stop.set()
        await asyncio.gather(running, return_exceptions=True)
        assert not died, running.exception()
