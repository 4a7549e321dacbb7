"""Adapter: progress in memory."""

from collections.abc import Mapping, Sequence

from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress

__all__ = ["MemoryProgressStore"]


class MemoryProgressStore:
    """The `ProgressStore` port in one process; `available` False is an outage."""

    def __init__(self) -> None:
        self.available = True
        self._latest: dict[str, ProgressUpdate] = {}

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        """Store updates; one whose token is lower than the stored one changes nothing."""
        self._reach()
        for update in updates:
            stored = self._latest.get(update.job_id)
            if stored is None or update.token >= stored.token:
                self._latest[update.job_id] = update

    async def read(self, job_ids: Sequence[str]) -> Mapping[str, Progress]:
        """Return the latest progress of each job that has one."""
        self._reach()
        return {job_id: self._latest[job_id].progress for job_id in job_ids if job_id in self._latest}

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Remove progress of settled jobs."""
        self._reach()
        for job_id in job_ids:
            self._latest.pop(job_id, None)

    async def ping(self) -> None:
        """Raise ProgressUnavailable during an outage."""
        self._reach()

    def _reach(self) -> None:
        if not self.available:
            raise ProgressUnavailable("the store was made unavailable")
