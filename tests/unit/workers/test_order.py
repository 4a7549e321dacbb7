"""The order of work: claim, run, commit, ack (JOB-2); poison and dead letters (QUE-5); slots."""

import asyncio
import json
from datetime import timedelta

import pytest
from tests.support.jobs import QUEUE, Result, World, job_types, until
from tests.support.running import UNAVAILABLE, Broker, left, reasons, relaying, working

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.ports.job_queue import QueueMissing
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import EndReason, JobState

PERMANENT = Failure("bad", "The file is broken.")


async def done(work: Work) -> Contract:
    return Result(text=work.job.id)


def state(world: World, name: str) -> JobState:
    return world.job(f"job-{name}").state


@pytest.mark.requirement("JOB-2", "QUE-2")
async def test_the_result_is_committed_before_the_message_is_acked(world: World) -> None:
    broker = Broker(world.queue)
    at_ack: list[JobState] = []

    async def look() -> None:
        at_ack.append(state(world, "a"))

    broker.before["ack"] = look
    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(done, consumer=broker)):
        await until(lambda: bool(at_ack))
    assert at_ack == [JobState.SUCCEEDED]
    assert world.job("job-a").result == {"text": "job-a", "number": 0.0}
    assert await left(world) == (0, 0)


@pytest.mark.requirement("JOB-2", "JOB-3")
async def test_a_failed_ack_repeats_the_message_and_not_the_work(world: World) -> None:
    broker = Broker(world.queue)
    broker.fail["ack"] = UNAVAILABLE
    starts: list[str] = []

    async def run(work: Work) -> Contract:
        starts.append(work.job.id)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run, consumer=broker, lease=timedelta(seconds=2))):
        await until(lambda: broker.calls.count("ack") >= 1)
        del broker.fail["ack"]
        await until(lambda: broker.calls.count("ack") >= 2)
    assert starts == ["job-a"]
    assert await left(world) == (0, 0)


@pytest.mark.requirement("JOB-2", "JOB-3")
async def test_a_worker_killed_between_commit_and_ack_leaves_work_done_once(world: World) -> None:
    broker = Broker(world.queue)
    starts: list[str] = []
    hang = asyncio.Event()
    broker.before["ack"] = hang.wait  # type: ignore[assignment]

    async def run(work: Work) -> Contract:
        starts.append(work.job.id)
        return Result(text="")

    world.submit("a")
    await world.relay().relay_once()
    killed = asyncio.create_task(world.worker(run, consumer=broker, lease=timedelta(seconds=2)).run())
    await until(lambda: "ack" in broker.calls)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert state(world, "a") is JobState.SUCCEEDED
    assert await left(world) == (0, 1)
    second = Broker(world.queue)
    async with working(world.worker(run, "w2", consumer=second)):
        await until(lambda: "ack" in second.calls)
    assert starts == ["job-a"]
    assert await left(world) == (0, 0)


@pytest.mark.requirement("JOB-5", "JOB-6")
async def test_a_retry_has_a_message_of_its_own(world: World) -> None:
    attempts: list[int] = []

    async def run(work: Work) -> Contract:
        attempts.append(work.job.attempt)
        if len(attempts) < 3:
            raise WorkFailed(Failure("later", "Try later.", retryable=True))
        return Result(text="")

    world.types = job_types(retry=RetryPolicy(base=timedelta(milliseconds=20)))
    world.submit("a")
    async with relaying(world), working(world.worker(run)):
        await until(lambda: state(world, "a") is JobState.SUCCEEDED)
    assert attempts == [1, 2, 3]
    assert await left(world) == (0, 0)


@pytest.mark.requirement("JOB-5")
async def test_a_job_that_fails_for_good_is_acked(world: World) -> None:
    async def run(work: Work) -> Contract:
        raise WorkFailed(PERMANENT)

    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run)):
        await until(lambda: state(world, "a") is JobState.FAILED)
    assert await left(world) == (0, 0)
    assert await reasons(world) == []
    assert world.job("job-a").failure == PERMANENT


