"""Port: progress of running jobs, written behind (JOB-9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from academy.domain.job.progress import Progress

__all__ = ["ProgressStore", "ProgressUnavailable", "ProgressUpdate"]


class ProgressUnavailable(Exception):
    """The store cannot be reached. Progress is advisory: callers count and log this and go on."""


@dataclass(frozen=True, slots=True)
class ProgressUpdate:
    """Progress of one attempt; `token` is the fencing token under which it was made."""

    job_id: str
    token: int
    progress: Progress


class ProgressStore(Protocol):
    """Latest progress by job. An update whose token is lower than the stored one changes nothing."""

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        """Store many updates in one round trip. Raises ProgressUnavailable."""
        ...

    async def read(self, job_ids: Sequence[str]) -> Mapping[str, Progress]:
        """Return the latest progress of each job that has one. Raises ProgressUnavailable."""
        ...

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Remove progress of settled jobs. Raises ProgressUnavailable."""
        ...

    async def ping(self) -> None:
        """Raise ProgressUnavailable unless the store answers."""
        ...
