"""What one process puts in wakes those who wait in another, without a look by the clock."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from academy.application.ports.database import OutboxMessage
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.queue import SqlJobQueue
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.requirement("QUE-3")
LONG = 15
"""Seconds until a test gives up; nothing waits as long when it works."""


class Process:
    """What a process of its own would have."""

    def __init__(self, url: str) -> None:
        self.connections = SqlConnections(url, SystemClock(), pool_size=2)
        self.queue = SqlJobQueue(self.connections)
        self.database = SqlDatabase(self.connections)
        self.woken = threading.Semaphore(0)

    def close(self) -> None:
        """Let go of everything."""
        self.connections.close()

    def listen(self) -> None:
        """Count the calls that a relay would get."""
        self.database.on_outbox(self.woken.release)

    def put(self, delay: timedelta = timedelta(0)) -> None:
        """Put a message into the outbox."""
        self.database.run_sync(lambda tx: tx.outbox.add([OutboxMessage("jobs", "{}", "t", delay)] * 3))


@pytest.fixture(params=["sqlite", "postgresql"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """A maker of processes on one database."""
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
    else:
        url = f"sqlite:///{tmp_path}/academy.db"
    made: list[Process] = []

    def make() -> Process:
        made.append(Process(url))
        return made[-1]

    prepare(make().connections)
    yield make
    for each in made:
        each.close()


async def event_set(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), LONG)
    event.clear()


async def test_publishing_and_giving_back_wake_who_waits_for_that_queue(
    process: Callable[[], Process],
) -> None:
    api, worker = process(), process()
    await api.queue.create([QueueSettings("jobs"), QueueSettings("others")])
    with worker.connections.wakeup.waiting("jobs") as jobs, worker.connections.wakeup.waiting("none") as none:
        # Until the other process listens, it can miss what is published: it looks by itself then.
        while not jobs.is_set():
            await api.queue.publish("jobs", [OutgoingMessage("{}", "t")])
            await asyncio.sleep(0.02)
        none.clear()
        while await api.queue.receive("jobs", 10, 0, 600):
            pass
        await api.queue.publish("others", [OutgoingMessage("{}", "t")])
        await asyncio.sleep(0.05)
        jobs.clear()
        await api.queue.publish("jobs", [OutgoingMessage("{}", "t")])
        await event_set(jobs)
        (delivery,) = await api.queue.receive("jobs", 10, 0, 600)
        await asyncio.sleep(0.05)
        jobs.clear()
        await api.queue.extend([delivery.receipt], 0)
        await event_set(jobs)
        assert not none.is_set()


def test_outbox_of_one_process_wakes_the_relay_of_another(process: Callable[[], Process]) -> None:
    api, relay = process(), process()
    relay.listen()
    while not relay.woken.acquire(timeout=0.02):
        api.put()
    relay.database.run_sync(lambda tx: tx.outbox.take(10_000, timedelta(hours=1)))
    while relay.woken.acquire(timeout=0.2):
        pass
    api.put(delay=timedelta(hours=1))
    assert not relay.woken.acquire(timeout=0.2)
    api.put()
    assert relay.woken.acquire(timeout=LONG)


async def test_message_on_another_queue_ends_the_wait(process: Callable[[], Process]) -> None:
    api, worker = process(), process()
    await api.queue.create([QueueSettings("jobs"), QueueSettings("urgent")])
    waiting = asyncio.ensure_future(worker.queue.receive("jobs", 10, 600, 30, also=("urgent",)))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    await api.queue.publish("urgent", [OutgoingMessage("{}", "t")])
    assert list(await asyncio.wait_for(waiting, LONG)) == []
    # Of what was there before, too: who looked there last has seen it otherwise.
    early = worker.queue.receive("jobs", 10, 600, 30, also=("urgent",))
    assert list(await asyncio.wait_for(early, LONG)) == []
    assert len(await worker.queue.receive("urgent", 10, 0, 30)) == 1


def test_lost_connection_is_replaced_and_everybody_woken(postgres_url: str) -> None:
    cut = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'academy listens' AND datname = current_database()"
    )
    with closing(Process(postgres_url)) as relay, closing(Process(postgres_url)) as killer:
        relay.listen()
        # The first wake follows the connection: what was told before is lost.
        assert relay.woken.acquire(timeout=LONG)
        assert list(killer.connections.write(lambda each: list(each.scalars(cut)))) == [True]
        assert relay.woken.acquire(timeout=LONG)
        killer.put()
        assert relay.woken.acquire(timeout=LONG)


def test_listening_takes_one_connection_and_only_when_somebody_waits(postgres_url: str) -> None:
    count = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'academy listens' AND datname = current_database()"
    )
    with closing(Process(postgres_url)) as process:
        process.put()
        assert process.connections.read(lambda each: each.scalar(count)) == 0
        for _ in range(3):
            process.listen()
        assert process.woken.acquire(timeout=LONG)
        assert process.connections.read(lambda each: each.scalar(count)) == 1


def test_database_that_is_not_there_is_no_reason_to_give_up(tmp_path: Path) -> None:
    with closing(Process(f"postgresql://nobody@/none?host={tmp_path}")) as process:
        process.listen()
        assert not process.woken.acquire(timeout=0.1)
