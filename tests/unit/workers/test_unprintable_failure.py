"""A failure's text with NUL or half a surrogate (a file name, a tool's words) reaches the dead-letter queue readable (QUE-5)."""

import asyncio
from typing import Any, Never

import pytest
from tests.support.jobs import QUEUE, World, job_types, until

from academy.application.errors import WorkFailed
from academy.application.ports.job_queue import QueueSettings
from academy.domain.failures import Failure
from academy.domain.job.retry import RetryPolicy
from academy.infrastructure.sql.queue import SqlJobQueue

pytestmark = pytest.mark.requirement("QUE-5")


async def test_the_worker_survives(world: World) -> None:
    queue = SqlJobQueue(world.database._connections)
    await queue.create([QueueSettings(QUEUE)])
    world.queue = queue
    world.types = job_types(retry=RetryPolicy(max_attempts=1))

    async def run(work: Any) -> Never:
        raise WorkFailed(Failure("unreadable", "cannot read 'caf\udce9.mp4'", retryable=True))

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    running = asyncio.create_task(worker.run())
    await until(lambda: world.job("job-a").finished)
    await asyncio.sleep(0.3)
    worker.drain()
    await running  # raises what took it down
