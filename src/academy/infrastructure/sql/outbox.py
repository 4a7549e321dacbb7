"""Messages that wait for the relay."""
# ruff: noqa: S608 (every part is a constant of this package; values are bound)

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, TextClause, TextualSelect, text

from academy.application.ports.database import OutboxMessage, OutboxRow
from academy.infrastructure.sql import turns
from academy.infrastructure.sql.columns import json_text, millis, rows_text, storable
from academy.infrastructure.sql.listening import OUTBOX_CHANNEL
from academy.infrastructure.sql.tables import outbox
from academy.infrastructure.sql.turns import Dialect, Line

__all__ = ["SqlOutboxRepository"]

_ERROR_LENGTH = 500
_FIELDS = ("id", "queue", "body", "grp", "attributes", "tries", "ready_at")
# By queue, too: an academy's many messages for one worker do not delay its own for another.
_LINE = Line("outbox", "''", "true", ("queue", "grp"))
RELEASED = 4
"""Scheduled rows that may join the line with each take, for each row that it may take."""
TENDED = 8
"""Of so many takes one first lets in scheduled rows and finds out anew where the line begins, however much waits."""
AGE_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class _Statements:
    """Statements of one dialect; `rows` is a JSON array of arrays, `ids` one of numbers, times are milliseconds."""

    add: TextClause
    note: TextClause
    release: TextClause
    take: TextualSelect
    published: TextClause
    failed: TextClause
    next_due: TextClause
    backlog: TextClause


def _statements(dialect: Dialect) -> _Statements:
    theirs = dialect.among("id", f"SELECT id FROM ({dialect.rows('ids', id='bigint')}) AS given")
    columns = (outbox.c[name] for name in _FIELDS)
    return _Statements(
        add=text(_add(dialect)),
        note=text(_LINE.noted),
        release=text(f"""
            WITH due AS (
                SELECT id, id AS n, queue, grp FROM outbox
                WHERE turn IS NULL AND due_at <= {dialect.statement_now}
                ORDER BY due_at, id LIMIT :most {dialect.lock}),
            {_LINE.placed(dialect, "due")}
            UPDATE outbox SET turn = place FROM placed WHERE {dialect.joined("outbox.id", "placed")} RETURNING outbox.id"""),
        take=text(f"""
            WITH chosen AS (
                SELECT id AS chosen_id FROM outbox WHERE {_LINE.waiting}
                ORDER BY turn, id LIMIT :limit {dialect.lock})
            UPDATE outbox SET turn = NULL, due_at = {dialect.row_now} + :lease
            FROM chosen WHERE {dialect.joined("id", "chosen", "chosen_id")} RETURNING {", ".join(_FIELDS)}""").columns(
            *columns
        ),
        published=text(f"DELETE FROM outbox WHERE {theirs}"),
        failed=text(f"""
            UPDATE outbox SET tries = tries + 1, error = :error, turn = NULL, due_at = {dialect.row_now} + :delay
            WHERE {theirs}"""),
        next_due=text(f"""
            SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE turn IS NOT NULL) THEN 0 ELSE
                (SELECT due_at FROM outbox WHERE turn IS NULL ORDER BY due_at LIMIT 1) - {dialect.statement_now}
            END"""),
        backlog=text(_backlog(dialect)),
    )


def _add(dialect: Dialect) -> str:
    fields = {"queue": "text", "grp": "text", "body": "text", "attributes": "text", "delay": "bigint"}
    insert = f"""
        INSERT INTO outbox (queue, body, grp, attributes, tries, error, ready_at, due_at, turn)
        SELECT queue, body, grp, attributes, 0, '', {dialect.row_now} + delay, {dialect.row_now} + delay,
            CASE WHEN delay <= 0 THEN place END
        FROM placed ORDER BY n"""
    placed = _LINE.placed(dialect, "given", "given.delay > 0")
    given = f"WITH given AS ({dialect.rows('rows', **fields)}), {placed}"
    if not dialect.postgresql:
        return f"{given} {insert}"
    # However often within a transaction: the server tells the same notice once.
    return f"""{given}, made AS ({insert})
        SELECT pg_notify('{OUTBOX_CHANNEL}', :notice) WHERE :notice <> ''"""


