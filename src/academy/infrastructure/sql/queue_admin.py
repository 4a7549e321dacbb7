"""What operators do to the queue tables (port QueueAdmin)."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Select, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import (
    DeadLetter,
    QueueDepth,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
)
from academy.infrastructure.sql import queue_sql
from academy.infrastructure.sql.columns import now
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.tables import queue_messages as messages
from academy.infrastructure.sql.tables import queues

__all__ = ["SqlQueueAdmin", "drop_expired"]

T = TypeVar("T")
NEVER = 2**31 - 1
"""`max_receives` of a dead-letter queue: nothing is moved on from there."""
DAY = 24 * 3600 * 1000
EXPIRY_BATCH = 1000
AGE_SAMPLE = 100


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        raise QueueUnavailable(str(error)) from error


class SqlQueueAdmin:
    """Making queues, counting, looking at dead letters and redriving them."""

    def __init__(self, connections: SqlConnections) -> None:
        self._connections = connections
        self._wakeup = connections.wakeup
        self._statements = queue_sql.SQLITE if connections.sqlite else queue_sql.POSTGRESQL
        self._known: set[str] = set()

    async def create(self, settings: Sequence[QueueSettings]) -> Sequence[str]:
        """Make the queues and their dead-letter queues, bring attributes up to date; return the names that changed."""
        rows = [row for each in settings for row in _rows(each)]
        return await self._write(
            lambda connection: [str(row["name"]) for row in rows if _put(connection, row)]
        )

    async def depth(self, queue: str) -> QueueDepth:
        """Count messages."""

        def work(connection: Connection) -> QueueDepth:
            self._must_exist(connection, queue)
            in_flight, delayed, late, oldest_hidden = connection.execute(_hidden(queue)).one()
            visible, oldest_visible = connection.execute(_visible(queue)).one()
            ages = [age for age in (oldest_hidden, oldest_visible) if age is not None]
            oldest = max(0.0, max(ages) / 1000) if ages else None
            return QueueDepth(visible + late, in_flight, delayed, oldest)

        return await self._read(work)

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """Look at up to `limit` messages of `{queue}-dlq`, oldest first, without removing them."""

        def work(connection: Connection) -> list[DeadLetter]:
            dead = self._dead_letter_name(connection, queue)
            rows = [row for query in _oldest(dead, limit) for row in connection.execute(query)]
            return [DeadLetter(str(row[0]), *row[1:]) for row in sorted(rows)[:limit]]

        return await self._read(work)

    async def redrive(self, queue: str, limit: int) -> int:
        """Move up to `limit` messages from `{queue}-dlq` back to `queue`, receive counts afresh; return how many."""

        def work(connection: Connection) -> int:
            dead = self._dead_letter_name(connection, queue)
            connection.execute(self._statements.release, {"queue": dead, "most": limit})
            values = {"queue": queue, "dead": dead, "limit": limit}
            moved = len(connection.execute(self._statements.redrive, values).all())
            self._tell(connection, [queue])
            return moved

        moved = await self._write(work)
        self._wakeup.wake(queue)
        return moved

    async def ping(self) -> None:
        """Raise QueueUnavailable unless the queue tables answer."""
        await self._read(lambda connection: connection.execute(select(queues.c.name).limit(1)).all())

    def _notice(self, queue: str) -> str:
        """Return what other processes are told when something was put on a queue."""
        return f"{self._wakeup.origin}:{queue}"

    def _tell(self, connection: Connection, queues: Collection[str]) -> None:
        """Let other processes know, once this transaction is committed, that something was put on queues."""
        if not self._connections.sqlite:
            for queue in queues:
                notify = func.pg_notify(queue_sql.QUEUE_CHANNEL, self._notice(queue))
                connection.execute(select(notify))

    def _must_exist(self, connection: Connection, queue: str) -> None:
        # Queues are never removed, so one that was seen needs no second look.
        if queue not in self._known:
            if connection.scalar(select(queues.c.name).where(queues.c.name == queue)) is None:
                raise QueueMissing(queue)
            self._known.add(queue)

    def _dead_letter_name(self, connection: Connection, queue: str) -> str:
        name = connection.scalar(select(queues.c.dead_letter).where(queues.c.name == queue))
        if not name:
            raise QueueMissing(f"{queue} has no dead-letter queue" if name == "" else queue)
        return str(name)

    async def _write(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        with _translated():
            return await self._connections.write_apart(lambda: self._connections.write(work, durable=durable))

    async def _write_each(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        with _translated():
            return await self._connections.write_apart(
                lambda: self._connections.write_each(work, durable=durable)
            )

    async def _read(self, work: Callable[[Connection], T]) -> T:
        with _translated():
            return await self._connections.read_apart(lambda: self._connections.read(work))


def drop_expired(connection: Connection) -> None:
    """Delete what is older than its queue's retention, of the oldest EXPIRY_BATCH messages of all queues."""
    oldest = select(messages.c.id, messages.c.queue, messages.c.sent_at).order_by(messages.c.id)
    first = oldest.limit(EXPIRY_BATCH).subquery()
    old = first.c.sent_at < now() - queues.c.retention_days * DAY
    chosen = select(first.c.id).join(queues, queues.c.name == first.c.queue).where(old)
    connection.execute(delete(messages).where(messages.c.id.in_(chosen)))


