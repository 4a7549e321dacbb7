"""Claim-checked bodies are fetched together: a slow store holds up neither the batch nor a drain once for every body (QUE-7)."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any, Never

import pytest
from tests.support.jobs import Result, World, until

from academy.application.jobs.attempt import Work
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("QUE-7")


class Slow:
    async def get(self, key: Any, *, max_bytes: Any) -> Never:
        await asyncio.sleep(0.4)  # stands for request_seconds=120
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
    worker.parts.intake._claims = Slow()
    began = time.monotonic()
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.holdings.taken >= 16)
    try:
        await until(lambda: world.job("job-small").finished, 30)
        took = time.monotonic() - began
    finally:
        worker.drain()
        await running
    assert took < 2.5, f"a job with a small body waited {took:.1f} s for 15 bodies of others"


async def test_drain_does_not_wait_for_every_body(world: World) -> None:
    async def run(work: Work) -> Contract:
        return Result(text="")

    await world.publish(*(check(n) for n in range(16)))
    worker = world.worker(run, slots=16, drain=timedelta(seconds=1), stop_grace=timedelta(seconds=1))
    worker.parts.intake._claims = Slow()
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.holdings.taken >= 16)
    began = time.monotonic()
    worker.drain()
    await running
    took = time.monotonic() - began
    assert took < 3, f"drain of 1 s took {took:.1f} s (n bodies x 120 s with S3)"
