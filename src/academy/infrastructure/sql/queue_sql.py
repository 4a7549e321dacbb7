"""The frequent statements of the queue: receive, ack, extend; each one statement for a whole batch.

A message is a row; `visible_at` hides it, `receipt` (which only grows) names one delivery. Receiving looks at the oldest visible
rows of one index, so its cost does not depend on how many messages wait or how many were acked.
"""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

from dataclasses import dataclass

from sqlalchemy import TextClause, TextualSelect, text

from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW, STATEMENT_NOW
from academy.infrastructure.sql.tables import queue_messages as messages

__all__ = ["POSTGRESQL", "SQLITE", "QueueStatements"]

_RECEIVED = ("id", "queue", "body", "attributes", "receive_count", "receipt", "sent_at")
_SPENT = "receive_count >= (SELECT max_receives FROM queues WHERE name = :queue)"


@dataclass(frozen=True, slots=True)
class QueueStatements:
    """Statements of one dialect. `rows` is a JSON array of [id, receipt] pairs, times are milliseconds."""

    receive: TextualSelect
    ack: TextClause
    extend: TextClause
    dead_letter: TextClause


def _statements(statement_now: str, row_now: str, pairs: str, lock: str) -> QueueStatements:
    receive = f"""
        WITH due AS (
            SELECT id AS due_id, {_SPENT} AS spent FROM queue_messages
            WHERE queue = :queue AND visible_at <= {statement_now}
            ORDER BY visible_at, id LIMIT :limit {lock})
        UPDATE queue_messages
        SET queue = CASE WHEN spent THEN (SELECT dead_letter FROM queues WHERE name = :queue) ELSE queue END,
            reason = CASE WHEN spent THEN 'max_receives_exceeded' ELSE reason END,
            visible_at = {row_now} + CASE WHEN spent THEN 0 ELSE :visibility END,
            receive_count = receive_count + CASE WHEN spent THEN 0 ELSE 1 END,
            receipt = receipt + 1
        FROM due WHERE id = due_id
        RETURNING {", ".join(_RECEIVED)}"""
    held = f"id IN (SELECT id FROM ({pairs}) AS p) AND (id, receipt) IN ({pairs})"
    extend = (
        f"UPDATE queue_messages SET visible_at = {row_now} + :visibility WHERE {held} RETURNING id, queue"
    )
    dead_letter = f"""
        UPDATE queue_messages
        SET queue = (SELECT dead_letter FROM queues WHERE name = queue_messages.queue),
            reason = :reason, visible_at = {row_now}, receipt = receipt + 1
        WHERE {held} AND EXISTS (SELECT 1 FROM queues WHERE name = queue AND dead_letter <> '')"""
    return QueueStatements(
        receive=text(receive).columns(*(messages.c[name] for name in _RECEIVED)),
        ack=text(f"DELETE FROM queue_messages WHERE {held} RETURNING id"),
        extend=text(extend),
        dead_letter=text(dead_letter),
    )


SQLITE = _statements(
    statement_now=SQLITE_NOW,
    row_now=SQLITE_NOW,
    pairs="SELECT value ->> 0 AS id, value ->> 1 AS receipt FROM json_each(:rows)",
    lock="",
)
POSTGRESQL = _statements(
    statement_now=STATEMENT_NOW,
    row_now=ROW_NOW,
    pairs="""SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS bigint) AS receipt
        FROM json_array_elements(CAST(:rows AS json))""",
    lock="FOR UPDATE SKIP LOCKED",
)