def _oldest(dead: str, limit: int) -> list[Select[int, str, str, datetime, int]]:
    """Return queries for the oldest messages in the line of a dead-letter queue and beside it."""
    fields = (messages.c.body, messages.c.reason, messages.c.sent_at, messages.c.receive_count)
    theirs = select(messages.c.id, *fields).where(messages.c.queue == dead).limit(limit)
    return [
        theirs.where(messages.c.turn.is_not(None)).order_by(messages.c.turn, messages.c.id),
        theirs.where(messages.c.turn.is_(None)).order_by(messages.c.visible_at, messages.c.id),
    ]


def _hidden(queue: str) -> Select[int, int, int, int]:
    """Return the counts of messages in flight, delayed and visible again but not in the line yet, and the age of the oldest."""
    received = messages.c.receive_count > 0
    hidden = messages.c.visible_at > now()
    age = now() - func.min(messages.c.sent_at)
    counts = (
        func.count(case((hidden & received, 1))),
        func.count(case((hidden & ~received, 1))),
        func.count(case((~hidden, 1))),
    )
    return select(*counts, age).where(messages.c.queue == queue, messages.c.turn.is_(None))


def _visible(queue: str) -> Select[int, int]:
    """Return the count of messages in the line, from the index alone, and the age of the oldest.

    Those that are next are the oldest of their groups: a look at AGE_SAMPLE is near enough.
    """
    theirs = (messages.c.queue == queue) & messages.c.turn.is_not(None)
    first = select(messages.c.sent_at).where(theirs).order_by(messages.c.turn, messages.c.id)
    sample = first.limit(AGE_SAMPLE).subquery()
    age = select(now() - func.min(sample.c.sent_at)).scalar_subquery()
    return select(func.count(), age).select_from(messages).where(theirs)


def _rows(settings: QueueSettings) -> list[dict[str, object]]:
    """Return the rows of a queue and of its dead-letter queue."""
    common = {
        "visibility_seconds": settings.visibility_seconds,
        "retention_days": settings.retention_days,
        "long_poll_seconds": settings.long_poll_seconds,
    }
    dead = settings.dead_letter_name
    return [
        {"name": settings.name, "dead_letter": dead, "max_receives": settings.max_receives, **common},
        {"name": dead, "dead_letter": "", "max_receives": NEVER, **common},
    ]


def _put(connection: Connection, row: dict[str, object]) -> bool:
    """Insert or update a queue; return whether that changed anything."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(queues).values(row)
    fields = [name for name in row if name != "name"]
    differs = [queues.c[name] != new.excluded[name] for name in fields]
    put = new.on_conflict_do_update(
        index_elements=["name"],
        set_={name: new.excluded[name] for name in fields},
        where=or_(*differs),
    )
    return connection.execute(put.returning(queues.c.name)).one_or_none() is not None
