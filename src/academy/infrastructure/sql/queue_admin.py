"""What operators do to the queue tables (port QueueAdmin)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Select, case, delete, func, or_, select, update
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

        def work(connection: Connection) -> QueueDepth:
            self._must_exist(connection, queue)
            in_flight, delayed, oldest_hidden = connection.execute(_hidden(queue)).one()
            visible, oldest_visible = connection.execute(_visible(queue)).one()
            ages = [age for age in (oldest_hidden, oldest_visible) if age is not None]
            return QueueDepth(visible, in_flight, delayed, max(0.0, max(ages) / 1000) if ages else None)

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


def drop_expired(connection: Connection) -> None:
    """Delete what is older than its queue's retention, of the oldest EXPIRY_BATCH messages of all queues."""
    oldest = select(messages.c.id, messages.c.queue, messages.c.sent_at).order_by(messages.c.id)
    first = oldest.limit(EXPIRY_BATCH).subquery()
    old = first.c.sent_at < now() - queues.c.retention_days * DAY
    chosen = select(first.c.id).join(queues, queues.c.name == first.c.queue).where(old)
    connection.execute(delete(messages).where(messages.c.id.in_(chosen)))


def _hidden(queue: str) -> Select[int, int, int]:
    """Return the counts of messages in flight and delayed, and the age of the oldest; there are few of these."""
    received = messages.c.receive_count > 0
    age = now() - func.min(messages.c.sent_at)
    counts = select(func.count(case((received, 1))), func.count(case((~received, 1))), age)
    return counts.where(messages.c.queue == queue, messages.c.visible_at > now())


def _visible(queue: str) -> Select[int, int]:
    """Return the count of visible messages, from the index alone, and the age of the oldest.

    The longest visible ones are the oldest but for those that were received before: a look at AGE_SAMPLE is near enough.
    """
    theirs = (messages.c.queue == queue) & (messages.c.visible_at <= now())
    longest = select(messages.c.sent_at).where(theirs).order_by(messages.c.visible_at, messages.c.id)
    sample = longest.limit(AGE_SAMPLE).subquery()
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
