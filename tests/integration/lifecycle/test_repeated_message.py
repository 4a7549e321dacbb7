"""A message delivered twice while its job runs long: the second one waits without using itself up."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.jobs import LEASE, QUEUE, World, open_world
from tests.support.running import reasons

from academy.application.ports.database import Lease

STEP_SECONDS = 30


async def _hold_for(world: World, seconds: int) -> None:
    """Let one worker keep the job for so long, with heartbeats, and another one meet its repeated message."""
    admission = await world.intake("w1").admit(await world.receive(1))
    (claimed,) = admission.claimed
    await world.publish(claimed.delivery.body)
    lease, other = Lease(claimed.job.id, claimed.job.token), world.intake("w2")
    for _ in range(seconds // STEP_SECONDS):
        world.manual.advance(STEP_SECONDS)
        world.database.run_sync(lambda tx: tx.jobs.renew([lease], LEASE))
        await world.queue.extend([claimed.delivery.receipt], int(LEASE.total_seconds()))
        met = await world.receive()
        for delivery, wait in (await other.admit(met)).held if met else ():
            await world.queue.extend([delivery.receipt], wait)


@pytest.mark.requirement("JOB-2", "JOB-3", "QUE-1")
@pytest.mark.parametrize("running", [timedelta(minutes=10), timedelta(hours=3)])
async def test_a_repeated_message_of_a_running_job_is_no_dead_letter(
    tmp_path: Path, running: timedelta
) -> None:
    async with open_world(tmp_path) as world:
        world.submit("a")
        await world.relay().relay_once()
        await _hold_for(world, int(running.total_seconds()))
        assert await reasons(world) == []
        depth = await world.queue.depth(QUEUE)
        assert depth.visible + depth.in_flight == 2
