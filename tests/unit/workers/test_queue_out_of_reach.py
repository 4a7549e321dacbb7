"""One queue out of reach (not made, forbidden, throttled) does not starve the other queues of a worker (QUE-4, QUE-6)."""

import pytest
from tests.support.jobs import QUEUE, Result, World, until
from tests.support.running import working

from academy.application.jobs.attempt import Work
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.rotation import PolledQueue
from academy.contracts.base import Contract
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.queue import MemoryJobQueue

pytestmark = pytest.mark.requirement("QUE-4", "QUE-6")


async def test_a_queue_that_fails_does_not_starve_the_others(world: World) -> None:
    async def run(work: Work) -> Contract:
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, queues=(PolledQueue("not-there", 3), PolledQueue(QUEUE, 1)))
    async with working(worker):
        await until(lambda: world.job("job-a").finished, 6)


async def test_the_log_says_how_a_queue_that_was_forgotten_is_made(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(_work: Work) -> Contract:
        return Result(text="")

    worker = world.worker(run, queues=(PolledQueue("not-there", 1),))
    async with working(worker):
        await until(lambda: "poll_failed" in caplog.messages, 6)
    world.submit("a")
    relay = OutboxRelay(world.database, MemoryJobQueue(SystemClock()), world.telemetry)
    assert await relay.relay_once() == 1
    told = [record for record in caplog.records if record.message in {"poll_failed", "publish_failed"}]
    assert {record.message for record in told} == {"poll_failed", "publish_failed"}
    for record in told:
        assert "`academy queues create`" in record.__dict__["mend"]
