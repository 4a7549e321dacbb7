"""Claim-checked bodies are fetched together: a slow store holds up neither the batch nor a drain once for every body (QUE-7)."""

import asyncio
import json
from datetime import timedelta
from typing import Any, Never

import pytest
from tests.support.jobs import Result, World, until

from academy.application.jobs.attempt import Work
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("QUE-7")


class Hanging:
    """A store that gives up on every body, and on none before so many are asked for at the same time."""

    def __init__(self, together: int) -> None:
        self.barrier = asyncio.Barrier(together)
        self.asked = 0

    async def get(self, key: Any, *, max_bytes: Any) -> Never:
        self.asked += 1
        await self.barrier.wait()
        raise ObjectStoreUnavailable("S3 hangs")


def check(n: Any) -> Any:
    return json.dumps({"claim_check": {"key": f"tenants/t1/claim-checks/{n:064x}"}})


async def test_a_store_that_hangs_holds_up_neither_others_nor_the_drain(world: World) -> None:
    async def run(work: Work) -> Contract:
        return Result(text="")

    await world.publish(*(check(n) for n in range(15)))
    world.submit("small")
    await world.relay().relay_once()
    worker = world.worker(run, slots=16)
    worker.parts.intake._claims = store = Hanging(15)
    running = asyncio.create_task(worker.run())
    await until(lambda: store.asked == 15)
    try:
        await until(lambda: world.job("job-small").finished, 30)
    finally:
        worker.drain()
        await running


async def test_drain_does_not_wait_for_every_body(world: World) -> None:
    async def run(work: Work) -> Contract:
        return Result(text="")

    await world.publish(*(check(n) for n in range(16)))
    worker = world.worker(run, slots=16, drain=timedelta(seconds=1), stop_grace=timedelta(seconds=1))
    worker.parts.intake._claims = store = Hanging(16 + 1)
    running = asyncio.create_task(worker.run())
    await until(lambda: store.asked == 16)
    worker.drain()
    await store.barrier.wait()
    await asyncio.wait_for(running, 30)
