"""What is past its timer is put right (JOB-7), and who comes too late is fenced off (JOB-3)."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.jobs import LEASE, WORK, World, job_types

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.reconcile import Reconciler
from academy.application.jobs.settle import settle
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.workers import WorkerBeat
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState

MINUTES_OF_PENDING = 10
GRACE = timedelta(minutes=2)
FAILURE = Failure("broken", "It broke.", retryable=True)


def reconciler(world: World, types: JobTypes | None = None) -> Reconciler:
    return Reconciler(world.database, types or world.types, world.telemetry)


def claim(world: World, job_id: str, worker: str = "w") -> Job:
    return world.database.run_sync(lambda tx: tx.jobs.claim([job_id], worker, LEASE))[job_id]


def lose_messages(world: World) -> None:
    """Publish everything into nowhere."""
    taken = world.database.run_sync(lambda tx: tx.outbox.take(1000, timedelta(seconds=1)))
    world.database.run_sync(lambda tx: tx.outbox.published([row.id for row in taken]))


async def taken_over(world: World) -> Job:
    """Relay, receive and claim what the reconciler announced."""
    assert await world.relay().relay_once() == 1
    (ours,) = (await world.intake("w2").admit(await world.receive())).claimed
    return ours.job


@pytest.mark.requirement("JOB-7")
async def test_a_job_whose_message_was_lost_gets_another(world: World) -> None:
    world.submit("a")
    lose_messages(world)
    world.manual.advance(timedelta(minutes=MINUTES_OF_PENDING) + GRACE)
    assert await reconciler(world).reconcile_once() == 0
    world.manual.advance(1)
    assert await reconciler(world).reconcile_once() == 1
    # At once again there is nothing to do.
    assert await reconciler(world).reconcile_once() == 0
    job = await taken_over(world)
    assert (job.state, job.attempt, job.interruptions) == (JobState.RUNNING, 1, 0)
    assert world.telemetry.counts["academy_jobs_reconciled_total"] == 1


@pytest.mark.requirement("JOB-7", "JOB-3")
async def test_the_job_of_a_dead_worker_goes_to_another_and_the_zombie_is_fenced_off(world: World) -> None:
    zombie = claim(world, world.submit("a").id)
    lose_messages(world)
    world.manual.advance(LEASE + GRACE + timedelta(seconds=1))
    assert await reconciler(world).reconcile_once() == 1
    # Already now, before anybody took over.
    late = (zombie, Settlement(Lease(zombie.id, zombie.token), JobState.SUCCEEDED, result={}))
    assert not world.database.run_sync(lambda tx: settle(tx, world.types, [late]))
    renewed = world.database.run_sync(lambda tx: tx.jobs.renew([Lease(zombie.id, zombie.token)], LEASE))
    assert [state.held for state in renewed] == [False]
    job = await taken_over(world)
    assert job.token > zombie.token
    # The worker's end costs an interruption and no attempt.
    assert (job.attempt, job.interruptions) == (1, 1)
    assert not world.database.run_sync(lambda tx: settle(tx, world.types, [late]))
    assert world.job("job-a") == job


@pytest.mark.requirement("JOB-7")
async def test_a_living_worker_is_left_alone(world: World) -> None:
    job = claim(world, world.submit("a").id)
    lose_messages(world)
    for _ in range(10):
        world.manual.advance(100)
        world.database.run_sync(lambda tx: tx.jobs.renew([Lease(job.id, job.token)], LEASE))
        assert await reconciler(world).reconcile_once() == 0


@pytest.mark.requirement("JOB-7")
async def test_a_retry_whose_message_vanished_runs_as_soon_as_the_new_one_arrives(world: World) -> None:
    job = claim(world, world.submit("a").id)
    end = Settlement(
        Lease(job.id, job.token),
        JobState.RETRY_WAIT,
        reason=EndReason.RETRYABLE_ERROR,
        failure=FAILURE,
        delay=timedelta(seconds=30),
    )
    world.database.run_sync(lambda tx: settle(tx, world.types, [(job, end)]))
    world.manual.advance(31)
    lose_messages(world)
    world.manual.advance(GRACE)
    assert await reconciler(world).reconcile_once() == 1
    again = await taken_over(world)
    assert (again.state, again.attempt, again.interruptions) == (JobState.RUNNING, 2, 0)


@pytest.mark.requirement("JOB-7")
async def test_a_job_that_ended_is_never_overdue(world: World) -> None:
    job = claim(world, world.submit("a").id)
    end = Settlement(Lease(job.id, job.token), JobState.FAILED, failure=FAILURE)
    world.database.run_sync(lambda tx: settle(tx, world.types, [(job, end)]))
    world.manual.advance(timedelta(days=400))
    assert await reconciler(world).reconcile_once() == 0


@pytest.mark.requirement("JOB-7")
async def test_a_message_that_merely_waits_gets_few_copies(world: World) -> None:
    world.submit("a")
    lose_messages(world)
    copies = 0
    for _ in range(7 * 24 * 12):
        world.manual.advance(timedelta(minutes=5))
        copies += await reconciler(world).reconcile_once()
    assert 4 <= copies <= 40


@pytest.mark.requirement("JOB-7")
async def test_jobs_of_a_type_that_is_not_known_here_are_not_in_the_way(world: World) -> None:
    for n in range(220):
        world.submit(f"{n:03}")
    lose_messages(world)
    world.database.run_sync(
        lambda tx: [
            tx.jobs._connection.exec_driver_sql(  # type: ignore[attr-defined]
                "UPDATE jobs SET type = 'gone.type' WHERE id < 'job-210'"
            )
        ]
    )
    world.manual.advance(timedelta(minutes=MINUTES_OF_PENDING) + GRACE + timedelta(seconds=1))
    types = job_types()
    assert WORK in types
    rounds = [await reconciler(world, types).reconcile_once() for _ in range(3)]
    assert rounds == [200, 20, 0]
    assert world.outbox() == 10


@pytest.mark.requirement("JOB-7")
async def test_two_reconcilers_send_one_message(world: World) -> None:
    world.submit("a")
    lose_messages(world)
    world.manual.advance(timedelta(hours=1))
    rounds = await asyncio.gather(*(reconciler(world).reconcile_once() for _ in range(3)))
    assert sorted(rounds) == [0, 0, 1]


async def test_it_runs_until_told_to_stop(world: World) -> None:
    world.submit("a")
    lose_messages(world)
    world.manual.advance(timedelta(hours=1))
    stop = asyncio.Event()
    subject = reconciler(world)
    running = asyncio.create_task(subject.run(stop))
    async with asyncio.timeout(5):
        while not world.outbox():  # noqa: ASYNC110 - the outbox has no event
            await asyncio.sleep(0.01)
        assert subject.alive()
        stop.set()
        await running


async def one_round(world: World) -> None:
    """Run a reconciler from its start through its first round."""
    stop = asyncio.Event()
    running = asyncio.create_task(reconciler(world).run(stop))
    # Begun, it ends only between rounds.
    await asyncio.sleep(0)
    stop.set()
    await running


@pytest.mark.requirement("OPS-5")
async def test_a_killed_worker_is_forgotten_after_ten_minutes(world: World) -> None:
    def beat(name: str) -> None:
        world.database.run_sync(lambda tx: tx.workers.beat(WorkerBeat(name, (), 1, 0)))

    beat("killed")
    world.manual.advance(timedelta(minutes=9))
    beat("alive")
    await one_round(world)
    assert [seen.beat.name for seen in world.database.read_sync(lambda tx: tx.workers.list())] == [
        "alive",
        "killed",
    ]
    world.manual.advance(timedelta(minutes=1, seconds=1))
    await one_round(world)
    assert [seen.beat.name for seen in world.database.read_sync(lambda tx: tx.workers.list())] == ["alive"]
