"""News of jobs for many listeners: one look at the database and the progress store a second, whoever listens (API-3)."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from academy.application.jobs.job_type import JobTypes
from academy.application.ports.database import Database, DatabaseUnavailable, Transaction
from academy.application.ports.progress import ProgressStore, ProgressUnavailable
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress

__all__ = ["JobFeed", "News", "TooManyListeners"]

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
MOST_LISTENERS = 512
MOST_PER_TENANT = 128
MOST_PER_VIEWER = 8
"""A person listens in a few tabs; so nobody takes the places of a whole academy."""


class TooManyListeners(Exception):
    """No more listeners are taken for now."""


@dataclass(frozen=True, slots=True)
class News:
    """A job as it stands, and when it begins if it waits for its time; `version` differs whenever something that people see differs."""

    job: Job
    progress: Progress | None
    starts_at: datetime | None = None

    @property
    def version(self) -> str:
        """Return what names this state of affairs, for `Last-Event-ID`."""
        job = self.job
        parts: list[object] = [job.state.value, job.token, job.attempt, int(job.cancel_requested)]
        if self.starts_at is not None:
            parts.append(int(self.starts_at.timestamp()))
        if self.progress is not None:
            parts += [self.progress.step_index, self.progress.percent]
        return "-".join(map(str, parts))


class JobFeed:
    """Looks at the jobs that somebody listens to, all in one go."""

    def __init__(
        self,
        database: Database,
        progress: ProgressStore,
        types: JobTypes,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Take ports; nothing runs until somebody listens."""
        self._database = database
        self._progress = progress
        self._types = types
        self._look_seconds = look_seconds
        self._listeners: defaultdict[str, set[asyncio.Queue[News | None]]] = defaultdict(set)
        self._tenants: Counter[str] = Counter()
        self._viewers: Counter[str] = Counter()
        self._latest: dict[str, News] = {}
        self._fresh: set[str] = set()
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return self._tenants.total()

    @contextmanager
    def listening(
        self, tenant_id: str, viewer: str, job_id: str, patience: float
    ) -> Iterator[AsyncGenerator[News | None, None]]:
        """Hold a place; what it holds yields the job after each look at which it had changed, None after `patience` quiet seconds.

        It ends when the job has ended, is gone, or the feed closes. Raises TooManyListeners at once.
        """
        if self._closed or self._full(tenant_id, viewer):
            raise TooManyListeners
        inbox: asyncio.Queue[News | None] = asyncio.Queue()
        self._tenants[tenant_id] += 1
        self._viewers[viewer] += 1
        self._listeners[job_id].add(inbox)
        self._wake(job_id, inbox)
        try:
            yield _changes(inbox, patience)
        finally:
            self._listeners[job_id].discard(inbox)
            if not self._listeners[job_id]:
                del self._listeners[job_id]
                self._latest.pop(job_id, None)
            _give_back(self._tenants, tenant_id)
            _give_back(self._viewers, viewer)

    async def close(self) -> None:
        """Let every listener go and stop looking."""
        self._closed = True
        for inboxes in self._listeners.values():
            for inbox in inboxes:
                inbox.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _full(self, tenant_id: str, viewer: str) -> bool:
        return (
            self.listeners >= MOST_LISTENERS
            or self._tenants[tenant_id] >= MOST_PER_TENANT
            or self._viewers[viewer] >= MOST_PER_VIEWER
        )

    def _wake(self, job_id: str, inbox: "asyncio.Queue[News | None]") -> None:
        if job_id in self._latest:
            inbox.put_nowait(self._latest[job_id])
            return
        # Nobody looked at this job lately: the first listener need not wait for the next round.
        self._fresh.add(job_id)
        self._stir.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="job feed")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        next_round = loop.time()
        while self._listeners:
            wanted = [job_id for job_id in self._fresh if job_id in self._listeners]
            self._fresh.clear()
            if loop.time() >= next_round:
                wanted = list(self._listeners)
                next_round = loop.time() + self._look_seconds
            try:
                await self._look(wanted)
            except DatabaseUnavailable:
                log.warning("job_feed_unavailable", extra={"listeners": self.listeners})
            try:
                async with asyncio.timeout_at(next_round):
                    await self._stir.wait()
            except TimeoutError:
                continue
            finally:
                self._stir.clear()

    async def _look(self, wanted: Sequence[str]) -> None:
        if not wanted:
            return

        def look(tx: Transaction) -> tuple[Mapping[str, Job], Mapping[str, datetime | None]]:
            jobs = tx.jobs.get_many(wanted)
            return jobs, {job.id: self._types.starts_at(tx, job) for job in jobs.values()}

        jobs, starts = await self._database.read(look)
        progress = await self._progress_of(jobs)
        for job_id in wanted:
            job = jobs.get(job_id)
            news = News(job, progress.get(job_id), starts[job_id]) if job is not None else None
            if news is not None and job_id in self._listeners:
                self._latest[job_id] = news
            for inbox in self._listeners.get(job_id, ()):
                # A listener that is slow to read needs only the latest.
                while not inbox.empty():
                    inbox.get_nowait()
                inbox.put_nowait(news)

    async def _progress_of(self, jobs: Mapping[str, Job]) -> Mapping[str, Progress]:
        running = [job.id for job in jobs.values() if job.under_way]
        if not running:
            return {}
        try:
            return await self._progress.read(running)
        except ProgressUnavailable:
            log.warning("progress_unavailable")
            return {}


def _give_back(places: Counter[str], holder: str) -> None:
    places[holder] -= 1
    if not places[holder]:
        del places[holder]


async def _changes(inbox: "asyncio.Queue[News | None]", patience: float) -> AsyncGenerator[News | None, None]:
    """Yield news that differ from the last, and None after `patience` seconds without; end with the job."""
    loop = asyncio.get_running_loop()
    last = ""
    quiet_until = loop.time() + patience
    while True:
        try:
            async with asyncio.timeout_at(quiet_until):
                news = await inbox.get()
        except TimeoutError:
            quiet_until = loop.time() + patience
            yield None
            continue
        if news is None:
            return
        if news.version != last:
            last = news.version
            quiet_until = loop.time() + patience
            yield news
        if news.job.finished:
            return
