"""While a queue has plenty, several receives go out at once, and one that fails spoils nothing of the others (JOB-2, QUE-6)."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import Broker, working

from academy.application.jobs.attempt import Work
from academy.application.ports.job_queue import Delivery, QueueUnavailable
from academy.contracts.base import Contract
from academy.infrastructure.memory.queue import MemoryJobQueue

pytestmark = pytest.mark.requirement("JOB-2", "QUE-6")
JOBS = 90


class Unsteady(Broker):
    """Brings ten at most, notes how many receives are under way together, and fails every third one."""

    def __init__(self, queue: MemoryJobQueue, fails: bool) -> None:
        super().__init__(queue)
        self._fails = fails
        self._number = 0
        self._under_way = 0
        self.together = 0

    @property
    def largest_receive(self) -> int:
        return 10

    async def receive(
        self,
        queue: str,
        max_messages: int,
        wait_seconds: float,
        visibility_seconds: int,
        *,
        also: Collection[str] = (),
    ) -> Sequence[Delivery]:
        self._number += 1
        number = self._number
        self._under_way += 1
        self.together = max(self.together, self._under_way)
        try:
            await asyncio.sleep(0.002)
            if self._fails and number % 3 == 0:
                raise QueueUnavailable("lost on the way")
            return await super().receive(queue, max_messages, wait_seconds, visibility_seconds, also=also)
        finally:
            self._under_way -= 1


@pytest.mark.parametrize("fails", [False, True])
async def test_every_job_runs_once_whatever_becomes_of_single_receives(world: World, fails: bool) -> None:
    for number in range(JOBS):
        world.submit(str(number))
    begun: Counter[str] = Counter()

    async def run(work: Work) -> Contract:
        begun[work.job.id] += 1
        return Result(text="")

    broker = Unsteady(world.queue, fails)
    worker = world.worker(run, consumer=broker, slots=40)
    while await world.relay().relay_once():
        continue
    async with working(worker):
        await until(lambda: len(begun) == JOBS)
        await until(worker.holdings.idle.is_set)
    assert set(begun.values()) == {1}
    assert max(broker.asked) <= 10
    assert broker.together > 1
