"""Several workers, failures, duplicates and takeovers: every effect exactly once (JOB-3)."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.jobs import RecordedEffects, Result, World, job_types, open_world, running_clock, until
from tests.support.running import left, relaying, working

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.submit import announce
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState

JOBS = 300
LATER = Failure("later", "Try later.", retryable=True)


class Ledger(RecordedEffects):
    """Every job that succeeds is booked once; a second booking raises."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        super().settled(tx, job, end)
        if end.state is JobState.SUCCEEDED:
            assert tx.tenants.get(f"booked:{job.id}") is None
            tx.tenants.add(f"booked:{job.id}", f"booked:{job.id}", "")


async def disturb(world: World, dice: random.Random, stop: asyncio.Event) -> None:
    """Send copies of messages and let leases run out under running jobs."""
    while not stop.is_set():
        job = world.job(f"job-{dice.randrange(JOBS)}")
        await asyncio.sleep(0.005)
        if dice.random() < 0.5:
            await world.publish(announce(job).body)
        elif job.state is JobState.RUNNING:
            await world.database.run(lambda tx, j=job: tx.jobs.postpone([j.id], timedelta(seconds=0)))  # type: ignore[misc]
            pending = world.job(job.id)
            if pending.state is JobState.PENDING:
                await world.database.run(lambda tx, j=pending: tx.outbox.add([announce(j)]))  # type: ignore[misc]


@pytest.mark.slow
@pytest.mark.requirement("JOB-3")
@pytest.mark.parametrize("seed", [1])
async def test_300_jobs_with_failures_duplicates_and_takeovers_are_done_once(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    retry = RetryPolicy(max_attempts=50, max_interruptions=100, base=timedelta(milliseconds=10))
    running: dict[str, int] = {}

    async def run(work: Work) -> Contract:
        running[work.job.id] = running.get(work.job.id, 0) + 1
        await asyncio.sleep(dice.random() * 0.05)
        chance = dice.random()
        if chance < 0.15:
            raise WorkFailed(LATER)
        if chance < 0.25:
            raise OSError("crash")
        return Result(text=f"{work.job.token}")

    types = job_types(effects=Ledger(), retry=retry)
    async with open_world(tmp_path, running_clock(), types, max_receives=1000) as world:
        for n in range(JOBS):
            world.submit(str(n))
        workers = [world.worker(run, f"w{n}", slots=10, lease=timedelta(seconds=1)) for n in range(3)]
        stop = asyncio.Event()
        async with relaying(world), working(*workers):
            trouble = asyncio.create_task(disturb(world, dice, stop))
            await until(lambda: _succeeded(world) == JOBS, 60)
            stop.set()
            await trouble
        assert all(world.did(f"booked:job-{n}") for n in range(JOBS))
        # The result that stands is the one of the token that stands.
        for n in range(JOBS):
            job = world.job(f"job-{n}")
            assert job.result == {"text": f"{job.token}", "number": 0.0}
        assert sum(running.values()) > JOBS
        assert not any(worker.holdings.attempts or worker.holdings.receipts for worker in workers)
        assert (await left(world))[1] <= 30


def _succeeded(world: World) -> int:
    counts = world.database.read_sync(lambda tx: tx.jobs.count_by_state())
    return sum(count for (_, state), count in counts.items() if state is JobState.SUCCEEDED)