@pytest.mark.requirement("JOB-5")
async def test_a_dead_job_is_dead_lettered_with_the_reason(world: World) -> None:

    async def run(work: Work) -> Contract:
        raise WorkFailed(Failure("later", "Try later.", retryable=True))

    world.types = job_types(retry=RetryPolicy(max_attempts=1))
    world.submit("a")
    await world.relay().relay_once()
    async with working(world.worker(run)):
        await until(lambda: state(world, "a") is JobState.DEAD)
        # Another copy of the message says the same.
        await world.publish(json.dumps(_envelope("a")))
        await until(lambda: world.telemetry.counts.get("academy_dead_letters_total", 0) >= 2)
    assert world.job("job-a").end_reason is EndReason.RETRIES_EXHAUSTED
    assert await reasons(world) == ["retries_exhausted: Try later."] * 2
    assert await left(world) == (0, 0)


@pytest.mark.requirement("QUE-5")
async def test_poison_is_dead_lettered_at_once_with_the_reason_and_counted(world: World) -> None:
    world.submit("good")
    await world.relay().relay_once()
    await world.publish("not json", json.dumps(_envelope("x", tenant_id="nobody")))
    async with working(world.worker(done)):
        await until(lambda: state(world, "good") is JobState.SUCCEEDED)
        await until(lambda: world.telemetry.counts.get("academy_dead_letters_total", 0) == 2)
    letters = await world.queue.dead_letters(QUEUE, 10)
    assert [letter.receive_count for letter in letters] == [1, 1]
    assert ["not JSON" in letter.reason for letter in letters] == [True, False]
    assert "names no academy" in letters[1].reason


@pytest.mark.requirement("QUE-5", "QUE-6")
@pytest.mark.parametrize("error", [UNAVAILABLE, QueueMissing("test-jobs-dlq")])
async def test_a_dead_letter_queue_out_of_reach_leaks_neither_slot_nor_message(
    world: World, error: Exception
) -> None:
    broker = Broker(world.queue)
    broker.fail["dead_letter"] = error
    running = 0
    most = 0

    async def run(work: Work) -> Contract:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.02)
        running -= 1
        return Result(text="")

    async with working(world.worker(run, consumer=broker, slots=2, lease=timedelta(seconds=1))):
        for n in range(12):
            world.submit(str(n))
            await world.publish("poison")
        await world.relay().relay_once()
        await until(lambda: all(state(world, str(n)) is JobState.SUCCEEDED for n in range(12)))
        del broker.fail["dead_letter"]
        async with asyncio.timeout(8):
            while len(await reasons(world)) < 12:  # noqa: ASYNC110 - the queue has no event
                await asyncio.sleep(0.02)
    assert most == 2


@pytest.mark.requirement("JOB-4")
async def test_never_more_jobs_than_slots_and_never_a_receive_without_a_free_one(world: World) -> None:
    broker = Broker(world.queue)
    running: set[str] = set()
    most = 0
    gate = asyncio.Event()

    async def run(work: Work) -> Contract:
        nonlocal most
        running.add(work.job.id)
        most = max(most, len(running))
        await gate.wait()
        await asyncio.sleep(0.01)
        running.discard(work.job.id)
        return Result(text="")

    async def free_slot() -> None:
        assert len(running) < 3

    broker.before["receive"] = free_slot
    for n in range(20):
        world.submit(str(n))
    await world.relay().relay_once()
    worker = world.worker(run, consumer=broker, slots=3)
    async with working(worker):
        await until(lambda: len(running) == 3)
        receives = broker.calls.count("receive")
        await asyncio.sleep(0.3)
        assert broker.calls.count("receive") == receives
        assert await left(world) == (17, 3)
        assert worker.health.alive()
        gate.set()
        await until(lambda: all(state(world, str(n)) is JobState.SUCCEEDED for n in range(20)))
    assert most == 3
    assert max(broker.asked) <= 3


def _envelope(name: str, **changes: object) -> dict[str, object]:
    return {
        "v": 1,
        "id": f"job-{name}",
        "type": "test.work",
        "tenant_id": "t1",
        "payload": {"name": name},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": f"key-{name}",
        **changes,
    }