def _backlog(dialect: Dialect) -> str:
    """Return the count of due rows and, from those that are next, the time since the oldest was ready."""
    now = dialect.statement_now
    late = f"FROM outbox WHERE turn IS NULL AND due_at <= {now}"
    return f"""
        SELECT (SELECT count(*) FROM outbox WHERE turn IS NOT NULL) + (SELECT count(*) {late}),
            {now} - (SELECT min(ready_at) FROM (
                SELECT * FROM (SELECT ready_at FROM outbox WHERE turn IS NOT NULL
                    ORDER BY turn, id LIMIT {AGE_SAMPLE}) AS waiting
                UNION ALL
                SELECT * FROM (SELECT ready_at {late} ORDER BY due_at, id LIMIT {AGE_SAMPLE}) AS scheduled
            ) AS sample)"""


_SQLITE, _POSTGRESQL = _statements(turns.SQLITE), _statements(turns.POSTGRESQL)


class SqlOutboxRepository:
    """`OutboxRepository` on one connection.

    `added` is called once something was put in, `origin` names this process, `takes` counts its takes.
    """

    def __init__(
        self, connection: Connection, added: Callable[[], None], origin: str, takes: Iterator[int]
    ) -> None:
        self._connection = connection
        self._takes = takes
        self._added = added
        self._origin = origin
        self._statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL

    def add(self, messages: Sequence[OutboxMessage]) -> None:
        """Keep messages until the relay has published them; one statement for all."""
        if not messages:
            return
        rows = [_row(message) for message in messages]
        at_once = any(row[4] <= 0 for row in rows)
        values = {"rows": rows_text(rows)}
        if self._statements is _POSTGRESQL:
            values["notice"] = self._origin if at_once else ""
        self._connection.execute(self._statements.add, values)
        self._added()

    def take(self, limit: int, lease: timedelta) -> Sequence[OutboxRow]:
        """Take due rows, tenant by tenant in turn, and hide them from other relays for `lease`."""
        values = {"limit": limit, "lease": millis(lease)}
        tended = next(self._takes) % TENDED == 0
        if tended:
            self._tend(limit)
        # What it brings is taken, even where each statement is committed by itself: no other comes after it.
        rows = self._connection.execute(self._statements.take, values).all()
        if not rows and not tended and self._tend(limit):
            rows = self._connection.execute(self._statements.take, values).all()
        return [OutboxRow(*row[:6]) for row in sorted(rows, key=lambda row: (row.ready_at, row.id))]

    def published(self, row_ids: Sequence[int]) -> None:
        """Remove rows that the broker has."""
        self._connection.execute(self._statements.published, {"ids": _ids(row_ids)})

    def failed(self, row_ids: Sequence[int], error: str, retry_in: timedelta) -> None:
        """Give rows back after a failed publication, due again in `retry_in`."""
        values = {"ids": _ids(row_ids), "error": storable(error[:_ERROR_LENGTH]), "delay": millis(retry_in)}
        self._connection.execute(self._statements.failed, values)

    def next_due(self) -> timedelta | None:
        """Return how long until the next row is due (zero or less: now), None when the outbox is empty."""
        left = self._connection.scalar(self._statements.next_due)
        return None if left is None else timedelta(milliseconds=left)

    def backlog(self) -> tuple[int, float]:
        """Return how many rows are due and the age in seconds of the oldest of those that are next."""
        count, oldest = self._connection.execute(self._statements.backlog).one()
        return count, max(0.0, oldest / 1000) if count else 0.0

    def _tend(self, limit: int) -> bool:
        """Let rows whose time has come join the line, and find out where it begins; return whether that changed anything."""
        released = self._connection.execute(self._statements.release, {"most": RELEASED * limit})
        noted = self._connection.execute(self._statements.note)
        return bool(released.all()) or bool(noted.all())


def _row(message: OutboxMessage) -> tuple[str, str, str, str, int]:
    attributes = json_text(dict(message.attributes or {}))
    return (message.queue, message.group, message.body, attributes, millis(message.delay))


def _ids(row_ids: Sequence[Any]) -> str:
    return json_text([[row_id] for row_id in row_ids])
