"""In-process handlers that misbehave: each costs an attempt of its own job, the worker goes on (JOB-3, JOB-5)."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue
from tests.support.jobs import Result, World, job_types, open_world, running_clock, until
from tests.support.running import left, working

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract
from academy.domain.job.job import Job
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState

ONCE = RetryPolicy(max_attempts=1)
Run = Callable[[Work], Awaitable[Contract | None]]


class Loose(Contract):
    """A result that can hold anything."""

    value: JsonValue


async def both(folder: Path, bad: Run) -> World:
    """Run a job with `bad`, then another one that is good; the second has succeeded when this returns."""

    async def run(work: Work) -> Contract | None:
        return await bad(work) if work.job.id == "job-bad" else Result(text="fine")

    async with open_world(folder, running_clock(), job_types(retry=ONCE)) as world:
        world.submit("bad")
        await world.relay().relay_once()
        async with working(world.worker(run, slots=1)):
            await until(lambda: world.job("job-bad").finished)
            world.submit("good")
            await world.relay().relay_once()
            await until(lambda: world.job("job-good").finished)
        assert world.job("job-good").state is JobState.SUCCEEDED
        assert (await left(world))[1] == 0
        return world


def apart(folder: Path, bad: Run) -> tuple[World | None, BaseException | None]:
    """The same on a loop in a thread, so that what breaks out of the loop breaks out of that alone."""
    ends: list[tuple[World | None, BaseException | None]] = []

    def main() -> None:
        try:
            ends.append((asyncio.run(both(folder, bad)), None))
        except BaseException as error:  # noqa: BLE001 - what gets out is what the test is about
            ends.append((None, error))

    thread = threading.Thread(target=main)
    thread.start()
    thread.join(30)
    return ends[0]


@pytest.mark.requirement("JOB-5")
@pytest.mark.parametrize(
    "kind",
    [
        SystemExit,
        KeyboardInterrupt,
        GeneratorExit,
        asyncio.CancelledError,
        StopIteration,
        MemoryError,
        RecursionError,
    ],
)
def test_no_exception_of_a_handler_ends_the_worker(tmp_path: Path, kind: type[BaseException]) -> None:
    async def bad(work: Work) -> Contract | None:
        raise kind

    _, escaped = apart(tmp_path, bad)
    assert escaped is None


def deep() -> JsonValue:
    value: JsonValue = 1
    for _ in range(100_000):
        value = [value]
    return value


ODD_RESULTS: dict[str, Callable[[], object]] = {
    "no contract": lambda: {"text": "a dict"},
    "no JSON": lambda: Loose.model_construct(value=object()),  # type: ignore[arg-type]
    "NaN": lambda: Loose(value=float("nan")),
    "deep": lambda: Loose.model_construct(value=deep()),
}


@pytest.mark.requirement("JOB-5")
@pytest.mark.parametrize("how", ODD_RESULTS)
async def test_a_result_that_is_none_costs_an_attempt(tmp_path: Path, how: str) -> None:
    async def bad(work: Work) -> Contract | None:
        return ODD_RESULTS[how]()  # type: ignore[return-value]

    world = await both(tmp_path, bad)
    with_job = await reopened(tmp_path, world)
    assert with_job.failure is not None
    assert (with_job.state, with_job.failure.code, with_job.attempt) == (JobState.DEAD, "internal_error", 1)


@pytest.mark.requirement("JOB-11")
async def test_a_result_too_large_for_a_row_ends_the_job(tmp_path: Path) -> None:
    async def bad(work: Work) -> Contract | None:
        return Result(text="x" * (300 << 10))

    job = await reopened(tmp_path, await both(tmp_path, bad))
    assert job.failure is not None
    assert (job.state, job.failure.code, job.result) == (JobState.FAILED, "result_too_large", None)


@pytest.mark.requirement("JOB-2")
@pytest.mark.parametrize("text", ["\x00", "\ud800", "￾", "\u2028 😀"])
async def test_odd_text_in_a_result_comes_back_as_it_was_or_fails(tmp_path: Path, text: str) -> None:
    async def bad(work: Work) -> Contract | None:
        return Result(text=text)

    job = await reopened(tmp_path, await both(tmp_path, bad))
    if job.state is JobState.SUCCEEDED:
        assert job.result == {"text": text, "number": 0.0}
    else:
        assert job.failure is not None
        assert job.failure.code == "internal_error"


async def reopened(folder: Path, world: World) -> Job:
    """Return the bad job, read by another process's view of the same file."""
    async with open_world(folder, running_clock(), world.types) as again:
        return again.job("job-bad")


@pytest.mark.requirement("JOB-4")
async def test_a_handler_that_blocked_the_loop_keeps_its_job_when_nobody_took_it(tmp_path: Path) -> None:
    async def bad(work: Work) -> Contract | None:
        time.sleep(1.5)  # noqa: ASYNC251 - that is the mistake
        await asyncio.sleep(0.1)
        return Result(text="late")

    async with open_world(tmp_path, running_clock()) as world:
        world.submit("bad")
        await world.relay().relay_once()
        async with working(world.worker(bad, lease=timedelta(seconds=1))):
            await until(lambda: world.job("job-bad").finished)
            # The message became visible meanwhile; its next delivery finds the job finished.
            async with asyncio.timeout(8):
                while await left(world) != (0, 0):  # noqa: ASYNC110 - a queue has no event
                    await asyncio.sleep(0.05)
        job = world.job("job-bad")
        assert (job.state, job.token, job.attempt, job.interruptions) == (JobState.SUCCEEDED, 1, 1, 0)


@pytest.mark.requirement("JOB-3")
async def test_a_handler_that_blocked_the_loop_too_long_changes_nothing_of_its_successors(
    tmp_path: Path,
) -> None:
    lease = timedelta(seconds=1)

    async with open_world(tmp_path, running_clock()) as world:

        async def bad(work: Work) -> Contract | None:
            time.sleep(1.2)  # noqa: ASYNC251 - that is the mistake
            world.database.run_sync(lambda tx: tx.jobs.claim([work.job.id], "w2", timedelta(minutes=5)))
            return Result(text="late")

        world.submit("bad")
        await world.relay().relay_once()
        worker = world.worker(bad, lease=lease)
        async with working(worker):
            await until(lambda: world.job("job-bad").token == 2)
            await until(lambda: not worker.holdings.attempts)
        job = world.job("job-bad")
        assert (job.state, job.worker, job.token, job.interruptions) == (JobState.RUNNING, "w2", 2, 1)
        assert job.result is None
        assert sum(await left(world)) == 1


@pytest.mark.requirement("JOB-12")
async def test_tasks_that_a_handler_leaves_behind_hold_up_nobody(tmp_path: Path) -> None:
    leaked: list[asyncio.Task[None]] = []

    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def breaks() -> None:
        await asyncio.sleep(0)
        raise LookupError("nobody awaits this")

    async def bad(work: Work) -> Contract | None:
        leaked.extend(asyncio.create_task(task) for task in (for_ever(), breaks()))
        return Result(text="fine")

    world = await both(tmp_path, bad)
    assert (await reopened(tmp_path, world)).state is JobState.SUCCEEDED
    leaked[0].cancel()
    await asyncio.wait(leaked)
    assert isinstance(leaked[1].exception(), LookupError)
