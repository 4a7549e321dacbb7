"""The relay stores large bodies together before it publishes a group (QUE-7)."""

import asyncio
from typing import Any, Never

import pytest
from tests.support.jobs import World

from academy.application.ports.object_store import ObjectStoreUnavailable

pytestmark = pytest.mark.requirement("QUE-7")


LARGE = 12


class Hanging:
    """A store that gives up on every body, and on none before all are asked for at the same time."""

    def __init__(self) -> None:
        self.barrier = asyncio.Barrier(LARGE)

    async def put(self, key: Any, data: Any, *, content_type: Any = "", spare: Any = False) -> Never:
        await self.barrier.wait()
        raise ObjectStoreUnavailable("S3 hangs")


async def test_small_messages_do_not_wait_for_a_store_that_hangs(world: World) -> None:
    for n in range(LARGE):
        world.submit(f"large{n}", data="x" * 250_000)
    world.submit("small")
    await asyncio.wait_for(world.relay(Hanging()).relay_once(), 30)
    assert len(await world.receive()) == 1
