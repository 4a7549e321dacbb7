"""While the broker is away the relay rests between its tries, however much waits (QUE-6)."""

import asyncio
from typing import Any

import pytest
from tests.support.jobs import World

from academy.application.ports.database import OutboxMessage

pytestmark = pytest.mark.requirement("QUE-6")


async def test_the_relay_backs_off(world: World) -> None:
    world.database.run_sync(
        lambda tx: tx.outbox.add([OutboxMessage("test-jobs", "{}", f"t{n % 50}") for n in range(6000)])
    )
    world.queue.available = False
    calls = 0
    publish = world.queue.publish

    async def counted(queue: Any, messages: Any) -> Any:
        nonlocal calls
        calls += 1
        return await publish(queue, messages)

    world.queue.publish = counted
    stop = asyncio.Event()
    running = asyncio.create_task(world.relay().run(stop))
    await asyncio.sleep(2)
    stop.set()
    await running
    assert calls < 12, (
        f"{calls} publications of 100 (SQS: {calls * 10} requests, twice each) in 2 s of an outage"
    )
