"""SIGTERM: nothing more is received, what runs ends or is given back, no receive is broken off (JOB-12)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import QUEUE, Result, World, until
from tests.support.running import Broker, left, working

from academy.application.jobs.attempt import HandlerStuck, Work
from academy.contracts.base import Contract
from academy.domain.job.states import EndReason, JobState


async def drained(running: "asyncio.Task[None]", seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        await running


@pytest.mark.requirement("JOB-12")
async def test_running_jobs_may_end_within_the_grace(world: World) -> None:
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go_on.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, drain=timedelta(seconds=30))
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(worker.holdings.attempts))
    worker.drain()
    worker.drain()
    world.submit("late")
    await world.relay().relay_once()
    await asyncio.sleep(0.3)
    assert not running.done()
    assert worker.health.alive()
    go_on.set()
    await drained(running)
    assert world.job("job-a").state is JobState.SUCCEEDED
    assert world.job("job-late").state is JobState.PENDING
    assert await left(world) == (1, 0)


@pytest.mark.requirement("JOB-12", "JOB-5")
async def test_after_the_grace_a_job_is_given_back_without_costing_an_attempt(world: World) -> None:
    cleaned = asyncio.Event()

    async def run(work: Work) -> Contract:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            cleaned.set()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, drain=timedelta(seconds=0.2))
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(worker.holdings.attempts))
    worker.drain()
    await drained(running)
    job = world.job("job-a")
    assert (job.state, job.attempt, job.interruptions) == (JobState.PENDING, 0, 1)
    assert job.end_reason is EndReason.INTERRUPTED
    assert cleaned.is_set()
    # The old message is acked, a fresh one waits in the outbox: the broker's receives are not used up.
    assert await left(world) == (0, 0)
    assert await world.relay().relay_once() == 1
    (delivery,) = await world.receive()
    assert delivery.receive_count == 1


@pytest.mark.requirement("JOB-12")
async def test_a_receive_is_never_broken_off_and_what_it_brings_is_given_back(world: World) -> None:
    broker = Broker(world.queue)

    async def run(work: Work) -> Contract:
        raise AssertionError("began while draining")

    worker = world.worker(run, consumer=broker, receive_wait=5.0)
    running = asyncio.create_task(worker.run())
    await until(lambda: broker.receiving == 1)
    worker.drain()
    await asyncio.sleep(0.1)
    assert broker.receiving == 1
    world.submit("a")
    await world.relay().relay_once()
    await drained(running)
    assert broker.cancelled == 0
    assert "give_back" in broker.calls
    assert world.job("job-a").state is JobState.PENDING
    (delivery,) = await world.receive()
    assert delivery.receive_count == 2


@pytest.mark.requirement("JOB-12")
async def test_the_grace_holds_for_jobs_that_were_being_claimed_when_it_began(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    stopped = asyncio.Event()

    class Slow(type(world.intake())):  # type: ignore[misc]
        async def admit(self, deliveries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            begun.set()
            await go_on.wait()
            return await super().admit(deliveries)

    async def run(work: Work) -> Contract:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, drain=timedelta(seconds=0.3))
    worker.parts.intake.__class__ = Slow
    running = asyncio.create_task(worker.run())
    await begun.wait()
    worker.drain()
    await asyncio.sleep(0.05)
    go_on.set()
    await drained(running)
    assert stopped.is_set()
    assert world.job("job-a").state is JobState.PENDING


@pytest.mark.requirement("JOB-12")
async def test_an_idle_worker_drains_at_once_and_receives_no_more(world: World) -> None:
    broker = Broker(world.queue)

    async def run(work: Work) -> Contract:
        raise AssertionError

    worker = world.worker(run, consumer=broker, receive_wait=0.05)
    running = asyncio.create_task(worker.run())
    await until(lambda: broker.calls.count("receive") >= 2)
    worker.drain()
    await drained(running, 2)
    before = broker.calls.count("receive")
    await asyncio.sleep(0.1)
    assert broker.calls.count("receive") == before


@pytest.mark.requirement("JOB-12")
async def test_a_worker_told_to_drain_before_it_began_receives_nothing(world: World) -> None:
    broker = Broker(world.queue)

    async def run(work: Work) -> Contract:
        raise AssertionError

    worker = world.worker(run, consumer=broker)
    worker.drain()
    await drained(asyncio.create_task(worker.run()), 2)
    assert broker.calls == []


@pytest.mark.requirement("JOB-12", "JOB-8")
async def test_a_handler_that_will_not_stop_ends_the_worker_loudly(world: World) -> None:
    release = asyncio.Event()
    handlers: list[asyncio.Task[object] | None] = []

    async def deaf(work: Work) -> Contract:
        handlers.append(asyncio.current_task())
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(
        deaf, drain=timedelta(seconds=0.1), stop_grace=timedelta(seconds=0.1), watch_interval=0.02
    )
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(handlers))
    worker.drain()
    with pytest.raises(ExceptionGroup) as group:
        await drained(running)
    assert group.group_contains(HandlerStuck)
    # The job keeps its lease; when that runs out another worker takes over.
    assert world.job("job-a").state is JobState.RUNNING
    release.set()
    await asyncio.gather(*(task for task in handlers if task))


@pytest.mark.requirement("JOB-4")
async def test_a_side_task_that_dies_takes_the_worker_down_loudly(world: World) -> None:
    broker = Broker(world.queue)
    cleaned = asyncio.Event()

    async def run(work: Work) -> Contract:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, consumer=broker, lease=timedelta(seconds=1))
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(worker.holdings.attempts))
    broker.fail["extend"] = ZeroDivisionError("a bug in the heartbeat")
    with pytest.raises(ExceptionGroup) as group:
        await drained(running)
    assert group.group_contains(ZeroDivisionError)
    assert cleaned.is_set()
    assert broker.receiving == 0
    assert broker.cancelled == 0


@pytest.mark.requirement("JOB-12")
async def test_many_workers_drained_one_after_another_lose_nothing(world: World) -> None:
    counts: dict[str, int] = {}

    async def run(work: Work) -> Contract:
        await asyncio.sleep(0.05)
        counts[work.job.id] = counts.get(work.job.id, 0) + 1
        return Result(text="")

    for n in range(30):
        world.submit(str(n))
    await world.relay().relay_once()
    for n in range(3):
        async with working(world.worker(run, f"w{n}", receive_wait=0.05)):
            await asyncio.sleep(0.12)
    async with working(world.worker(run, "last", slots=10)):
        await until(lambda: all(world.job(f"job-{n}").finished for n in range(30)))
    assert counts == {f"job-{n}": 1 for n in range(30)}
    assert (await world.queue.depth(QUEUE)).in_flight == 0
