"""An outage is waited out, told to health and metrics, and costs nothing (QUE-6)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import QUEUE, RecordedEffects, Result, World, job_types, until
from tests.support.running import Broker, left, reasons, switchable, working

from academy.application.jobs.attempt import Work
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.base import Contract
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.infrastructure.memory.clock import ManualClock
from academy.interfaces.workers.runtime.backoff import Backoff
from academy.interfaces.workers.runtime.health import Health


async def done(work: Work) -> Contract:
    return Result(text=work.job.id)


@pytest.mark.requirement("QUE-6")
async def test_an_outage_of_the_queue_is_waited_out(world: World) -> None:
    broker = Broker(world.queue)
    world.submit("a")
    await world.relay().relay_once()
    world.queue.available = False
    async with working(world.worker(done, consumer=broker)):
        await until(lambda: world.telemetry.counts.get("academy_poll_failures_total", 0) >= 2)
        # Not hammered: a handful of tries, further and further apart.
        assert broker.calls.count("receive") < 10
        world.queue.available = True
        await until(lambda: world.job("job-a").finished)
    assert await left(world) == (0, 0)


@pytest.mark.requirement("QUE-6")
async def test_an_outage_of_the_database_uses_up_no_receives(world: World) -> None:
    broker = Broker(world.queue)
    database = switchable(world)
    for n in range(6):
        world.submit(str(n))
    await world.relay().relay_once()
    database.away = True
    async with working(world.worker(done, consumer=broker, slots=2)):
        await until(lambda: world.telemetry.counts.get("academy_poll_failures_total", 0) >= 4)
        assert broker.calls.count("receive") == 1
        database.away = False
        await until(lambda: all(world.job(f"job-{n}").finished for n in range(6)), 15)
    assert await reasons(world) == []
    assert await left(world) == (0, 0)


@pytest.mark.requirement("QUE-6", "JOB-2")
async def test_a_result_waits_for_the_database_to_come_back(world: World) -> None:
    database = switchable(world)
    starts: list[str] = []
    ended = asyncio.Event()

    async def run(work: Work) -> Contract:
        starts.append(work.job.id)
        database.away = True
        ended.set()
        return Result(text="kept")

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run, lease=timedelta(seconds=30))):
        await ended.wait()
        await until(lambda: database.refused >= 3)
        database.away = False
        await until(lambda: world.job("job-a").finished, 15)
    assert world.job("job-a").result == {"text": "kept", "number": 0.0}
    assert starts == ["job-a"]


@pytest.mark.requirement("QUE-6")
async def test_health_tells_of_an_outage_and_of_its_end() -> None:
    clock = ManualClock()
    health = Health(clock, timedelta(seconds=120))
    clock.advance(119)
    assert health.alive()
    clock.advance(1)
    assert not health.alive()
    health.polled()
    assert health.alive()
    clock.advance(500)
    assert not health.alive()
    health.busy = True
    assert health.alive()


@pytest.mark.requirement("QUE-6")
@pytest.mark.parametrize("what", ["queue", "database"])
async def test_a_worker_that_cannot_poll_is_not_healthy(world: World, what: str) -> None:
    database = switchable(world)
    clock = ManualClock()
    worker = world.worker(done)
    worker.health._clock = clock
    worker.health.polled()
    world.submit("a")
    await world.relay().relay_once()
    database.away = what == "database"
    world.queue.available = what != "queue"
    async with working(worker):
        await until(lambda: world.telemetry.counts.get("academy_poll_failures_total", 0) >= 1)
        clock.advance(1000)
        assert not worker.health.alive()
        database.away, world.queue.available = False, True
        await until(worker.health.alive, 15)
        await until(lambda: world.job("job-a").finished, 15)


@pytest.mark.requirement("QUE-6")
async def test_waits_grow_stay_within_their_ceiling_and_end_when_draining() -> None:
    stop = asyncio.Event()
    stop.set()
    backoff = Backoff(base=3600, ceiling=7200)
    async with asyncio.timeout(2):
        for _ in range(100):
            await backoff.wait(stop)
    assert backoff.failures == 100
    backoff.succeeded()
    assert backoff.failures == 0
    async with asyncio.timeout(2):
        await Backoff(base=0.001, ceiling=0.01).wait()


class BreaksForOne(RecordedEffects):
    """The effects of one job cannot be written."""

    always = False

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        if job.id == "job-bad" and (self.always or end.state is JobState.SUCCEEDED):
            raise RuntimeError("nobody foresaw this")
        super().settled(tx, job, end)


@pytest.mark.requirement("JOB-2", "JOB-5")
@pytest.mark.parametrize("always", [False, True])
async def test_an_end_that_cannot_be_written_takes_no_other_job_with_it(world: World, always: bool) -> None:
    effects = BreaksForOne()
    effects.always = always
    world.types = job_types(effects=effects)
    together = asyncio.Event()
    ready: list[str] = []

    async def run(work: Work) -> Contract:
        ready.append(work.job.id)
        if len(ready) == 4:
            together.set()
        await together.wait()
        return Result(text="")

    for name in ("x", "bad", "y", "z"):
        world.submit(name)
    await world.relay().relay_once()
    worker = world.worker(run, lease=timedelta(seconds=60))
    async with working(worker):
        await until(lambda: all(world.job(f"job-{name}").finished for name in "xyz"))
        await until(lambda: not worker.holdings.attempts)
        bad = world.job("job-bad")
        if always:
            # Left to its lease: not acked, not lost.
            assert bad.state is JobState.RUNNING
            assert await left(world) == (0, 1)
        else:
            assert bad.failure is not None
            assert (bad.state, bad.failure.code) == (JobState.RETRY_WAIT, "internal_error")
        # The worker goes on.
        world.submit("later")
        await world.relay().relay_once()
        await until(lambda: world.job("job-later").finished)
    assert (await world.queue.depth(QUEUE)).visible == 0
