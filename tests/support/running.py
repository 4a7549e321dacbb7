"""Run workers within a test, and break what they stand on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.application.ports.job_queue import Delivery, QueueUnavailable, Receipt
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.sql.database import SqlDatabase
from academy.interfaces.workers.runtime.worker import Worker
from tests.support.jobs import QUEUE, World

T = TypeVar("T")


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    """Run workers while the context lasts, then drain them. What ended one of them is raised."""
    running = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.drain()
        async with asyncio.timeout(20):
            ends = await asyncio.gather(*running, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


@asynccontextmanager
async def relaying(world: World) -> AsyncIterator[None]:
    """Run a relay while the context lasts."""
    stop = asyncio.Event()
    running = asyncio.create_task(world.relay().run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


class Broker:
    """A consumer, and no publisher, that notes what is asked of it and fails where told to."""

    def __init__(self, queue: MemoryJobQueue) -> None:
        self.queue = queue
        self.calls: list[str] = []
        self.asked: list[int] = []
        self.fail: dict[str, Exception] = {}
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}
        self.receiving = 0
        self.cancelled = 0

    async def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.before:
            await self.before[name]()
        if name in self.fail:
            raise self.fail[name]

    @property
    def largest_receive(self) -> int:
        return self.queue.largest_receive

    async def receive(
        self,
        queue: str,
        max_messages: int,
        wait_seconds: float,
        visibility_seconds: int,
        *,
        also: Collection[str] = (),
    ) -> Sequence[Delivery]:
        self.asked.append(max_messages)
        await self._called("receive")
        self.receiving += 1
        try:
            return await self.queue.receive(queue, max_messages, wait_seconds, visibility_seconds, also=also)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.receiving -= 1

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        await self._called("ack")
        return await self.queue.ack(receipts)

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        await self._called("extend" if visibility_seconds else "give_back")
        return await self.queue.extend(receipts, visibility_seconds)

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        await self._called("dead_letter")
        await self.queue.dead_letter(delivery, reason)


class Switchable(SqlDatabase):
    """A database that can be made unavailable."""

    away = False
    refused = 0

    def _reach(self) -> None:
        if self.away:
            self.refused += 1
            raise DatabaseUnavailable("the database was made unavailable")

    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        self._reach()
        return await super().run(work, relaxed=relaxed)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        self._reach()
        return await super().read(work)


def switchable(world: World) -> Switchable:
    """Put a database that can be made unavailable into a world."""
    database = Switchable(world.database._connections)
    world.database = database
    return database


async def left(world: World) -> tuple[int, int]:
    """Return how many messages wait and how many are in flight."""
    depth = await world.queue.depth(QUEUE)
    return depth.visible + depth.delayed, depth.in_flight


async def reasons(world: World) -> list[str]:
    """Return why messages were dead-lettered."""
    return [letter.reason for letter in await world.queue.dead_letters(QUEUE, 100)]


UNAVAILABLE = QueueUnavailable("the broker was made unavailable")
