"""The relay stores large bodies together before it publishes a group (QUE-7)."""

import asyncio
import time
from typing import Any, Never

import pytest
from tests.support.jobs import World

from academy.application.ports.object_store import ObjectStoreUnavailable

pytestmark = pytest.mark.requirement("QUE-7")


class Slow:
    async def put(self, key: Any, data: Any, *, content_type: Any = "", spare: Any = False) -> Never:
        await asyncio.sleep(0.4)
        raise ObjectStoreUnavailable("S3 hangs")


async def test_small_messages_do_not_wait_for_a_store_that_hangs(world: World) -> None:
    for n in range(12):
        world.submit(f"large{n}", data="x" * 250_000)
    world.submit("small")
    sending = asyncio.create_task(world.relay(Slow()).relay_once())
    began = time.monotonic()
    while not await world.receive():
        assert time.monotonic() - began < 2, (
            "the small message is still not published: n large ones x 120 s with S3"
        )
        await asyncio.sleep(0.02)
    await sending
