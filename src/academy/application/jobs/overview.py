"""What is going on right now, for operators: queues, workers, running jobs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from academy.application.jobs.fleet import ANSWER_SECONDS
from academy.application.jobs.standstill import TIMERS_LATE, Present, of_outbox, of_timers
from academy.application.ports.database import Database, JobFilter, Transaction
from academy.application.ports.job_queue import (
    QueueAdmin,
    QueueDepth,
    QueueError,
    QueueMissing,
    QueueSettings,
)
from academy.application.ports.page import Page
from academy.application.ports.progress import ProgressStore, ProgressUnavailable
from academy.application.ports.workers import SeenWorker
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import JobState

__all__ = ["Overview", "QueueLine", "RunningJob", "queue_lines", "work_under_way"]

MOST_JOBS = 200


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue; without `depth` it could not be counted, and `error` says why."""

    name: str
    depth: QueueDepth | None = None
    dead: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that a worker holds, and how far it is; no progress: none was reported, or it cannot be read now."""

    job: Job
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Workers and running jobs at one moment of the database's clock.

    Attributes:
        codes: names of academies by id.
        outbox_oldest: age in seconds of the oldest message that is due in the outbox, 0 without one.
        overdue: jobs whose timer is long past.
        complete: whether `running` holds every running job.
    """

    at: datetime
    workers: Sequence[SeenWorker]
    running: Sequence[RunningJob]
    codes: Mapping[str, str]
    outbox_due: int
    outbox_oldest: float = 0.0
    overdue: int = 0
    progress_error: str = ""
    complete: bool = True

    def running_of(self, worker: SeenWorker) -> int:
        """Return how many jobs a worker runs, by the jobs' rows; what it said itself where not all rows were read."""
        if not self.complete:
            return worker.beat.running
        return sum(running.job.worker == worker.beat.name for running in self.running)

    def abandoned(self, running: RunningJob) -> bool:
        """Return whether the worker of a job has not been heard of for too long; another one takes it when its lease ends."""
        heard = {worker.beat.name for worker in self.workers if not self.unseen(worker)}
        return running.job.worker not in heard

    def unseen(self, worker: SeenWorker) -> bool:
        """Return whether a worker has not been heard of for too long."""
        return self._present.unseen(worker)

    def standstills(self) -> Sequence[str]:
        """Return what waits although nobody does it, one sentence each."""
        outbox = of_outbox(self.outbox_due, self.outbox_oldest, self._present)
        return [each.text for each in (outbox, of_timers(self.overdue, self._present)) if not each.ok]

    @property
    def _present(self) -> Present:
        return Present(self.at, self.workers)


async def queue_lines(queue: QueueAdmin, names: Sequence[str]) -> list[QueueLine]:
    """Count every queue and its dead letters; one that cannot be counted in ANSWER_SECONDS says so. Never raises QueueError."""
    return list(await asyncio.gather(*(_line(queue, name) for name in names)))


async def _line(queue: QueueAdmin, name: str) -> QueueLine:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            own, dead = await asyncio.gather(
                queue.depth(name), queue.depth(QueueSettings(name).dead_letter_name)
            )
    except QueueMissing:
        return QueueLine(name, error="there is no such queue; `academy queues create` makes it")
    except TimeoutError:
        return QueueLine(name, error=f"no answer in {ANSWER_SECONDS:.0f} s")
    except QueueError as error:
        return QueueLine(name, error=str(error))
    return QueueLine(name, own, dead.visible + dead.in_flight)


async def work_under_way(database: Database, progress: ProgressStore, most: int = MOST_JOBS) -> Overview:
    """Return workers and up to `most` running jobs, longest running first. Raises DatabaseUnavailable."""

    def look(tx: Transaction) -> tuple[Overview, Page[Job]]:
        page = tx.jobs.list(JobFilter(state=JobState.RUNNING), "", most)
        codes = {tenant.id: tenant.code for tenant in tx.tenants.all()} if page.items else {}
        backlog, overdue = tx.outbox.backlog(), tx.jobs.count_overdue(TIMERS_LATE)
        return Overview(tx.now(), tx.workers.list(), (), codes, *backlog, overdue), page

    seen, page = await database.read(look)
    jobs = page.items
    steps: Mapping[str, Progress] = {}
    error = ""
    try:
        steps = await progress.read([job.id for job in jobs]) if jobs else {}
    except ProgressUnavailable as away:
        error = str(away)
    jobs = sorted(jobs, key=lambda job: job.started_at or seen.at)
    running = [RunningJob(job, steps.get(job.id)) for job in jobs]
    return replace(seen, running=running, progress_error=error, complete=not page.next_cursor)
