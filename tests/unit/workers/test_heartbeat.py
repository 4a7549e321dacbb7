"""Work that lasts keeps its lease and its message, also while draining (JOB-4); what lost them changes nothing (JOB-3)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import QUEUE, Result, World, until
from tests.support.running import UNAVAILABLE, Broker, left, switchable, working

from academy.application.jobs.attempt import Work
from academy.application.jobs.submit import announce
from academy.contracts.base import Contract
from academy.domain.job.states import JobState

SHORT = timedelta(seconds=2)


@pytest.mark.requirement("JOB-4")
@pytest.mark.parametrize("draining", [False, True])
async def test_a_job_longer_than_lease_and_visibility_starts_once(world: World, draining: bool) -> None:
    starts: list[str] = []

    async def run(work: Work) -> Contract:
        starts.append(work.job.id)
        await asyncio.sleep(7)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    # Two of them: what one lets go the other would take.
    pair = [world.worker(run, name, lease=SHORT, drain=timedelta(seconds=15)) for name in ("w1", "w2")]
    async with working(*pair):
        await until(lambda: len(starts) == 1)
        if draining:
            next(worker for worker in pair if worker.holdings.attempts).drain()
        await until(lambda: world.job("job-a").finished, 9)
    job = world.job("job-a")
    assert (job.state, job.token, job.attempt, job.interruptions) == (JobState.SUCCEEDED, 1, 1, 0)
    assert starts == ["job-a"]
    assert await left(world) == (0, 0)


@pytest.mark.requirement("JOB-4")
async def test_a_short_outage_of_the_heartbeat_does_no_harm(world: World) -> None:
    broker = Broker(world.queue)
    database = switchable(world)
    starts: list[str] = []

    async def run(work: Work) -> Contract:
        starts.append(work.job.id)
        await asyncio.sleep(3)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run, consumer=broker, lease=SHORT)):
        await until(lambda: len(starts) == 1)
        broker.fail["extend"] = UNAVAILABLE
        database.away = True
        await until(lambda: world.telemetry.counts.get("academy_heartbeat_failures_total", 0) >= 2)
        del broker.fail["extend"]
        database.away = False
        await until(lambda: world.job("job-a").finished)
    assert (starts, world.job("job-a").token) == (["job-a"], 1)


@pytest.mark.requirement("JOB-3")
async def test_a_worker_that_lost_its_lease_stops_and_changes_nothing(world: World) -> None:
    stopped = asyncio.Event()

    async def run(work: Work) -> Contract:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, lease=timedelta(seconds=1))
    async with working(worker):
        await until(lambda: bool(worker.holdings.attempts))
        world.database.run_sync(lambda tx: tx.jobs.postpone(["job-a"], timedelta(hours=1)))
        world.database.run_sync(lambda tx: tx.jobs.claim(["job-a"], "thief", timedelta(hours=1)))
        await asyncio.wait_for(stopped.wait(), 5)
        await until(lambda: not worker.holdings.attempts)
    job = world.job("job-a")
    assert (job.state, job.worker, job.token) == (JobState.RUNNING, "thief", 3)
    assert world.telemetry.counts["academy_leases_lost_total"] == 1
    # The message was not acked: losing the claim never acks.
    assert sum(await left(world)) == 1


@pytest.mark.requirement("JOB-3")
async def test_the_zombie_of_a_job_that_this_worker_took_over_itself_is_stopped(world: World) -> None:
    running: list[int] = []
    stopped: list[int] = []
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        running.append(work.job.token)
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            stopped.append(work.job.token)
            raise
        return Result(text=f"token {work.job.token}")

    job = world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, lease=timedelta(seconds=1))
    async with working(worker):
        await until(lambda: running == [1])
        world.database.run_sync(lambda tx: tx.jobs.postpone([job.id], timedelta(hours=1)))
        pending = world.job(job.id)
        world.database.run_sync(lambda tx: tx.outbox.add([announce(pending)]))
        await world.relay().relay_once()
        await until(lambda: running == [1, 3])
        await until(lambda: stopped == [1])
        go_on.set()
        await until(lambda: world.job(job.id).finished)
    assert world.job(job.id).result == {"text": "token 3", "number": 0.0}
    assert stopped == [1]


@pytest.mark.requirement("JOB-4")
async def test_messages_are_kept_from_receipt_on(world: World) -> None:
    broker = Broker(world.queue)
    database = switchable(world)
    slow = asyncio.Event()

    class Slow(type(world.intake())):  # type: ignore[misc]
        async def admit(self, deliveries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            await slow.wait()
            return await super().admit(deliveries)

    async def run(work: Work) -> Contract:
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, consumer=broker, lease=timedelta(seconds=1))
    worker.parts.intake.__class__ = Slow
    assert not database.away
    async with working(worker):
        await until(lambda: bool(worker.holdings.receipts))
        # Twice as long as the visibility timeout, and nobody else gets it.
        for _ in range(20):
            await asyncio.sleep(0.1)
            assert not await world.queue.receive(QUEUE, 1, 0, 1)
        slow.set()
        await until(lambda: world.job("job-a").finished)
