"""Take slots, receive, admit, start (JOB-2); an outage is waited out, never taken for an empty queue (QUE-6)."""

import asyncio
import logging
from collections.abc import Sequence

from academy.application.jobs.intake import Admission
from academy.application.jobs.rotation import Rotation
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import MAX_BATCH, Delivery, QueueError
from academy.interfaces.workers.runtime.backoff import Backoff
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.health import Health
from academy.interfaces.workers.runtime.holdings import Holdings
from academy.interfaces.workers.runtime.runner import Runner

__all__ = ["Poller", "Slots"]

log = logging.getLogger(__name__)

SEVERAL_WAIT_SECONDS = 1.0
"""Longest wait for one of several queues, while messages may come to the others."""


class Slots:
    """How many more jobs may run."""

    def __init__(self, count: int) -> None:
        """Start with `count` free slots."""
        self._free = count
        self._freed = asyncio.Event()

    async def take(self, most: int) -> int:
        """Wait for a free slot and take up to `most`."""
        while self._free == 0:
            self._freed.clear()
            await self._freed.wait()
        taken = min(self._free, most)
        self._free -= taken
        return taken

    def free(self, count: int = 1) -> None:
        """Give slots back."""
        self._free += count
        self._freed.set()


class Poller:
    """Feeds one worker from its queue until told to stop."""

    def __init__(
        self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings, runner: Runner, health: Health
    ) -> None:
        """Poll with `parts` and hand claimed jobs to `runner`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings
        self._runner = runner
        self._health = health
        self._slots = Slots(config.slots)
        self._rotation = Rotation(config.queues)
        self._waited_for = -1
        self._database_away = False

    async def run(self, stop: asyncio.Event, jobs: asyncio.TaskGroup) -> None:
        """Poll until `stop` is set; what was received by then is given back."""
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        taking: asyncio.Task[int] | None = None
        try:
            while not stop.is_set():
                taking = asyncio.create_task(self._slots.take(MAX_BATCH))
                self._health.busy = True
                await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    break
                self._health.busy = False
                await self._poll(taking.result(), stop, jobs, backoff)
            # What still runs is looked after by others; a worker that drains does not poll and is alive.
            self._health.busy = True
        finally:
            stopping.cancel()
            if taking is not None:
                taking.cancel()

    async def _poll(self, slots: int, stop: asyncio.Event, jobs: asyncio.TaskGroup, backoff: Backoff) -> None:
        """Receive and admit once; takes no message while the database is away, so that none uses up its receives."""
        try:
            if self._database_away:
                await self._parts.database.run(
                    lambda tx: tx.jobs.claim([], self._config.name, self._config.lease)
                )
                self._database_away = False
            deliveries = await self._receive(slots)
            if stop.is_set():
                await self._give_back(deliveries)
            elif deliveries:
                admission = await self._admit(deliveries)
                slots -= self._start(admission, jobs)
                await self._dispose(admission)
            self._health.polled()
            backoff.succeeded()
        except (QueueError, DatabaseUnavailable) as error:
            self._database_away = self._database_away or isinstance(error, DatabaseUnavailable)
            log.warning(
                "poll_failed",
                extra={"worker": self._config.name, "error": str(error), "failures": backoff.failures + 1},
            )
            self._parts.telemetry.count("academy_poll_failures_total", error=type(error).__name__)
            await backoff.wait(stop)
        finally:
            self._slots.free(slots)

    async def _receive(self, most: int) -> Sequence[Delivery]:
        """Ask the queues in turn, then wait for the one whose turn it is."""
        order = self._rotation.order()
        if len(order) == 1:
            return await self._receive_from(order[0], most, self._config.receive_wait)
        for queue in order:
            found = await self._receive_from(queue, most, 0)
            if found:
                return found
        self._waited_for = (self._waited_for + 1) % len(order)
        wait = min(self._config.receive_wait, SEVERAL_WAIT_SECONDS)
        return await self._receive_from(self._config.queues[self._waited_for].name, most, wait)

    async def _receive_from(self, queue: str, most: int, wait: float) -> Sequence[Delivery]:
        # Shielded: an aborted long poll swallows messages on the server's side.
        receiving = asyncio.create_task(
            self._parts.consumer.receive(queue, most, wait, self._config.visibility_seconds)
        )
        try:
            deliveries = await asyncio.shield(receiving)
        except asyncio.CancelledError:
            await asyncio.wait({receiving})
            if not receiving.cancelled() and receiving.exception() is None:
                await self._give_back(receiving.result())
            raise
        self._holdings.received(deliveries)
        if deliveries:
            self._rotation.took(queue, len(deliveries))
        else:
            self._rotation.empty(queue)
        return deliveries

    async def _admit(self, deliveries: Sequence[Delivery]) -> Admission:
        try:
            return await self._parts.intake.admit(deliveries)
        except DatabaseUnavailable:
            await self._give_back(deliveries, 5)
            raise

    def _start(self, admission: Admission, jobs: asyncio.TaskGroup) -> int:
        """Start what was claimed; return how many slots that takes. Each is freed by its own job."""
        attempts = [self._runner.begin(claimed) for claimed in admission.claimed]
        for attempt in attempts:
            jobs.create_task(self._runner.run(attempt, self._slots.free), name=f"job {attempt.job.id}")
        return len(attempts)

    async def _dispose(self, admission: Admission) -> None:
        if admission.finished:
            await self._runner.ack(admission.finished)
        for delivery, reason in (*admission.invalid, *admission.dead):
            log.error("message_dead_lettered", extra={"message_id": delivery.message_id, "reason": reason})
            self._parts.telemetry.count("academy_dead_letters_total")
            await self._runner.dead_letter(delivery, reason)
        for delivery, seconds in admission.held:
            log.info("claim_lost", extra={"message_id": delivery.message_id, "again_in_seconds": seconds})
            await self._give_back([delivery], seconds)

    async def _give_back(self, deliveries: Sequence[Delivery], seconds: int = 0) -> None:
        receipts = [d.receipt for d in deliveries]
        self._holdings.released(receipts)
        try:
            if receipts:
                await self._parts.consumer.extend(receipts, seconds)
        except QueueError as error:
            # They come back by themselves when their visibility timeout ends.
            log.warning("give_back_failed", extra={"error": str(error), "messages": len(receipts)})
