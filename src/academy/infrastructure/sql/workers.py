"""The register of workers."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.workers import SeenWorker, WorkerBeat
from academy.infrastructure.sql.columns import millis, now, row_now
from academy.infrastructure.sql.tables import workers

__all__ = ["SqlWorkerRepository"]


class SqlWorkerRepository:
    """`WorkerRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def beat(self, beat: WorkerBeat) -> None:
        """Insert or refresh a worker's row; `started_at` stays as first written."""
        said = {
            "queues": list(beat.queues),
            "slots": beat.slots,
            "running": beat.running,
            "draining": beat.draining,
        }
        new = self._insert(workers).values(name=beat.name, started_at=row_now(), seen_at=row_now(), **said)
        fresh = {name: new.excluded[name] for name in (*said, "seen_at")}
        self._connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=fresh))

    def gone(self, name: str) -> None:
        """Remove a worker that stopped in order."""
        self._connection.execute(delete(workers).where(workers.c.name == name))

    def list(self) -> Sequence[SeenWorker]:
        """Return every worker in order of name."""
        rows = self._connection.execute(select(workers).order_by(workers.c.name))
        return [
            SeenWorker(
                WorkerBeat(row.name, tuple(row.queues), row.slots, row.running, row.draining),
                row.started_at,
                row.seen_at,
            )
            for row in rows
        ]

    def trim(self, unseen_for: timedelta) -> int:
        """Remove workers not heard of for that long; return how many."""
        silent = delete(workers).where(workers.c.seen_at < now() - millis(unseen_for))
        return self._connection.execute(silent).rowcount
