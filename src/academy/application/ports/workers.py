"""Port: which workers, relays and reconcilers are alive, for operators. Nothing of the jobs' life depends on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

__all__ = ["SeenWorker", "WorkerBeat", "WorkerRepository"]


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """What a worker says of itself with every heartbeat.

    Attributes:
        name: worker id, unique among processes: role, host and process ("video@host:123").
        queues: broker's names of what it polls; none for a relay or a reconciler.
        slots: jobs it can run at once; 0 for who runs none.
        running: jobs it runs now.
        draining: it receives no more.
    """

    name: str
    queues: tuple[str, ...]
    slots: int
    running: int
    draining: bool = False

    @property
    def role(self) -> str:
        """Return what it is: "video", "outbox_relay" and so on."""
        return self.name.partition("@")[0]


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker as last heard of; times are the database's."""

    beat: WorkerBeat
    started_at: datetime
    seen_at: datetime


class WorkerRepository(Protocol):
    """One row per worker process."""

    def beat(self, beat: WorkerBeat) -> None:
        """Insert or refresh a worker's row; `started_at` stays as first written."""
        ...

    def gone(self, name: str) -> None:
        """Remove a worker that stopped in order."""
        ...

    def list(self) -> Sequence[SeenWorker]:
        """Return every worker in order of name."""
        ...

    def trim(self, unseen_for: timedelta) -> int:
        """Remove workers not heard of for that long; return how many."""
        ...
