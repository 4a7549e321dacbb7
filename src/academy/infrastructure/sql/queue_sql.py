"""The frequent statements of the queue, each one statement for a whole batch.

A message is a row; `turn` is its place in the line (see `turns.py`) and NULL while `visible_at` hides it; `receipt`, which only
grows, names one delivery.
"""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

from dataclasses import dataclass

from sqlalchemy import TextClause, TextualSelect, text

from academy.infrastructure.sql import turns
from academy.infrastructure.sql.tables import queue_messages as messages
from academy.infrastructure.sql.turns import Dialect, Line

__all__ = ["POSTGRESQL", "QUEUE_CHANNEL", "SQLITE", "QueueStatements"]

QUEUE_CHANNEL = "academy_queue"
"""Where PostgreSQL tells that something was put on a queue; the payload is "origin:queue"."""

_RECEIVED = ("id", "queue", "body", "attributes", "receive_count", "receipt", "sent_at")
_SPENT = "receive_count >= (SELECT max_receives FROM queues WHERE name = :queue)"
_LINE = Line("queue_messages", ":queue", "queue = :queue", ("grp",))
# The line that a message stands in when one statement changes messages of several queues.
_THEIRS = Line(
    "queue_messages AS other", "queue_messages.queue", "other.queue = queue_messages.queue", ("grp",)
)
# The line of each of several names.
_NAMED = Line("queue_messages", "value", "queue = value", ("grp",))


@dataclass(frozen=True, slots=True)
class QueueStatements:
    """Statements of one dialect; `rows` is a JSON array of arrays, times are milliseconds.

    Attributes:
        publish: rows of [group, body, attributes, delay]; on PostgreSQL `notice` is sent unless it is empty.
        note: bring the round under way up to date.
        release: give up to `most` messages whose time has come a place in the line.
        receive: take the first `limit` of the line.
        ack, extend, give_back, dead_letter: rows of [id, receipt].
        redrive: from the queue `dead` to the end of each group's line.
        ready: which of `names`, a JSON array, have a message that waits.
    """

    publish: TextClause
    note: TextClause
    release: TextClause
    receive: TextualSelect
    ack: TextClause
    extend: TextClause
    give_back: TextClause
    dead_letter: TextClause
    redrive: TextClause
    ready: TextClause


def _statements(dialect: Dialect) -> QueueStatements:
    pairs = f"SELECT id, receipt FROM ({dialect.rows('rows', id='bigint', receipt='bigint')}) AS p"
    held = f"{dialect.among('id', f'SELECT id FROM ({pairs}) AS p')} AND (id, receipt) IN ({pairs})"
    return QueueStatements(
        publish=text(_publish(dialect)),
        note=text(_LINE.noted),
        release=text(_release(dialect)),
        receive=text(_receive(dialect)).columns(*(messages.c[name] for name in _RECEIVED)),
        ack=text(f"DELETE FROM queue_messages WHERE {held} RETURNING id"),
        extend=text(
            f"UPDATE queue_messages SET turn = NULL, visible_at = {dialect.row_now} + :visibility "
            f"WHERE {held} RETURNING id, queue"
        ),
        give_back=text(
            f"UPDATE queue_messages SET turn = {_THEIRS.begun}, visible_at = {dialect.row_now} "
            f"WHERE {held} RETURNING id, queue"
        ),
        dead_letter=text(f"""
            UPDATE queue_messages
            SET queue = (SELECT dead_letter FROM queues WHERE name = queue_messages.queue), turn = 0,
                reason = :reason, visible_at = {dialect.row_now}, receipt = receipt + 1
            WHERE {held} AND EXISTS (SELECT 1 FROM queues WHERE name = queue AND dead_letter <> '')"""),
        redrive=text(_redrive(dialect)),
        ready=text(_ready(dialect)),
    )


def _publish(dialect: Dialect) -> str:
    given = dialect.rows("rows", grp="text", body="text", attributes="text", delay="bigint")
    placed = _LINE.placed(dialect, "given", "given.delay > 0")
    insert = f"""
        INSERT INTO queue_messages
            (queue, grp, body, attributes, visible_at, receive_count, receipt, reason, sent_at, turn)
        SELECT :queue, grp, body, attributes, {dialect.row_now} + delay, 0, 0, '', {dialect.row_now},
            CASE WHEN delay = 0 THEN place END
        FROM placed ORDER BY n"""
    if not dialect.postgresql:
        return f"WITH given AS ({given}), {placed} {insert}"
    return f"""WITH given AS ({given}), {placed}, made AS ({insert})
        SELECT pg_notify('{QUEUE_CHANNEL}', :notice) WHERE :notice <> ''"""


def _release(dialect: Dialect) -> str:
    # What was received before joins the round under way: it had its turn, and waits behind nobody a second time.
    return f"""
        WITH due AS (
            SELECT id, id AS n, grp, receive_count FROM queue_messages
            WHERE queue = :queue AND turn IS NULL AND visible_at <= {dialect.statement_now}
            ORDER BY visible_at, id LIMIT :most {dialect.lock}),
        {_LINE.placed(dialect, "due", "due.receive_count > 0")}
        UPDATE queue_messages SET turn = place FROM placed
        WHERE {dialect.joined("queue_messages.id", "placed")} RETURNING queue_messages.id"""


def _receive(dialect: Dialect) -> str:
    return f"""
        WITH due AS (
            SELECT id AS due_id, {_SPENT} AS spent FROM queue_messages
            WHERE {_LINE.waiting}
            ORDER BY turn, id LIMIT :limit {dialect.lock})
        UPDATE queue_messages
        SET queue = CASE WHEN spent THEN (SELECT dead_letter FROM queues WHERE name = :queue) ELSE queue END,
            reason = CASE WHEN spent THEN 'max_receives_exceeded' ELSE reason END,
            turn = CASE WHEN spent THEN 0 END,
            visible_at = {dialect.row_now} + CASE WHEN spent THEN 0 ELSE :visibility END,
            receive_count = receive_count + CASE WHEN spent THEN 0 ELSE 1 END,
            receipt = receipt + 1
        FROM due WHERE {dialect.joined("id", "due", "due_id")}
        RETURNING {", ".join(_RECEIVED)}"""


def _redrive(dialect: Dialect) -> str:
    return f"""
        WITH chosen AS (
            SELECT id, id AS n, grp FROM queue_messages
            WHERE queue = :dead AND turn IS NOT NULL ORDER BY turn, id LIMIT :limit {dialect.lock}),
        {_LINE.placed(dialect, "chosen")}
        UPDATE queue_messages
        SET queue = :queue, reason = '', receive_count = 0, receipt = receipt + 1,
            visible_at = {dialect.row_now}, turn = place
        FROM placed WHERE {dialect.joined("queue_messages.id", "placed")} RETURNING queue_messages.id"""


def _ready(dialect: Dialect) -> str:
    names = (
        "json_array_elements_text(CAST(:names AS json)) AS given(value)"
        if dialect.postgresql
        else "json_each(:names)"
    )
    # LIMIT keeps it a look for each name: as an EXISTS it may become a walk through everything that waits.
    return f"""SELECT value FROM {names} WHERE (
        SELECT 1 FROM queue_messages WHERE {_NAMED.waiting} LIMIT 1) IS NOT NULL"""


SQLITE = _statements(turns.SQLITE)
POSTGRESQL = _statements(turns.POSTGRESQL)
