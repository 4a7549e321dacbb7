"""The frequent statements on messages: add, hand over, move; each one statement for a whole batch (see `job_sql.py`).

PostgreSQL locks the rows of a batch first, in the order of their ids. A lock waited for is followed by a second look at the conditions.
"""
# ruff: noqa: S608 (every part is a constant of this package; values are bound)

from collections import defaultdict
from dataclasses import dataclass
from itertools import product

from sqlalchemy import TextClause, TextualSelect, text

from academy.domain.messaging.message import IllegalMessageMove, MessageState, check_message_move
from academy.infrastructure.sql import turns
from academy.infrastructure.sql.tables_messaging import messages
from academy.infrastructure.sql.turns import Dialect

__all__ = ["POSTGRESQL", "SQLITE", "MessageStatements"]

_NUMBERS = {
    "price": "integer",
    "channel_price": "integer",
    "fallback_price": "integer",
    "created_at": "bigint",
    "updated_at": "bigint",
}
_NEW = {f'"{column.name}"': _NUMBERS.get(column.name, "text") for column in messages.columns}
_MISSING_AS_EMPTY = ("fallback", "failure", "went_by")
_COLUMNS = ", ".join(f'messages."{column.name}"' for column in messages.columns)


@dataclass(frozen=True, slots=True)
class MessageStatements:
    """Statements of one dialect; `rows` is a JSON array of arrays, `ids` one of arrays of one id.

    Attributes:
        add: `rows` in the order of the columns, "" where `fallback`, `failure` or `went_by` is missing, null where a price is.
        hold: lock messages of an order and return their states.
        hand_over: make them SENDING under a batch.
        move: `rows` are id, state, provider_id ("" leaves it), failure ("" for none), went_by ("" leaves it).
    """

    add: TextClause
    hold: TextualSelect
    hand_over: TextClause
    move: TextualSelect


def _allowed(new: str) -> str:
    """Return the condition that a message may go on to the state named by the expression `new`."""
    before: dict[MessageState, list[str]] = defaultdict(list)
    for old, state in product(MessageState, repeat=2):
        try:
            check_message_move(old, state)
        except IllegalMessageMove:
            continue
        before[state].append(f"'{old}'")
    cases = " ".join(
        f"WHEN '{state}' THEN messages.state IN ({', '.join(olds)})" for state, olds in before.items()
    )
    return f"CASE {new} {cases} END"


def _checked(dialect: Dialect, column: str) -> str:
    """Return a column of rows that are looked up by their ids: SQLite must not look for them by this one.

    See https://www.sqlite.org/optoverview.html, "Disqualifying WHERE Clause Terms Using Unary +".
    """
    return column if dialect.postgresql else f"+{column}"


def _add(dialect: Dialect) -> str:
    kept = [f"nullif({name}, '')" if name.strip('"') in _MISSING_AS_EMPTY else name for name in _NEW]
    given = dialect.rows("rows", **_NEW)
    return f"INSERT INTO messages ({', '.join(_NEW)}) SELECT {', '.join(kept)} FROM ({given}) AS given ORDER BY n"


def _move(dialect: Dialect) -> str:
    given = dialect.rows("rows", id="text", state="text", provider_id="text", failure="text", went_by="text")
    mine = f"{_checked(dialect, 'messages.tenant_id')} = :tenant_id AND {_allowed('{}.state')}"
    change = f"""
        UPDATE messages SET state = s.state, failure = nullif(s.failure, ''), updated_at = {dialect.row_now},
            provider_id = CASE WHEN s.provider_id = '' THEN messages.provider_id ELSE s.provider_id END,
            went_by = coalesce(nullif(s.went_by, ''), messages.went_by)"""
    applied = f"WHERE messages.id = s.id AND {mine.format('s')} RETURNING {_COLUMNS}"
    if not dialect.postgresql:
        return f"{change} FROM ({given}) AS s {applied}"
    return f"""
        WITH given AS ({given}),
        s AS (SELECT given.* FROM given JOIN messages ON messages.id = given.id
              WHERE {dialect.among("messages.id", "SELECT id FROM given")} AND {mine.format("given")}
              ORDER BY messages.id FOR UPDATE OF messages)
        {change} FROM s {applied}"""


def _statements(dialect: Dialect) -> MessageStatements:
    given = f"SELECT id FROM ({dialect.rows('ids', id='text')}) AS given"
    theirs = dialect.among("id", given)
    held = f"""
        SELECT id, state FROM messages WHERE {theirs} AND {_checked(dialect, "tenant_id")} = :tenant_id
            AND {_checked(dialect, "order_id")} = :order_id ORDER BY id {"FOR UPDATE" if dialect.postgresql else ""}"""
    return MessageStatements(
        add=text(_add(dialect)),
        hold=text(held).columns(messages.c.id, messages.c.state),
        hand_over=text(f"""
            UPDATE messages SET state = 'SENDING', batch_id = :batch_id, updated_at = {dialect.row_now}
            WHERE {theirs}"""),
        move=text(_move(dialect)).columns(*messages.c),
    )


SQLITE = _statements(turns.SQLITE)
POSTGRESQL = _statements(turns.POSTGRESQL)
