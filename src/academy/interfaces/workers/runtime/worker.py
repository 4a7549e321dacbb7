"""Start and stop a worker: side tasks that die take it down loudly, a drain lets jobs end within the grace (JOB-12)."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from academy.application.jobs.attempt import Stop
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.health import Health
from academy.interfaces.workers.runtime.heartbeat import Heartbeat
from academy.interfaces.workers.runtime.holdings import Holdings
from academy.interfaces.workers.runtime.poller import Poller
from academy.interfaces.workers.runtime.runner import Runner
from academy.interfaces.workers.runtime.settler import Settler
from academy.interfaces.workers.runtime.slots import Slots
from academy.interfaces.workers.runtime.telling import ProgressTeller
from academy.interfaces.workers.runtime.watch import Watch

__all__ = ["Worker"]

log = logging.getLogger(__name__)

LAST_WRITE_SECONDS = 5.0


class Worker:
    """Polls one queue and runs its jobs."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts) -> None:
        """Put the pieces together; nothing runs yet."""
        self.config = config
        self.parts = parts
        self.holdings = Holdings()
        self.health = Health(parts.clock, timedelta(seconds=3 * config.receive_wait + 60))
        self._draining = asyncio.Event()
        self._received_last = asyncio.Event()
        slots = Slots(config.slots)
        self._settler = Settler(parts, self.holdings, slots)
        self._runner = Runner(parts, self.holdings, self._settler)
        self._poller = Poller(config, parts, self.holdings, slots, self._runner, self._settler, self.health)
        self._heartbeat = Heartbeat(config, parts, self.holdings)
        self._watch = Watch(config, parts, self.holdings)
        self._teller = ProgressTeller(config, parts, self.holdings)

    def drain(self) -> None:
        """Receive nothing more and end when the running jobs have ended or were given back."""
        if not self._draining.is_set():
            log.info(
                "worker_draining", extra={"worker": self.config.name, "jobs": len(self.holdings.attempts)}
            )
            self._draining.set()

    @property
    def draining(self) -> bool:
        """Return whether the worker receives no more."""
        return self._draining.is_set()

    async def run(self) -> None:
        """Work until drained. Raises the error (in a group) of a side task or handler that cannot go on."""
        log.info(
            "worker_started",
            extra={
                "worker": self.config.name,
                "queues": [q.name for q in self.config.queues],
                "slots": self.config.slots,
            },
        )
        async with asyncio.TaskGroup() as sides:
            side = [sides.create_task(task, name=name) for name, task in self._sides().items()]
            try:
                await self._poller.run(self._draining)
                self._received_last.set()
                # Reached only when draining: heartbeat, watch and settler go on until nothing is in hand.
                await self._all_written()
            finally:
                # Nothing runs here after a drain; when a side task died, handlers get to clean up before the process ends.
                self._interrupt()
                await self._runner.ended(self.config.stop_grace.total_seconds())
            for task in side:
                task.cancel()
        await self._forget_progress()
        log.info("worker_stopped", extra={"worker": self.config.name})

    async def _all_written(self) -> None:
        """Wait until nothing is in hand; what cannot be written for a whole lease after the grace is left to its lease."""
        config = self.config
        try:
            async with asyncio.timeout((config.drain + config.stop_grace + config.lease).total_seconds()):
                await self.holdings.idle.wait()
        except TimeoutError:
            log.warning("left_unwritten", extra={"worker": config.name, "jobs": len(self.holdings.attempts)})

    async def _forget_progress(self) -> None:
        """Forget what ended since the last look; a store that hangs does not keep the process."""
        try:
            async with asyncio.timeout(LAST_WRITE_SECONDS):
                await self._watch.write_progress()
        except TimeoutError:
            log.warning("progress_not_forgotten", extra={"worker": self.config.name})

    def _sides(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {
            "settler": self._settler.run(),
            "heartbeat": self._heartbeat.run(),
            "watch": self._watch.run(),
            "telling": self._teller.run(),
            "drain": self._give_back_late(),
        }

    async def _give_back_late(self) -> None:
        """When the grace of a drain is over, stop what still runs; its settlement gives it back."""
        await self._draining.wait()
        try:
            async with asyncio.timeout(self.config.drain.total_seconds()):
                # The last receive may still start jobs; only after it does idle mean the end.
                await self._received_last.wait()
                await self.holdings.idle.wait()
        except TimeoutError:
            log.info("drain_grace_over", extra={"jobs": len(self.holdings.attempts)})
            self._interrupt()
            await self._received_last.wait()
        self._interrupt()

    def _interrupt(self) -> None:
        for attempt in self.holdings.attempts:
            attempt.stop(Stop.INTERRUPTED)
