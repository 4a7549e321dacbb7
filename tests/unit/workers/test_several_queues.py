"""One worker, several queues: by weight, none starved, and an empty one delays nobody (QUE-4)."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.support.jobs import QUEUE, WORK, Payload, World, until
from tests.support.running import working

from academy.application.jobs.attempt import Work
from academy.application.jobs.rotation import PolledQueue
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.contracts.base import Contract
from academy.contracts.envelope import Envelope

pytestmark = pytest.mark.requirement("QUE-4")
LITE = "lite-jobs"
POLLED = (PolledQueue(QUEUE, 3), PolledQueue(LITE, 1))


@pytest.fixture
async def place(world: World) -> World:
    await world.queue.create([QueueSettings(LITE)])
    return world


def body(queue: str) -> str:
    number = str(uuid4())
    envelope = Envelope(
        v=1,
        id=number,
        type=WORK,
        tenant_id="t1",
        payload={"name": queue},
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        idempotency_key=number,
    )
    return envelope.to_json()


async def put(world: World, queue: str, count: int) -> None:
    for _ in range(count):
        await world.queue.publish(queue, [OutgoingMessage(body(queue), "t1")])


async def test_while_both_wait_jobs_begin_by_weight(place: World) -> None:
    await put(place, QUEUE, 60)
    await put(place, LITE, 60)
    begun: list[str] = []

    async def run(work: Work) -> Contract | None:
        assert isinstance(work.payload, Payload)
        begun.append(work.payload.name)
        return None

    async with working(place.worker(run, queues=POLLED, slots=1)):
        await until(lambda: len(begun) >= 40)
    assert 28 <= begun[:40].count(QUEUE) <= 32


async def test_a_job_on_the_other_queue_starts_at_once_while_one_is_waited_for(place: World) -> None:
    started = asyncio.Event()

    async def run(work: Work) -> Contract | None:
        started.set()
        return None

    worker = place.worker(run, queues=POLLED, receive_wait=30.0)
    async with working(worker):
        for queue in (QUEUE, LITE, QUEUE, LITE):
            started.clear()
            await put(place, queue, 1)
            async with asyncio.timeout(5):
                await started.wait()
