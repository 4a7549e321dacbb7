"""An idle machine is stopped by its one owner, and never with a job in hand (OPS-4)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.ec2 import INSTANCE, FakeInstance, fake_instance
from tests.support.jobs import QUEUE, Result, World, until
from tests.support.running import UNAVAILABLE, Broker

from academy.application.jobs.attempt import Work
from academy.bootstrap.instance import check_idle_stop
from academy.bootstrap.settings import Settings, SettingsInvalid
from academy.contracts.base import Contract
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.ec2.life import Ec2InstanceLife
from academy.infrastructure.ec2.lock import FileInstanceLock
from academy.infrastructure.ec2.metadata import InstanceMetadata
from academy.interfaces.workers.runtime.idle import IdleStop
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = pytest.mark.requirement("OPS-4")
IDLE = timedelta(seconds=0.3)


class Machine:
    """A machine with workers on it."""

    def __init__(self, served: FakeInstance, lock: Path) -> None:
        self.served = served
        self.lock = lock
        self.clock = SystemClock()
        self.metadata = InstanceMetadata(served.url, self.clock.monotonic)
        self.life = Ec2InstanceLife(self.metadata, self.clock, endpoint=served.url)
        self.told = asyncio.Event()
        self.workers: list[Worker] = []

    async def run(
        self, world: World, run: Any, name: str = "w1", limit: timedelta = IDLE, **changes: Any
    ) -> None:
        """Run workers as one process does, until it ends."""

        def make() -> Worker:
            self.workers.append(world.worker(run, name, **{"receive_wait": 0.05, **changes}))
            return self.workers[-1]

        lock = FileInstanceLock(self.lock)
        idle = IdleStop(self.life, lock, world.queue, self.clock, limit, look=0.05)
        try:
            async with asyncio.timeout(10):
                await idle.run(make, Worker.run, self.told)
        finally:
            lock.close()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    async with fake_instance() as served:
        found = Machine(served, tmp_path / "instance.lock")
        yield found
        await found.metadata.aclose()


async def done(work: Work) -> Contract:
    return Result(text="")


async def test_an_idle_machine_is_stopped_and_the_worker_ends(world: World, machine: Machine) -> None:
    await machine.run(world, done)
    assert machine.served.stopped == [INSTANCE]


async def test_never_with_a_job_in_hand(world: World, machine: Machine) -> None:
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go_on.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    running = asyncio.create_task(machine.run(world, run))
    await until(lambda: bool(machine.workers and machine.workers[0].holdings.attempts))
    await asyncio.sleep(3 * IDLE.total_seconds())
    assert machine.served.stopped == []
    assert not machine.workers[0].draining
    go_on.set()
    await running
    assert world.job("job-a").state is JobState.SUCCEEDED
    assert machine.served.stopped == [INSTANCE]


async def test_a_job_that_arrives_in_the_last_moment_is_done_first(world: World, machine: Machine) -> None:
    world.submit("late")

    async def late() -> None:
        # The drain has begun, and the receive that was under way still brings a message.
        await until(lambda: bool(machine.workers) and machine.workers[0].draining)
        await world.relay().relay_once()

    async with asyncio.TaskGroup() as both:
        both.create_task(late())
        both.create_task(machine.run(world, done, receive_wait=2.0))
    assert machine.workers[0].holdings.taken == 1
    assert world.job("job-late").state is JobState.SUCCEEDED
    assert machine.served.stopped == [INSTANCE]
    assert len(machine.workers) == 2


async def test_two_workers_stop_their_machine_only_when_both_are_idle(world: World, machine: Machine) -> None:
    go_on = asyncio.Event()

    async def run(work: Work) -> Contract:
        await go_on.wait()
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    busy = asyncio.create_task(machine.run(world, run, "busy"))
    await until(lambda: bool(machine.workers and machine.workers[0].holdings.attempts))
    other = asyncio.create_task(machine.run(world, run, "other"))
    await until(lambda: len(machine.workers) > 1 and machine.workers[1].draining)
    await asyncio.sleep(0.5)
    assert machine.served.stopped == []
    go_on.set()
    await asyncio.gather(busy, other)
    # The second one may say it again once the first has ended: that changes nothing.
    assert set(machine.served.stopped) == {INSTANCE}
    assert world.job("job-a").state is JobState.SUCCEEDED


async def test_a_queue_that_is_away_is_not_an_idle_one(world: World, machine: Machine) -> None:
    broker = Broker(world.queue)
    broker.fail["receive"] = UNAVAILABLE
    running = asyncio.create_task(machine.run(world, done, consumer=broker))
    await until(lambda: broker.calls.count("receive") > 4)
    await asyncio.sleep(2 * IDLE.total_seconds())
    assert machine.served.stopped == []
    assert not machine.workers[0].draining
    machine.told.set()
    machine.workers[-1].drain()
    await running
    assert machine.served.stopped == []


async def test_a_machine_that_joined_a_group_meanwhile_is_left_running(
    world: World, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.served.items["autoscaling/target-lifecycle-state"] = "InService"
    running = asyncio.create_task(machine.run(world, done))
    await until(lambda: "instance_not_stopped" in caplog.messages)
    # The worker goes back to work for good.
    world.submit("a")
    await world.relay().relay_once()
    await until(lambda: world.job("job-a").finished)
    assert machine.served.stopped == []
    machine.told.set()
    machine.workers[-1].drain()
    await running


async def test_an_outage_of_the_api_is_tried_again(world: World, machine: Machine) -> None:
    machine.served.refusal = "RequestLimitExceeded"
    running = asyncio.create_task(machine.run(world, done))
    await until(lambda: len(machine.served.authorizations) >= 2)
    machine.served.refusal = ""
    await running
    assert machine.served.stopped == [INSTANCE]
    assert (await world.queue.depth(QUEUE)).in_flight == 0


async def test_where_it_may_not_stop_its_machine_a_worker_does_not_start(machine: Machine) -> None:
    asked = cast("Settings", SimpleNamespace(idle_stop_minutes=30))
    await check_idle_stop(asked, machine.life)
    assert (machine.served.dry_runs, machine.served.stopped) == (1, [])
    machine.served.refusal = "UnauthorizedOperation"
    with pytest.raises(SettingsInvalid, match="ec2:StopInstances"):
        await check_idle_stop(asked, machine.life)
    machine.served.items["tags/instance/aws:autoscaling:groupName"] = "workers"
    with pytest.raises(SettingsInvalid, match="Auto Scaling group"):
        await check_idle_stop(asked, machine.life)
    with pytest.raises(SettingsInvalid, match="ACADEMY_IDLE_STOP_MINUTES"):
        await check_idle_stop(asked, None)
