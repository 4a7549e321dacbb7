"""Operators see which workers live; an outage of that costs no job (OPS-5)."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import switchable

from academy.application.jobs.attempt import Work
from academy.application.ports.database import Transaction
from academy.application.ports.workers import SeenWorker
from academy.contracts.base import Contract
from academy.domain.job.states import JobState
from academy.infrastructure.sql.database import SqlDatabase
from academy.interfaces.workers.runtime.registry import present, registered
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = pytest.mark.requirement("OPS-5")
T = TypeVar("T")


async def work_on(worker: Worker) -> None:
    async with registered(worker, every=0.05):
        await worker.run()


async def seen(world: World) -> list[SeenWorker]:
    return list(await world.database.read(lambda tx: tx.workers.list()))


async def test_a_worker_is_seen_with_what_it_does_until_it_ends(world: World) -> None:
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go_on.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    running = asyncio.create_task(work_on(worker))
    await until(
        lambda: bool(world.database.read_sync(lambda tx: [w for w in tx.workers.list() if w.beat.running]))
    )
    (found,) = await seen(world)
    assert (found.beat.name, found.beat.slots, found.beat.draining) == ("w1", 4, False)
    worker.drain()
    await until(lambda: world.database.read_sync(lambda tx: all(w.beat.draining for w in tx.workers.list())))
    go_on.set()
    await running
    assert await seen(world) == []


async def test_an_outage_of_the_register_costs_no_job_and_is_told_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Deaf(SqlDatabase):
        """Takes everything but what is said of workers."""

        async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
            if "workers" in work.__code__.co_names:
                raise RuntimeError("no such table: workers")
            return await super().run(work, relaxed=relaxed)

    world.database.__class__ = Deaf

    async def run(work: Work) -> Contract:
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    running = asyncio.create_task(work_on(worker))
    await until(lambda: world.job("job-a").finished)
    await asyncio.sleep(0.2)
    worker.drain()
    await running
    assert world.job("job-a").state is JobState.SUCCEEDED
    assert caplog.messages.count("worker_not_registered") == 1


async def test_a_worker_is_seen_again_after_an_outage_of_the_database(world: World) -> None:
    database = switchable(world)

    async def run(work: Work) -> Contract:
        return Result(text="")

    worker = world.worker(run)
    database.away = True
    running = asyncio.create_task(work_on(worker))
    await until(lambda: database.refused > 2)
    database.away = False
    await until(lambda: bool(world.database.read_sync(lambda tx: tx.workers.list())))
    worker.drain()
    await running


async def test_a_relay_is_seen_beside_the_workers_until_it_ends(world: World) -> None:
    async with present(world.database, "outbox_relay@host:1", every=0.05):
        await until(lambda: bool(world.database.read_sync(lambda tx: tx.workers.list())))
        (found,) = await seen(world)
        assert (found.beat.role, found.beat.queues, found.beat.slots) == ("outbox_relay", (), 0)
    assert await seen(world) == []
