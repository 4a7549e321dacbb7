"""What only the SQL queue does: several processes, retention, wake-up by polling."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.sql_time import shift_time

from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.queue import EXPIRY_SECONDS, SqlJobQueue
from academy.infrastructure.sql.schema import prepare

DAY = 24 * 3600


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with our schema, empty."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    made = f"sqlite:///{tmp_path}/academy.db"
    connections = SqlConnections(made, SystemClock())
    prepare(connections)
    connections.close()
    return made


@pytest.fixture
def processes(url: str) -> Iterator[tuple[SqlJobQueue, SqlJobQueue]]:
    """Two queues on one database that share nothing else, as two processes do."""
    both = [SqlConnections(url, SystemClock()) for _ in range(2)]
    yield SqlJobQueue(both[0]), SqlJobQueue(both[1])
    for connections in both:
        connections.close()


@pytest.mark.requirement("QUE-3")
async def test_long_poll_finds_what_another_process_published(
    processes: tuple[SqlJobQueue, SqlJobQueue],
) -> None:
    api, worker = processes
    await api.create([QueueSettings("jobs")])
    waiting = asyncio.ensure_future(worker.receive("jobs", 10, 15, 30))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    await api.publish("jobs", [OutgoingMessage("{}", "t")])
    (delivery,) = await asyncio.wait_for(waiting, 8)
    assert delivery.body == "{}"
    assert list(await worker.ack([delivery.receipt])) == []


@pytest.mark.requirement("QUE-3")
async def test_workers_in_two_processes_share_messages_without_taking_one_twice(
    processes: tuple[SqlJobQueue, SqlJobQueue],
) -> None:
    await processes[0].create([QueueSettings("jobs")])
    for start in range(0, 100, 10):
        await processes[0].publish(
            "jobs", [OutgoingMessage(str(number)) for number in range(start, start + 10)]
        )

    async def work(queue: SqlJobQueue) -> list[str]:
        found: list[str] = []
        while batch := await queue.receive("jobs", 10, 0, 30):
            found += [delivery.body for delivery in batch]
            await queue.ack([delivery.receipt for delivery in batch])
        return found

    bodies = await asyncio.gather(*(work(queue) for queue in processes for _ in range(2)))
    assert sorted(itertools.chain(*bodies)) == sorted(map(str, range(100)))


@pytest.mark.requirement("QUE-3")
async def test_message_whose_receiver_went_away_comes_back(url: str) -> None:
    connections = SqlConnections(url, SystemClock())
    queue = SqlJobQueue(connections)
    await queue.create([QueueSettings("jobs")])
    await queue.publish("jobs", [OutgoingMessage("{}", "t")])
    receiving = asyncio.ensure_future(queue.receive("jobs", 10, 5, 30))
    await asyncio.sleep(0)
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    await asyncio.to_thread(shift_time, connections, 31)
    assert len(await queue.receive("jobs", 10, 0, 30)) == 1
    connections.close()


@pytest.mark.requirement("QUE-1")
async def test_messages_are_dropped_after_their_retention(tmp_path: Path) -> None:
    clock = ManualClock()
    connections = SqlConnections(f"sqlite:///{tmp_path}/q.db", clock)
    prepare(connections)
    queue = SqlJobQueue(connections)
    await queue.create([QueueSettings("short", retention_days=2), QueueSettings("long", retention_days=14)])
    for name in ("short", "long"):
        await queue.publish(name, [OutgoingMessage("old"), OutgoingMessage("dead")])
        dead = await queue.receive(name, 1, 0, 30)
        await queue.dead_letter(dead[0], "invalid")
    clock.advance(3 * DAY)
    # Another object: each looks when it starts, then every EXPIRY_SECONDS.
    assert EXPIRY_SECONDS <= 3600
    again = SqlJobQueue(connections)
    assert await again.receive("short", 10, 0, 30) == []
    assert await again.dead_letters("short", 10) == []
    assert len(await again.receive("long", 10, 0, 30)) == 1
    assert len(await again.dead_letters("long", 10)) == 1
    connections.close()


async def test_dead_letter_queue_is_read_like_any_other_and_dead_letters_nothing_further(url: str) -> None:
    connections = SqlConnections(url, SystemClock())
    queue = SqlJobQueue(connections)
    await queue.create([QueueSettings("jobs", max_receives=1)])
    await queue.publish("jobs", [OutgoingMessage("{}", "t")])
    await queue.dead_letter((await queue.receive("jobs", 1, 0, 30))[0], "invalid")
    for count in (2, 3):
        (delivery,) = await queue.receive("jobs-dlq", 1, 0, 0)
        assert delivery.receive_count == count
        await queue.dead_letter(delivery, "again")
    assert [dead.reason for dead in await queue.dead_letters("jobs", 10)] == ["invalid"]
    connections.close()


@pytest.mark.parametrize("handle", ["", "x", "1", "1.x", "-1.1", "9" * 60 + ".1", "1.1.1"])
async def test_handles_that_are_not_ours_touch_nothing(url: str, handle: str) -> None:
    from academy.application.ports.job_queue import Receipt  # noqa: PLC0415

    connections = SqlConnections(url, SystemClock())
    queue = SqlJobQueue(connections)
    await queue.create([QueueSettings("jobs")])
    await queue.publish("jobs", [OutgoingMessage("{}", "t")])
    await queue.receive("jobs", 1, 0, 30)
    await queue.ack([Receipt("jobs", handle)])
    assert list(await queue.extend([Receipt("jobs", handle)], 30)) == [Receipt("jobs", handle)]
    assert (await queue.depth("jobs")).in_flight == 1
    connections.close()
