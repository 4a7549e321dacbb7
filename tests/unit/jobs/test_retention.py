"""Finished jobs, kept answers and silent workers go when they are old; what waits or runs never does (OPS-5)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import LEASE, World, until
from tests.support.running import switchable

from academy.application.jobs.retention import Retention, Trimmed
from academy.application.ports.database import DatabaseUnavailable, Lease, Settlement, StoredResponse
from academy.application.ports.workers import WorkerBeat
from academy.domain.job.states import JobState

pytestmark = pytest.mark.requirement("OPS-5")
AGE = timedelta(days=90)


def finish(world: World, name: str) -> None:
    job = world.submit(name)
    (claimed,) = world.database.run_sync(lambda tx: tx.jobs.claim([job.id], "w1", LEASE)).values()
    end = Settlement(Lease(job.id, claimed.token), JobState.SUCCEEDED, result={})
    world.database.run_sync(lambda tx: tx.jobs.settle([end]))


def fill(world: World) -> None:
    """Put five finished jobs, one that waits, an answer and a worker into the past, and a finished job into the present."""
    for name in "abcde":
        finish(world, name)
    world.submit("waiting")
    world.database.run_sync(lambda tx: tx.idempotency.begin("t1", "old", "print"))
    world.database.run_sync(lambda tx: tx.idempotency.finish("t1", "old", StoredResponse(202, {})))
    world.database.run_sync(lambda tx: tx.workers.beat(WorkerBeat("gone", (), 1, 0)))


async def test_what_is_old_goes_in_batches_and_the_rest_stays(world: World) -> None:
    fill(world)
    world.manual.advance(AGE + timedelta(days=1))
    finish(world, "fresh")
    retention, told = Retention(world.database, world.telemetry, batch=2), []
    assert await retention.count(AGE) == Trimmed(5, 1, 1)
    assert await retention.trim(AGE, told.append) == Trimmed(5, 1, 1)
    assert [done.jobs for done in told] == [2, 4, 5, 5]
    assert await retention.count(AGE) == Trimmed()
    assert world.job("job-waiting").state is JobState.PENDING
    assert world.job("job-fresh").state is JobState.SUCCEEDED
    assert world.database.read_sync(lambda tx: tx.jobs.get("job-a")) is None


async def test_what_may_still_have_a_message_is_never_removed(world: World) -> None:
    with pytest.raises(ValueError, match="15 days"):
        await Retention(world.database, world.telemetry).trim(timedelta(days=14))


async def test_the_daily_trim_survives_an_outage_and_zero_keeps_for_ever(world: World) -> None:
    fill(world)
    world.manual.advance(AGE + timedelta(days=1))
    database = switchable(world)
    retention, stop = Retention(database, world.telemetry), asyncio.Event()
    database.away = True
    running = asyncio.create_task(retention.run(AGE, stop))
    await until(lambda: database.refused > 0)
    stop.set()
    await running
    with pytest.raises(DatabaseUnavailable):
        await retention.trim(AGE)
    database.away = False
    await retention.run(timedelta(0), asyncio.Event())
    assert (await retention.count(AGE)).jobs == 5
