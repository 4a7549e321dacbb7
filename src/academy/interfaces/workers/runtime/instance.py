"""What is announced to the machine becomes a drain of the worker (JOB-12)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from academy.application.jobs.attempt import Stop
from academy.application.ports.clock import Clock
from academy.application.ports.instance import InstanceLife, InstanceNotice, InstanceUnavailable
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["RESERVE", "InstanceWatch", "watched"]

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 5.0
"""As often as the EC2 user guide recommends to look for interruption notices."""
FIRST_TRIES = 3
RESERVE = timedelta(seconds=40)
"""Kept of what is left of the machine: a handler that is stopped may clean up for 30 s, then its end is written."""


class InstanceWatch:
    """Looks for notices and drains; what still runs when the machine is about to go is given back."""

    def __init__(
        self, worker: Worker, life: InstanceLife, clock: Clock, *, interval: float = INTERVAL_SECONDS
    ) -> None:
        """Watch over `worker`."""
        self._worker = worker
        self._life = life
        self._clock = clock
        self._interval = interval

    async def run(self) -> None:
        """Look until cancelled; ends by itself where nothing answers at the start, for that is no such machine."""
        if not await self._on_instance():
            return
        away = False
        while True:
            try:
                notice = await self._life.notice()
                away = False
            except InstanceUnavailable as error:
                # The machine is one: an outage of its metadata is waited out, and told once.
                if not away:
                    log.warning("instance_metadata_away", extra={"error": str(error)})
                away, notice = True, None
            if notice is not None:
                await self._leave(notice)
            await asyncio.sleep(self._interval)

    async def _on_instance(self) -> bool:
        for _ in range(FIRST_TRIES):
            try:
                instance = await self._life.identity()
            except InstanceUnavailable as error:
                reason = str(error)
                await asyncio.sleep(self._interval)
                continue
            if instance is None:
                reason = "what answers is no instance metadata"
                break
            fields = {"instance_id": instance.id, "region": instance.region, "scaled": instance.scaled}
            log.info("instance_found", extra=fields)
            return True
        # In a container of a machine whose hop limit is 1 it looks the same: the operator can tell.
        log.info("no_instance_metadata", extra={"error": reason})
        return False

    async def _leave(self, notice: InstanceNotice) -> None:
        """Drain; when nearly nothing is left of the machine, stop what runs, so that it is given back in time."""
        at = notice.at.isoformat() if notice.at else None
        log.warning("instance_notice", extra={"why": notice.why, "at": at})
        self._worker.drain()
        if notice.at is None:
            # Nobody says how long: the grace of every drain is what there is.
            await asyncio.Event().wait()
            return
        left = notice.at - RESERVE - self._clock.now()
        await asyncio.sleep(max(0.0, left.total_seconds()))
        while True:
            for attempt in self._worker.holdings.attempts:
                attempt.stop(Stop.INTERRUPTED)
            # One that was being claimed when the drain began may come a moment later.
            await asyncio.sleep(min(1.0, self._interval))


@asynccontextmanager
async def watched(
    worker: Worker, life: InstanceLife | None, clock: Clock, *, interval: float = INTERVAL_SECONDS
) -> AsyncIterator[None]:
    """Watch for notices while the context lasts; nothing where there is no `life` to ask."""
    if life is None:
        yield
        return
    watching = asyncio.create_task(
        InstanceWatch(worker, life, clock, interval=interval).run(), name="instance"
    )
    try:
        yield
        if watching.done():
            # What ended it other than in order is a fault of ours, to be seen.
            watching.result()
    finally:
        watching.cancel()
        await asyncio.wait({watching})
