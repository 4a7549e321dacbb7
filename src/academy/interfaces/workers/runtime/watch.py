"""Once a second: write progress behind, look for cancel requests, stop what stalls (JOB-4, JOB-8, JOB-9)."""

import asyncio
import logging

from academy.application.jobs.attempt import Stop
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["Watch"]

log = logging.getLogger(__name__)


class Watch:
    """Looks after the running attempts."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Watch `holdings`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings
        self._written: dict[tuple[str, int], Progress] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(self._config.watch_interval)
            self._stop_stalled()
            await self._write_progress()
            await self._stop_cancelled()

    def _stop_stalled(self) -> None:
        for attempt in self._holdings.attempts:
            if attempt.stopped is None and attempt.stalled():
                log.warning("job_stalled", extra={"job_id": attempt.job.id, "job_type": attempt.job.type})
                attempt.stop(Stop.STALLED)

    async def _write_progress(self) -> None:
        now = {(a.job.id, a.job.token): a.progress for a in self._holdings.attempts if a.progress is not None}
        changed = {key: progress for key, progress in now.items() if self._written.get(key) != progress}
        if changed:
            try:
                await self._parts.progress.write(
                    [ProgressUpdate(*key, progress) for key, progress in changed.items()]
                )
            except ProgressUnavailable as error:
                log.warning("progress_not_written", extra={"error": str(error), "jobs": len(changed)})
                self._parts.telemetry.count("academy_progress_failures_total")
                return
        self._written = now

    async def _stop_cancelled(self) -> None:
        attempts = {a.job.id: a for a in self._holdings.attempts if a.stopped is None}
        if not attempts:
            return
        try:
            wanted = await self._parts.database.read(lambda tx: tx.jobs.cancel_requested(list(attempts)))
        except DatabaseUnavailable as error:
            log.warning("cancel_not_checked", extra={"error": str(error)})
            return
        for job_id in wanted:
            attempts[job_id].stop(Stop.CANCELLED)
