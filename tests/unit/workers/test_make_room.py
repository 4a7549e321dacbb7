"""A long job lets other academies have its slot between two parts of it (QUE-4)."""

import asyncio

import pytest
from tests.support.jobs import Result, World, until
from tests.support.running import left, relaying, working

from academy.application.errors import Yielded
from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract
from academy.domain.job.states import JobState

PARTS = 5


@pytest.mark.requirement("QUE-4", "JOB-5")
async def test_of_one_slot_each_academy_has_its_turn(world: World) -> None:
    began: list[str] = []

    async def run(work: Work) -> Contract:
        began.append(work.job.tenant_id)
        await asyncio.sleep(0.05)
        if work.job.tenant_id == "t1" and began.count("t1") < PARTS:
            work.report("first", began.count("t1") / PARTS)
            raise Yielded
        return Result(text="")

    world.database.run_sync(lambda tx: tx.tenants.add("t2", "small", "Small"))
    world.submit("long", tenant="t1")
    await world.relay().relay_once()
    async with working(world.worker(run, slots=1)), relaying(world):
        await until(lambda: bool(began))
        world.submit("short", tenant="t2")
        await until(lambda: world.job("job-short").state is JobState.SUCCEEDED)
        assert world.job("job-long").state is not JobState.SUCCEEDED
        await until(lambda: world.job("job-long").state is JobState.SUCCEEDED)
    assert began.count("t1") == PARTS
    job = world.job("job-long")
    assert (job.attempt, job.interruptions, job.token) == (1, 0, PARTS)
    assert await left(world) == (0, 0)
