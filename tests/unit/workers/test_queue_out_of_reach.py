"""One queue out of reach (not made, forbidden, throttled) does not starve the other queues of a worker (QUE-4, QUE-6)."""

import pytest
from tests.support.jobs import QUEUE, Result, World, until
from tests.support.running import working

from academy.application.jobs.attempt import Work
from academy.application.jobs.rotation import PolledQueue
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("QUE-4", "QUE-6")


async def test_a_queue_that_fails_does_not_starve_the_others(world: World) -> None:
    async def run(work: Work) -> Contract:
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, queues=(PolledQueue("not-there", 3), PolledQueue(QUEUE, 1)))
    async with working(worker):
        await until(lambda: world.job("job-a").finished, 6)
