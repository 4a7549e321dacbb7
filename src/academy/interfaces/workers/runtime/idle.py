"""Stop the machine when there has been nothing to do for long (OPS-4): only by its one owner, never with a job in hand.

How several workers on one machine agree: a worker that works shares a lock. One that has been idle for long stops receiving, ends
what it has, and only then gives its share up: it is parked. A parked worker looks at its queues every few seconds and goes back to
work when something waits. To stop the machine it has to own the lock, which it gets when no other worker works any more, and it looks
at its queues once more while it owns it. Who comes back from parking and can share no more knows that the machine is being stopped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from academy.application.ports.clock import Clock
from academy.application.ports.instance import InstanceLife, InstanceLock, InstanceUnavailable, StopRefused
from academy.application.ports.job_queue import QueueAdmin, QueueError
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["IdleStop"]

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class IdleStop:
    """Runs one worker after another, with parking between them, until told to stop or until the machine stops."""

    def __init__(
        self,
        life: InstanceLife,
        lock: InstanceLock,
        queue: QueueAdmin,
        clock: Clock,
        limit: timedelta,
        *,
        look: float = LOOK_SECONDS,
    ) -> None:
        """Park after `limit` without a message; look at everything every `look` seconds."""
        self._life = life
        self._lock = lock
        self._queue = queue
        self._clock = clock
        self._limit = limit.total_seconds()
        self._look = look
        self._refused = False
        self._taken = 0

    async def run(
        self, make: Callable[[], Worker], work: Callable[[Worker], Awaitable[None]], told: asyncio.Event
    ) -> None:
        """Work; return when `told` to end, when a worker ended for another reason than idleness, or when the machine stops.

        `make` returns a fresh worker, `work` runs it until it is drained.
        """
        while self._lock.share():
            worker = make()
            if not await self._worked_until_idle(worker, work) or told.is_set():
                return
            if await self._parked(worker, told):
                return
            log.info("worker_resumes", extra={"worker": worker.config.name})
        log.info("instance_is_being_stopped")

    async def _worked_until_idle(self, worker: Worker, work: Callable[[Worker], Awaitable[None]]) -> bool:
        """Return whether the worker was drained because it had been idle."""
        watching = asyncio.create_task(self._drain_when_idle(worker), name="idle")
        try:
            await work(worker)
            return watching.done() and watching.result()
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def _drain_when_idle(self, worker: Worker) -> bool:
        taken, since = -1, self._clock.monotonic()
        while not worker.draining:
            now, holdings = self._clock.monotonic(), worker.holdings
            if holdings.taken != taken or holdings.receipts or holdings.attempts:
                taken, since = holdings.taken, now
            elif now - since >= self._limit and self._queue_answered(worker) and not self._refused:
                log.info("worker_idle", extra={"worker": worker.config.name, "seconds": round(now - since)})
                self._taken = taken
                worker.drain()
                return True
            await asyncio.sleep(self._look)
        return False

    def _queue_answered(self, worker: Worker) -> bool:
        """Return whether a poll completed just now: while the queue is away, that nothing came says nothing (QUE-6)."""
        return worker.health.silence() <= worker.config.receive_wait + 2 * self._look

    async def _parked(self, worker: Worker, told: asyncio.Event) -> bool:
        """Wait for the end; return False when there is something to do, True when this process is to end."""
        self._lock.release()
        queues = [queue.name for queue in worker.config.queues]
        while not told.is_set():
            # What the last receive still brought was given back; not every broker counts it at once.
            if worker.holdings.taken != self._taken or await self._something_waits(queues):
                return False
            if self._lock.own():
                if await self._stopped(queues):
                    return True
                self._lock.release()
                if self._refused:
                    return False
            try:
                await asyncio.wait_for(told.wait(), self._look)
            except TimeoutError:
                continue
        return True

    async def _something_waits(self, queues: Sequence[str]) -> bool:
        """Return whether messages wait, or may wait: a queue that cannot be asked is looked after by a worker that works."""
        try:
            depths = await asyncio.gather(*(self._queue.depth(name) for name in queues))
        except QueueError as error:
            log.warning("queue_not_counted", extra={"error": str(error)})
            return True
        return any(depth.visible for depth in depths)

    async def _stopped(self, queues: Sequence[str]) -> bool:
        """Stop the machine, as its one owner; return whether that is under way."""
        if await self._something_waits(queues):
            return False
        try:
            await self._life.stop()
        except StopRefused as error:
            log.error("instance_not_stopped", extra={"error": str(error)})  # noqa: TRY400 - the text is the whole news
            self._refused = True
            return False
        except InstanceUnavailable as error:
            log.warning("instance_not_stopped", extra={"error": str(error)})
            return False
        log.info("instance_stopped_idle")
        return True
