"""What operators do to the queue tables (port QueueAdmin)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import (
    DeadLetter,
    QueueDepth,
    QueueMissing,
    QueueSettings,
    QueueUnavailable,
)
from academy.infrastructure.sql.columns import now, row_now
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.tables import queue_messages as messages
from academy.infrastructure.sql.tables import queues
from academy.infrastructure.sql.wakeup import Wakeup

__all__ = ["SqlQueueAdmin", "drop_expired"]

T = TypeVar("T")
NEVER = 2**31 - 1
"""`max_receives` of a dead-letter queue: nothing is moved on from there."""
DAY = 24 * 3600 * 1000
EXPIRY_BATCH = 1000


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
        self._wakeup = Wakeup()
        self._known: set[str] = set()

    async def create(self, settings: Sequence[QueueSettings]) -> Sequence[str]:
        """Make the queues and their dead-letter queues, bring attributes up to date; return the names that changed."""
        rows = [row for each in settings for row in _rows(each)]
        return await self._write(
            lambda connection: [str(row["name"]) for row in rows if _put(connection, row)]
        )

    async def depth(self, queue: str) -> QueueDepth:
        """Count messages."""
        later = messages.c.visible_at > now()
        counts = select(
            func.count(case((~later, 1))),
            func.count(case((later & (messages.c.receive_count > 0), 1))),
            func.count(case((later & (messages.c.receive_count == 0), 1))),
            now() - func.min(messages.c.sent_at),
        ).where(messages.c.queue == queue)

        def work(connection: Connection) -> QueueDepth:
            self._must_exist(connection, queue)
            visible, in_flight, delayed, age = connection.execute(counts).one()
            return QueueDepth(visible, in_flight, delayed, None if age is None else max(0.0, age / 1000))

        return await self._read(work)

    async def dead_letters(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """Look at up to `limit` messages of `{queue}-dlq`, oldest first, without removing them."""
        fields = (messages.c.body, messages.c.reason, messages.c.sent_at, messages.c.receive_count)

        def work(connection: Connection) -> list[DeadLetter]:
            dead = self._dead_letter_name(connection, queue)
            query = select(messages.c.id, *fields).where(messages.c.queue == dead)
            rows = connection.execute(query.order_by(messages.c.visible_at, messages.c.id).limit(limit))
            return [DeadLetter(str(row[0]), *row[1:]) for row in rows]

        return await self._read(work)

    async def redrive(self, queue: str, limit: int) -> int:
        """Move up to `limit` messages from `{queue}-dlq` back to `queue`, receive counts afresh; return how many."""

        def work(connection: Connection) -> int:
            dead = self._dead_letter_name(connection, queue)
            free = select(messages.c.id).where(messages.c.queue == dead, messages.c.visible_at <= now())
            oldest = free.order_by(messages.c.visible_at, messages.c.id).limit(limit)
            chosen = oldest.with_for_update(skip_locked=True).cte("chosen")
            back = {"queue": queue, "reason": "", "receive_count": 0, "visible_at": row_now()}
            move = update(messages).where(messages.c.id.in_(select(chosen.c.id)))
            moved = move.values(**back, receipt=messages.c.receipt + 1).returning(messages.c.id)
            return len(connection.execute(moved).all())

        moved = await self._write(work)
        self._wakeup.wake(queue)
        return moved

    async def ping(self) -> None:
        """Raise QueueUnavailable unless the queue tables answer."""
        await self._read(lambda connection: connection.execute(select(queues.c.name).limit(1)).all())

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

    async def _read(self, work: Callable[[Connection], T]) -> T:
        with _translated():
            return await self._connections.read_apart(lambda: self._connections.read(work))


def drop_expired(connection: Connection, queue: str) -> None:
    """Delete messages of a queue and its dead-letter queue that are older than its retention."""
    days = select(queues.c.retention_days).where(queues.c.name == queue).scalar_subquery()
    names = select(queues.c.name).where((queues.c.name == queue) | (queues.c.dead_letter == queue))
    old = select(messages.c.id).where(messages.c.queue.in_(names), messages.c.sent_at < now() - days * DAY)
    chosen = old.limit(EXPIRY_BATCH).with_for_update(skip_locked=True).cte("chosen")
    connection.execute(delete(messages).where(messages.c.id.in_(select(chosen.c.id))))


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
