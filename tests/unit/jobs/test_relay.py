"""What was committed is published: after a crash again, in an outage later, never not (JOB-6, QUE-7)."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.support.jobs import QUEUE, World, until

from academy.application.jobs.relay import OutboxRelay
from academy.application.ports.database import OutboxMessage, OutboxRow
from academy.application.ports.job_queue import JobPublisher, OutgoingMessage
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.domain.job.states import JobState
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.queue import MemoryJobQueue


class Killed(BaseException):
    """The process ends here."""


class DiesAfterPublishing:
    """Publishes, and then the process is killed before it can note that."""

    def __init__(self, queue: MemoryJobQueue) -> None:
        self._queue = queue

    @property
    def largest_publish(self) -> int:
        return 10

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        await self._queue.publish(queue, messages)
        raise Killed


class Refuses:
    """A broker that does not take every second message."""

    def __init__(self, queue: MemoryJobQueue) -> None:
        self._queue = queue

    @property
    def largest_publish(self) -> int:
        return 10

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        taken = [message for index, message in enumerate(messages) if index % 2 == 0]
        await self._queue.publish(queue, taken)
        return [index for index in range(len(messages)) if index % 2]


def relay(world: World, publisher: JobPublisher) -> OutboxRelay:
    return OutboxRelay(world.database, publisher, world.telemetry)


async def names(world: World) -> list[str]:
    found: list[str] = []
    while deliveries := await world.receive():
        found += [json.loads(delivery.body)["payload"]["name"] for delivery in deliveries]
    return found


def rows(world: World) -> Sequence[OutboxRow]:
    return world.database.run_sync(lambda tx: tx.outbox.take(100, timedelta(seconds=60)))


@pytest.mark.requirement("JOB-6")
async def test_messages_are_published_in_the_order_of_their_commits(world: World) -> None:
    for n in range(25):
        world.submit(f"{n:02}")
    assert await world.relay().relay_once() == 25
    assert await names(world) == [f"{n:02}" for n in range(25)]
    assert world.outbox() == 0


@pytest.mark.requirement("JOB-6")
async def test_a_crash_between_publishing_and_noting_sends_twice_and_loses_nothing(world: World) -> None:
    world.submit("a")
    with pytest.raises(Killed):
        await relay(world, DiesAfterPublishing(world.queue)).relay_once()
    # Another relay must not take the row while the first may still be at it.
    assert await world.relay().relay_once() == 0
    world.manual.advance(61)
    assert await world.relay().relay_once() == 1
    assert await names(world) == ["a", "a"]
    assert world.outbox() == 0


@pytest.mark.requirement("JOB-6", "QUE-6")
async def test_while_the_broker_is_down_rows_stay_and_their_tries_grow(world: World) -> None:
    world.submit("a")
    world.queue.available = False
    for _ in range(3):
        assert await world.relay().relay_once() == 1
        assert await world.relay().relay_once() == 0
        world.manual.advance(6)
    (row,) = rows(world)
    assert row.tries == 3
    assert world.telemetry.counts["academy_publish_failures_total"] == 3
    world.manual.advance(61)
    world.queue.available = True
    await world.relay().relay_once()
    assert await names(world) == ["a"]
    assert world.outbox() == 0


@pytest.mark.requirement("JOB-6", "QUE-2")
async def test_what_the_broker_did_not_take_is_sent_later(world: World) -> None:
    for n in range(4):
        world.submit(f"{n}")
    await relay(world, Refuses(world.queue)).relay_once()
    assert await names(world) == ["0", "2"]
    world.manual.advance(6)
    await world.relay().relay_once()
    assert await names(world) == ["1", "3"]


@pytest.mark.requirement("JOB-6")
async def test_a_message_that_no_broker_takes_does_not_keep_the_others_back(world: World) -> None:
    world.submit("a")
    huge = OutboxMessage(QUEUE, json.dumps({"payload": {"name": "x" * (1 << 20)}}), "t1")
    world.database.run_sync(lambda tx: tx.outbox.add([huge]))
    world.submit("b")
    await world.relay().relay_once()
    assert await names(world) == ["a", "b"]
    world.manual.advance(61)
    (left,) = rows(world)
    assert left.tries == 1


@pytest.mark.requirement("JOB-6")
async def test_a_commit_wakes_the_relay(world: World) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(world.relay().run(stop))
    try:
        for name in ("a", "b"):
            world.submit(name)
            assert await world.queue.receive(QUEUE, 10, 5, 60), name
    finally:
        stop.set()
        await running
    # Commits after its end wake nobody and break nothing.
    world.submit("c")
    assert world.outbox() == 1


@pytest.mark.requirement("QUE-6")
async def test_a_relay_survives_an_outage_of_the_broker_while_it_runs(world: World) -> None:
    stop = asyncio.Event()
    world.queue.available = False
    relay = world.relay()
    running = asyncio.create_task(relay.run(stop))
    try:
        world.submit("a")
        await until(lambda: world.telemetry.counts.get("academy_publish_failures_total", 0) >= 1)
        world.queue.available = True
        async with asyncio.timeout(8):
            # The rest after a failure may begin before or after a step of this clock.
            while not await world.queue.receive(QUEUE, 10, 0.2, 60):
                world.manual.advance(6)
        assert relay.alive()
    finally:
        stop.set()
        await running


@pytest.mark.requirement("QUE-7")
async def test_a_large_body_travels_by_claim_check_from_relay_to_intake(world: World) -> None:
    store = MemoryObjectStore(world.clock)
    text = "가" * 200_000
    job = world.submit("large", data={"text": text})
    world.submit("small")
    await world.relay(store).relay_once()
    deliveries = await world.receive()
    assert sorted(len(delivery.body.encode()) < 1000 for delivery in deliveries) == [True, True]
    admission = await world.intake(claims=store).admit(deliveries)
    payloads = {claimed.job.id: claimed.payload for claimed in admission.claimed}
    large = payloads[job.id]
    assert large is not None
    assert large.model_dump() == {"name": "large", "data": {"text": text}}
    assert "job-small" in payloads


@pytest.mark.requirement("QUE-7")
async def test_a_body_that_cannot_be_stored_stays_in_the_outbox(world: World) -> None:
    class Full(MemoryObjectStore):
        async def put(self, *args: object, **kwargs: object) -> None:
            raise ObjectStoreUnavailable("no space")

    world.submit("large", data="x" * 300_000)
    world.submit("small")
    await world.relay(Full(world.clock)).relay_once()
    assert await names(world) == ["small"]
    world.manual.advance(6)
    (row,) = rows(world)
    assert row.tries == 1


@pytest.mark.requirement("QUE-7")
async def test_a_claim_check_whose_body_is_gone_is_dead_lettered_and_one_out_of_reach_waits(
    world: World,
) -> None:
    store = MemoryObjectStore(world.clock)
    world.submit("large", data="x" * 300_000)
    await world.relay(store).relay_once()
    (delivery,) = await world.receive()

    class Away(MemoryObjectStore):
        async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
            raise ObjectStoreUnavailable("timed out")

    held = await world.intake(claims=Away(world.clock)).admit([delivery])
    assert [item for item, _ in held.held] == [delivery]
    assert world.job("job-large").state is JobState.PENDING
    gone = await world.intake(claims=MemoryObjectStore(world.clock)).admit([delivery])
    ((_, error),) = gone.invalid
    assert "no longer stored" in error.reason
