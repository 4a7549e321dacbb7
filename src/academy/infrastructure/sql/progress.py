"""Adapter: latest progress by job (port ProgressStore), for installations without Redis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.tables import job_progress as table

__all__ = ["SqlProgressStore"]

_FIELDS = ("step", "step_index", "step_count", "percent", "remaining_seconds")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        raise ProgressUnavailable(str(error)) from error


class SqlProgressStore:
    """The `ProgressStore` port on one table; a batch is one transaction."""

    def __init__(self, connections: SqlConnections) -> None:
        self._connections = connections
        self._insert = sqlite.insert if connections.sqlite else postgresql.insert

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        """Store updates; one whose token is lower than the stored one changes nothing. Raises ProgressUnavailable."""
        if not updates:
            return
        new = self._insert(table).values(updated_at=row_now())
        values = {name: new.excluded[name] for name in ("token", "updated_at", *_FIELDS)}
        newest = new.excluded.token >= table.c.token
        put = new.on_conflict_do_update(index_elements=["job_id"], set_=values, where=newest)
        # Sorted, so that two batches never wait for each other in a circle.
        rows = [_row(update) for update in sorted(updates, key=lambda update: update.job_id)]
        await self._change(lambda connection: connection.execute(put, rows))

    async def read(self, job_ids: Sequence[str]) -> Mapping[str, Progress]:
        """Return the latest progress of each job that has one. Raises ProgressUnavailable."""
        query = select(table.c.job_id, *(table.c[name] for name in _FIELDS)).where(
            table.c.job_id.in_(job_ids)
        )

        def work(connection: Connection) -> dict[str, Progress]:
            return {row[0]: Progress(*row[1:]) for row in connection.execute(query)}

        with _translated():
            return await self._connections.read_apart(lambda: self._connections.read(work))

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Remove progress of settled jobs. Raises ProgressUnavailable."""
        await self._change(
            lambda connection: connection.execute(delete(table).where(table.c.job_id.in_(job_ids)))
        )

    async def ping(self) -> None:
        """Raise ProgressUnavailable unless the table answers."""
        await self.read([""])

    async def _change(self, work: Callable[[Connection], object]) -> None:
        # Advisory: a power cut may take the last updates.
        with _translated():
            await self._connections.write_apart(lambda: self._connections.write(work, durable=False))


def _row(update: ProgressUpdate) -> dict[str, object]:
    fields = {name: getattr(update.progress, name) for name in _FIELDS}
    return {"job_id": update.job_id, "token": update.token, **fields}
