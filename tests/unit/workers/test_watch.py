"""Cancel requests, stalls and progress (JOB-4, JOB-8, JOB-9)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.support.jobs import Result, World, job_types, until
from tests.support.running import left, switchable, working

from academy.application.jobs.attempt import Work
from academy.application.jobs.submit import cancel
from academy.application.ports.progress import ProgressUpdate
from academy.contracts.base import Contract
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState
from academy.infrastructure.memory.progress import MemoryProgressStore


class Noted(MemoryProgressStore):
    """Remembers every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[list[ProgressUpdate]] = []
        self.times: list[float] = []
        self.hang = False

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        if self.hang:
            await asyncio.Event().wait()
        await super().write(updates)
        self.writes.append(list(updates))
        self.times.append(asyncio.get_running_loop().time())


def ask_to_stop(world: World, job_id: str) -> None:
    world.database.run_sync(lambda tx: cancel(tx, world.types, job_id))


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("hanging_progress", [False, True])
async def test_a_running_job_stops_soon_after_it_is_cancelled(world: World, hanging_progress: bool) -> None:
    cleaned = asyncio.Event()
    progress = Noted()
    progress.hang = hanging_progress

    async def run(work: Work) -> Contract:
        work.report("first", 0.5)
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run, progress=progress)
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(worker.holdings.attempts) and worker.holdings.attempts[0].progress is not None)
    await asyncio.sleep(0.1)
    ask_to_stop(world, "job-a")
    await until(lambda: world.job("job-a").finished, 3)
    assert cleaned.is_set()
    job = world.job("job-a")
    assert (job.state, job.end_reason) == (JobState.CANCELLED, EndReason.CANCELLED)
    await until(lambda: not worker.holdings.receipts)
    assert await left(world) == (0, 0)
    progress.hang = False
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.requirement("JOB-8")
async def test_a_job_cancelled_before_it_ran_never_runs(world: World) -> None:
    async def run(work: Work) -> Contract:
        raise AssertionError("began")

    world.submit("a")
    await world.relay().relay_once()
    ask_to_stop(world, "job-a")
    async with working(world.worker(run)):
        async with asyncio.timeout(5):
            while sum(await left(world)):  # noqa: ASYNC110 - the queue has no event
                await asyncio.sleep(0.01)
    assert world.job("job-a").state is JobState.CANCELLED


@pytest.mark.requirement("JOB-4")
async def test_work_that_hangs_is_stopped_and_tried_again(world: World) -> None:
    world.types = job_types(stall_limit=timedelta(seconds=0.2))

    async def run(work: Work) -> Contract:
        work.report("first", 0.5)
        while True:
            await asyncio.sleep(0.02)
            # Busy with nothing: the same report again and again.
            work.report("first", 0.5)

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run)):
        await until(lambda: world.job("job-a").state is JobState.RETRY_WAIT)
    job = world.job("job-a")
    assert job.failure is not None
    assert (job.end_reason, job.failure.code, job.attempt) == (EndReason.TIMEOUT, "stalled", 1)


@pytest.mark.requirement("JOB-4")
async def test_slow_work_that_makes_headway_is_left_alone(world: World) -> None:
    world.types = job_types(stall_limit=timedelta(seconds=0.4))

    async def run(work: Work) -> Contract:
        for n in range(10):
            await asyncio.sleep(0.1)
            work.report("first", n / 10)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run)):
        await until(lambda: world.job("job-a").finished)
    assert world.job("job-a").state is JobState.SUCCEEDED


@pytest.mark.requirement("JOB-9")
async def test_progress_is_written_once_an_interval_and_never_falls(world: World) -> None:
    progress = Noted()

    async def run(work: Work) -> Contract:
        for n in range(400):
            work.report("second", (n if n % 10 else n / 2) / 400)
            await asyncio.sleep(0.004)
        return Result(text="")

    for name in ("a", "b", "c"):
        world.submit(name)
    await world.relay().relay_once()
    async with working(world.worker(run, progress=progress, watch_interval=0.25)):
        await until(lambda: all(world.job(f"job-{name}").finished for name in "abc"))
    assert len(progress.writes) >= 3
    gaps = [later - earlier for earlier, later in zip(progress.times, progress.times[1:], strict=False)]
    assert min(gaps) >= 0.24
    # One write for all jobs.
    assert max(len(write) for write in progress.writes) == 3
    for name in "abc":
        percents = [
            u.progress.percent for write in progress.writes for u in write if u.job_id == f"job-{name}"
        ]
        assert percents == sorted(percents)
        assert len(set(percents)) == len(percents)


@pytest.mark.requirement("JOB-9")
async def test_nothing_is_left_of_the_progress_of_a_job_that_ended(world: World) -> None:
    async def run(work: Work) -> Contract:
        work.report("second", 0.5)
        await asyncio.sleep(0.15)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    async with working(worker):
        await until(lambda: bool(world.progress._latest))
        await until(lambda: world.job("job-a").finished)
    assert await world.progress.read(["job-a"]) == {}


@pytest.mark.requirement("JOB-9")
async def test_a_progress_store_that_is_away_hinders_nobody(world: World) -> None:
    world.progress.available = False

    async def run(work: Work) -> Contract:
        for n in range(10):
            work.report("second", n / 10)
            await asyncio.sleep(0.02)
        return Result(text="")

    world.submit("a")
    world.submit("b")
    await world.relay().relay_once()
    async with working(world.worker(run)):
        await until(lambda: all(world.job(f"job-{name}").finished for name in "ab"))
        assert world.telemetry.counts["academy_progress_failures_total"] >= 1
        world.progress.available = True
    assert world.job("job-a").state is JobState.SUCCEEDED


@pytest.mark.requirement("JOB-9", "JOB-3")
async def test_an_older_attempt_never_overwrites_a_newer_ones_progress(world: World) -> None:
    def at(percent: float) -> Progress:
        return Progress("second", 2, 2, percent)

    await world.progress.write([ProgressUpdate("j", 2, at(10.0))])
    await world.progress.write([ProgressUpdate("j", 1, at(90.0))])
    assert (await world.progress.read(["j"]))["j"].percent == 10.0


@pytest.mark.requirement("JOB-8", "QUE-6")
async def test_a_cancel_request_is_seen_after_an_outage_of_the_database(world: World) -> None:
    database = switchable(world)

    async def run(work: Work) -> Contract:
        await asyncio.Event().wait()
        raise AssertionError

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    async with working(worker):
        await until(lambda: bool(worker.holdings.attempts))
        ask_to_stop(world, "job-a")
        database.away = True
        await until(lambda: database.refused >= 3)
        database.away = False
        await until(lambda: world.job("job-a").finished)
    assert world.job("job-a").state is JobState.CANCELLED
