"""A database that reads but cannot write, as on a full disk, counts as away: no message uses up its receives (QUE-6)."""

import asyncio
import resource
from pathlib import Path
from typing import Any

import pytest
from tests.support.jobs import Result, open_world, running_clock
from tests.support.running import Broker, reasons

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("QUE-6")


class Quick(Broker):
    """Gives back for 0 s where the poller says 5, to save time."""

    async def extend(self, receipts: Any, visibility_seconds: Any) -> Any:
        return await super().extend(receipts, 0 if visibility_seconds == 5 else visibility_seconds)


async def test_a_full_disk_uses_up_no_receives(tmp_path: Path) -> None:
    async with open_world(tmp_path, running_clock(), max_receives=4) as world:

        async def run(work: Work) -> Contract:
            return Result(text="")

        broker = Quick(world.queue)
        for n in range(5):
            world.submit(str(n))
        await world.relay().relay_once()
        worker = world.worker(run, consumer=broker, slots=5)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        wal = (tmp_path / "academy.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal, hard))  # the log cannot grow: a full disk
        running = asyncio.create_task(worker.run())
        try:
            await asyncio.sleep(5)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        failed = world.telemetry.counts.get("academy_poll_failures_total", 0)
        await asyncio.sleep(0.5)
        dead = await reasons(world)
        worker.drain()
        async with asyncio.timeout(20):
            await asyncio.gather(running, return_exceptions=True)
        assert running.exception() is None, running.exception()
        assert failed >= 1
        assert dead == []
        assert broker.calls.count("receive") <= 2 or not dead
