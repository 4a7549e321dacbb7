"""A job of seven seconds under a lease and a visibility timeout of two: it begins once, whatever the queue, also while draining."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from tests.integration.lifecycle.grounds import (
    ADAPTERS,
    happened,
    of_queue,
    prepare,
    queue_called,
    settings_on,
    submit_on,
)
from tests.support.standin.types import Numbered, standin_handlers, standin_types

from academy.application.jobs.rotation import PolledQueue
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.worker import worker_setup
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.interfaces.workers.runtime.role import worker_of
from academy.interfaces.workers.runtime.worker import Worker

QUEUES = ("memory", *ADAPTERS)
WAYS = ("undisturbed", "while draining")
Case = tuple[str, str]
JOB_SECONDS = 7.0
DRAINED_AFTER_SECONDS = 1.0
RUNS, TURN_SECONDS, HELD_UP_SECONDS = 3, 0.05, 0.6


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a long job: its row, its effects in order, and what is left in its queue."""

    job: Job
    effects: list[str]
    left: int


@asynccontextmanager
async def _two_processes(
    settings: dict[str, object], name: str, memory: bool
) -> AsyncIterator[tuple[Backends, Backends]]:
    """Open the adapters twice, as two processes have them; only a queue in memory has to be shared."""
    shared = MemoryJobQueue(SystemClock())
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_backends(of_queue(settings, name))) for _ in range(2)]
        one, two = (replace(each, queue=shared) if memory else each for each in opened)
        yield one, two


def _worker(backends: Backends) -> Worker:
    settings = backends.settings
    setup = worker_setup(
        backends,
        "standin",
        queues=[PolledQueue(settings.queue_messaging)],
        slots=2,
        types=standin_types(settings),
        handlers=standin_handlers(),
    )
    return worker_of(setup)


async def _run(settings: dict[str, object], way: str, *, memory: bool) -> Ran:
    name = "long-job"
    async with _two_processes(settings, name, memory) as (one, two), asyncio.TaskGroup() as group:
        await prepare(one, [queue_called(settings, name)])
        await submit_on(one, one.settings, name, Numbered(n=0, seconds=JOB_SECONDS))
        await outbox_relay(one).relay_once()
        first, idle = _worker(one), _worker(two)
        running = group.create_task(first.run())
        while not first.holdings.attempts:  # noqa: ASYNC110 - a claim has no event
            await asyncio.sleep(0.02)
        polling = group.create_task(idle.run())
        if way == "while draining":
            await asyncio.sleep(DRAINED_AFTER_SECONDS)
            first.drain()
        else:
            await first.holdings.idle.wait()
            first.drain()
        await running
        idle.drain()
        await polling
        depth = await one.queue.depth(queue_called(settings, name))
        job = await one.database.read(lambda tx: tx.jobs.get(name))
        assert job is not None
        effects = await one.database.read(lambda tx: happened(tx, name))
        return Ran(job, effects, depth.visible + depth.in_flight + depth.delayed)


class Machine:
    """Notices when it is so busy that no worker here can renew anything in time."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Measure how long a moment's sleep and a thread's turn take."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(TURN_SECONDS)
            await asyncio.to_thread(lambda: None)
            self.worst = max(self.worst, loop.time() - before)


async def _run_all(systems: dict[Case, dict[str, object]], machine: Machine) -> dict[Case, Ran]:
    """Run every queue both ways at the same time: it is the waiting that takes long."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        watching = group.create_task(machine.watch())
        running = {
            (queue, way): group.create_task(_run(settings, way, memory=queue == "memory"))
            for (queue, way), settings in systems.items()
        }
        await asyncio.wait(running.values())
        watching.cancel()
    return {case: task.result() for case, task in running.items()}


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[Case, Ran]:
    """Every long job of this module, run side by side."""
    for _ in range(RUNS):
        machine = Machine()
        with ExitStack() as stack:
            systems: dict[Case, dict[str, object]] = {}
            for queue, way in itertools.product(QUEUES, WAYS):
                folder = tmp_path_factory.mktemp(queue)
                adapter = "sqlite" if queue == "memory" else queue
                systems[queue, way] = stack.enter_context(settings_on(adapter, request, folder))
            ran = asyncio.run(_run_all(systems, machine))
        # What such a machine did with a lease of two seconds says nothing about us.
        if machine.worst < HELD_UP_SECONDS or all(each.job.token == 1 for each in ran.values()):
            break
    return ran


@pytest.mark.xdist_group("long jobs")
@pytest.mark.requirement("JOB-4", "JOB-12", "QUE-3")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("queue", QUEUES)
def test_a_job_longer_than_its_lease_begins_once(runs: dict[Case, Ran], queue: str, way: str) -> None:
    ran = runs[queue, way]
    assert (ran.job.state, ran.job.token, ran.job.attempt, ran.job.interruptions) == (
        JobState.SUCCEEDED,
        1,
        1,
        0,
    )
    assert ran.effects == ["started", "done"]
    assert ran.left == 0
