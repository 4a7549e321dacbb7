"""What is announced to the machine drains the worker, and what cannot end in time is given back (JOB-12)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.support.ec2 import FakeInstance, fake_instance
from tests.support.jobs import Result, World, until

from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.ec2.life import Ec2InstanceLife
from academy.infrastructure.ec2.metadata import InstanceMetadata
from academy.infrastructure.http.client import HttpLimits
from academy.interfaces.workers.runtime.instance import RESERVE, watched
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = pytest.mark.requirement("JOB-12", "OPS-4")
QUICK = HttpLimits(connections=1, connect_seconds=1.0, answer_seconds=0.3, body_bytes=1 << 16)


@pytest.fixture
async def machine() -> AsyncIterator[FakeInstance]:
    async with fake_instance() as served:
        yield served


async def work_on(machine: FakeInstance, worker: Worker) -> None:
    clock = SystemClock()
    metadata = InstanceMetadata(machine.url, clock.monotonic, QUICK)
    life = Ec2InstanceLife(metadata, clock, endpoint=machine.url)
    try:
        async with asyncio.timeout(10), watched(worker, life, clock, interval=0.05):
            await worker.run()
    finally:
        await metadata.aclose()


async def for_ever(work: Work) -> Contract:
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_interruption_gives_the_job_back_before_the_machine_goes(
    world: World, machine: FakeInstance
) -> None:
    world.submit("a")
    await world.relay().relay_once()
    # A grace of an hour would outlive the machine by far.
    worker = world.worker(for_ever, drain=timedelta(hours=1))
    running = asyncio.create_task(work_on(machine, worker))
    await until(lambda: bool(worker.holdings.attempts))
    machine.spot_notice(RESERVE + timedelta(seconds=1))
    await running
    job = world.job("job-a")
    assert (job.state, job.attempt, job.interruptions) == (JobState.PENDING, 0, 1)


async def test_a_job_that_ends_in_what_is_left_of_the_machine_is_not_lost(
    world: World, machine: FakeInstance
) -> None:
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go_on.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    worker = world.worker(run)
    running = asyncio.create_task(work_on(machine, worker))
    await until(lambda: bool(worker.holdings.attempts))
    machine.items["autoscaling/target-lifecycle-state"] = "Terminated"
    await until(lambda: worker.draining)
    go_on.set()
    await running
    assert world.job("job-a").state is JobState.SUCCEEDED


async def test_an_outage_of_the_metadata_is_told_once_and_waited_out(
    world: World, machine: FakeInstance, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    worker = world.worker(for_ever)
    running = asyncio.create_task(work_on(machine, worker))
    await until(lambda: "instance_found" in caplog.messages)
    machine.away = True
    await until(lambda: "instance_metadata_away" in caplog.messages)
    asked = len(machine.asked)
    machine.away = False
    await until(lambda: len(machine.asked) > asked)
    assert not worker.draining
    assert caplog.messages.count("instance_metadata_away") == 1
    machine.spot_notice(timedelta(minutes=2))
    await running


async def test_where_nothing_answers_at_the_start_there_is_no_machine_and_work_goes_on(
    world: World, machine: FakeInstance, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    machine.away = True
    worker = world.worker(for_ever)
    running = asyncio.create_task(work_on(machine, worker))
    await until(lambda: "no_instance_metadata" in caplog.messages)
    machine.away = False
    machine.spot_notice(timedelta(minutes=2))
    await asyncio.sleep(0.3)
    assert machine.asked == []
    assert not worker.draining
    worker.drain()
    await running
