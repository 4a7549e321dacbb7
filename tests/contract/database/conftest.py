"""Every test of this folder runs on SQLite (a file, under a manual clock) and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.sql_time import shift_time

from academy.application.ports.database import Lease, Settlement
from academy.domain.job.job import Job, NewJob
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Place:
    """A database under test.

    Attributes:
        database: with our schema, empty.
        connections: its own.
        another: makes a second process's view of the same database, closed at the end of the test.
        pass_time: let this many seconds pass for the database.
    """

    database: SqlDatabase
    connections: SqlConnections
    another: Callable[[], SqlDatabase]
    pass_time: Callable[[float], None]

    def jobs(self, *ids: str, tenant: str = "t1", **changes: object) -> list[Job]:
        """Add jobs and return them."""
        new = [new_job(job_id, tenant=tenant, **changes) for job_id in ids]
        return [added.job for added in self.database.run_sync(lambda tx: tx.jobs.add(new))]

    def job(self, job_id: str) -> Job:
        """Return a job that must be there."""
        job = self.database.read_sync(lambda tx: tx.jobs.get(job_id))
        assert job is not None
        return job

    def claim(self, *ids: str, worker: str = "w1") -> dict[str, Job]:
        """Claim for a minute."""
        return dict(self.database.run_sync(lambda tx: tx.jobs.claim(ids, worker, LEASE)))


def new_job(job_id: str, tenant: str = "t1", **changes: object) -> NewJob:
    """Return a job to add; its key follows from its id."""
    fields: dict[str, object] = {
        "type": "video.transcode",
        "queue": "academy-video-jobs",
        "idempotency_key": f"key-{job_id}",
        "payload": {"video_id": "v1", "제목": "1강 \u0000 😀"},
    }
    return NewJob(id=job_id, tenant_id=tenant, **{**fields, **changes})  # type: ignore[arg-type]


@contextmanager
def open_place(url: str, clock: ManualClock | None) -> Iterator[Place]:
    """Open a database with our schema; without a manual clock, time passes by moving every stored time back."""
    opened: list[SqlConnections] = []

    def connect() -> SqlConnections:
        opened.append(SqlConnections(url, clock or SystemClock()))
        return opened[-1]

    first = connect()
    prepare(first)
    pass_time = clock.advance if clock else lambda seconds: shift_time(first, seconds)
    try:
        yield Place(SqlDatabase(first), first, lambda: SqlDatabase(connect()), pass_time)
    finally:
        for connections in opened:
            connections.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A database with our schema, empty."""
    if request.param == "sqlite":
        with open_place(f"sqlite:///{tmp_path}/academy.db", ManualClock()) as one:
            yield one
    else:
        with open_place(request.getfixturevalue("postgres_url"), None) as one:
            yield one


@pytest.fixture
def server(postgres_url: str) -> Iterator[Place]:
    """The same on PostgreSQL only, for what a server alone can do."""
    with open_place(postgres_url, None) as one:
        yield one


def end(place: Place, job_id: str, token: int, state: JobState, **rest: object) -> list[str]:
    """Settle one attempt; return the ids that were applied."""
    settlement = Settlement(Lease(job_id, token), state, **rest)  # type: ignore[arg-type]
    return [lease.job_id for lease in place.database.run_sync(lambda tx: tx.jobs.settle([settlement]))]


def finish(place: Place, job_id: str, state: JobState) -> None:
    """Claim a job and end it."""
    token = place.claim(job_id)[job_id].token
    assert end(place, job_id, token, state) == [job_id]
