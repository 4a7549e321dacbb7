"""Messages that wait for the relay."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import BigInteger, Connection, delete, func, insert, select, type_coerce, update

from academy.application.ports.database import OutboxMessage, OutboxRow
from academy.infrastructure.sql.columns import millis, now, row_now
from academy.infrastructure.sql.tables import outbox

__all__ = ["SqlOutboxRepository"]

_ERROR_LENGTH = 500
_FIELDS = (outbox.c.id, outbox.c.queue, outbox.c.body, outbox.c.grp, outbox.c.attributes, outbox.c.tries)


class SqlOutboxRepository:
    """`OutboxRepository` on one connection; `added` is called once something was put in."""

    def __init__(self, connection: Connection, added: Callable[[], None]) -> None:
        self._connection = connection
        self._added = added

    def add(self, messages: Sequence[OutboxMessage]) -> None:
        """Keep messages until the relay has published them."""
        for message in messages:
            due = row_now() + millis(message.delay)
            fields = {
                "queue": message.queue,
                "body": message.body,
                "grp": message.group,
                "attributes": dict(message.attributes or {}),
                "tries": 0,
                "error": "",
            }
            self._connection.execute(insert(outbox).values(ready_at=due, due_at=due, **fields))
        if messages:
            self._added()

    def take(self, limit: int, lease: timedelta) -> Sequence[OutboxRow]:
        """Take due rows, oldest first, and hide them from other relays for `lease`."""
        due = select(outbox.c.id).where(outbox.c.due_at <= now()).order_by(outbox.c.due_at, outbox.c.id)
        # Materialised: PostgreSQL may otherwise run the sub-select again and lock more than `limit`.
        chosen = due.limit(limit).with_for_update(skip_locked=True).cte("chosen")
        hide = (
            update(outbox)
            .where(outbox.c.id.in_(select(chosen.c.id)))
            .values(due_at=row_now() + millis(lease))
        )
        rows = self._connection.execute(hide.returning(*_FIELDS, outbox.c.ready_at)).all()
        return [OutboxRow(*row[:6]) for row in sorted(rows, key=lambda row: (row.ready_at, row.id))]

    def published(self, row_ids: Sequence[int]) -> None:
        """Remove rows that the broker has."""
        self._connection.execute(delete(outbox).where(outbox.c.id.in_(row_ids)))

    def failed(self, row_ids: Sequence[int], error: str, retry_in: timedelta) -> None:
        """Give rows back after a failed publication, due again in `retry_in`."""
        again = row_now() + millis(retry_in)
        change = update(outbox).where(outbox.c.id.in_(row_ids))
        self._connection.execute(
            change.values(tries=outbox.c.tries + 1, error=error[:_ERROR_LENGTH], due_at=again)
        )

    def next_due(self) -> timedelta | None:
        """Return how long until the next row is due (zero or less: now), None when the outbox is empty."""
        first = type_coerce(func.min(outbox.c.due_at), BigInteger)
        left = self._connection.scalar(select(first - now()))
        return None if left is None else timedelta(milliseconds=left)

    def backlog(self) -> tuple[int, float]:
        """Return how many rows are due and the age in seconds of the oldest due one."""
        age = now() - type_coerce(func.min(outbox.c.ready_at), BigInteger)
        late = select(func.count(), age).where(outbox.c.due_at <= now())
        count, oldest = self._connection.execute(late).one()
        return count, max(0.0, oldest / 1000) if count else 0.0
