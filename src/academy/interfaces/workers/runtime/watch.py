"""Once a second: write progress behind, look for cancel requests, stop what stalls (JOB-4, JOB-8, JOB-9)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from academy.application.jobs.attempt import HandlerStuck, Stop
from academy.application.ports.database import DatabaseUnavailable, Lease
from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["Watch"]

log = logging.getLogger(__name__)

MOST_UNFORGOTTEN = 10_000
"""Ended jobs that are kept in mind while the progress store is away; of more, the oldest stay there."""


class Watch:
    """Looks after the running attempts."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Watch `holdings`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings
        self._written: dict[Lease, Progress] = {}
        self._unforgotten: list[str] = []

    async def run(self) -> None:
        """Watch until cancelled."""
        # Apart: a progress store that hangs must not keep a cancel request waiting.
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._every_interval(self.write_progress), name="progress")
            loops.create_task(self._every_interval(self._stop_where_needed), name="stops")

    async def _every_interval(self, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._config.watch_interval)
            await look()

    async def _stop_where_needed(self) -> None:
        self._stop_stalled()
        await self._stop_cancelled()

    def _stop_stalled(self) -> None:
        for attempt in self._holdings.attempts:
            if attempt.stuck(self._config.stop_grace):
                raise HandlerStuck(
                    f"the handler of {attempt.job.type} job {attempt.job.id} ignores being stopped"
                )
            if attempt.stopped is None and attempt.stalled():
                log.warning("job_stalled", extra={"job_id": attempt.job.id, "job_type": attempt.job.type})
                attempt.stop(Stop.STALLED)

    async def write_progress(self) -> None:
        """Write what changed and forget what has ended, in this order: no write can come after the end of its job."""
        now = {a.lease: a.progress for a in self._holdings.attempts if a.progress is not None}
        changed = {lease: progress for lease, progress in now.items() if self._written.get(lease) != progress}
        self._unforgotten += self._holdings.take_finished()
        try:
            if changed:
                await self._parts.progress.write(
                    [ProgressUpdate(lease.job_id, lease.token, step) for lease, step in changed.items()]
                )
            if self._unforgotten:
                await self._parts.progress.forget(self._unforgotten)
        except ProgressUnavailable as error:
            log.warning("progress_not_written", extra={"error": str(error), "jobs": len(changed)})
            self._parts.telemetry.count("academy_progress_failures_total")
            self._unforgotten = self._unforgotten[-MOST_UNFORGOTTEN:]
            return
        self._written, self._unforgotten = now, []

    async def _stop_cancelled(self) -> None:
        attempts = [attempt for attempt in self._holdings.attempts if attempt.stopped is None]
        if not attempts:
            return
        ids = [attempt.job.id for attempt in attempts]
        try:
            wanted = await self._parts.database.read(lambda tx: tx.jobs.cancel_requested(ids))
        except DatabaseUnavailable as error:
            log.warning("cancel_not_checked", extra={"error": str(error)})
            return
        for attempt in attempts:
            if attempt.job.id in wanted:
                attempt.stop(Stop.CANCELLED)
