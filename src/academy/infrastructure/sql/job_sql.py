"""The frequent statements on job rows: add, and a worker's claim, renew and settle; each one statement for a whole batch.

They are text because a claim and its settlement are the two most frequent statements of the system. What differs between the
dialects is named here: the clock, how a JSON array becomes rows, and that PostgreSQL locks rows first, in the order of their ids, so that
two batches can never wait for each other in a circle. A lock waited for is followed by a second look at the conditions.
"""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

from dataclasses import dataclass

from sqlalchemy import TextClause, TextualSelect, text

from academy.infrastructure.sql import turns
from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW
from academy.infrastructure.sql.tables import jobs
from academy.infrastructure.sql.turns import Dialect

__all__ = ["POSTGRESQL", "SQLITE", "JobStatements"]

_COLUMNS = ", ".join(f"jobs.{column.name}" for column in jobs.columns)


@dataclass(frozen=True, slots=True)
class JobStatements:
    """Statements of one dialect; every list travels as one JSON text."""

    add: TextualSelect
    claim: TextClause
    renew: TextClause
    settle: TextClause


_NEW = {
    **dict.fromkeys(
        ("id", "tenant_id", "type", "queue", "idempotency_key", "payload", "subject", "reply_to", "trace"),
        "text",
    ),
    "run_at": "bigint",
}


def _add(dialect: Dialect) -> str:
    """Insert jobs as they are given, PENDING, and return what only the database knows of those that are new."""
    given = ", ".join(name for name in _NEW if name != "run_at")
    now = dialect.row_now
    # "WHERE true" tells SQLite that ON begins a conflict clause and no join.
    return f"""
        INSERT INTO jobs ({given}, state, token, attempt, interruptions, worker, cancel_requested, created_at, due_at)
        SELECT {given}, 'PENDING', 0, 0, 0, '', {"false" if dialect.postgresql else "0"}, {now},
            {dialect.greatest}({now}, run_at) + :pending_timer
        FROM ({dialect.rows("rows", **_NEW)}) AS given WHERE true ORDER BY n
        ON CONFLICT DO NOTHING
        RETURNING jobs.id, jobs.created_at, jobs.due_at"""


_CLAIMABLE = "(state = 'PENDING' OR (state IN ('RUNNING', 'RETRY_WAIT') AND due_at <= {now}))"

_CLAIM = """
    SET state = 'RUNNING',
        token = jobs.token + 1,
        attempt = jobs.attempt + CASE WHEN jobs.state = 'RUNNING' THEN 0 ELSE 1 END,
        interruptions = jobs.interruptions + CASE WHEN jobs.state = 'RUNNING' THEN 1 ELSE 0 END,
        worker = :worker,
        due_at = {now} + :lease,
        started_at = coalesce(jobs.started_at, {now})
"""

# What somebody wants cancelled is cancelled, but an end in failure is told as it is.
_UNWANTED = "(jobs.cancel_requested AND s.state IN ('SUCCEEDED', 'RETRY_WAIT', 'PENDING'))"

_SETTLE = f"""
    SET state = CASE WHEN {_UNWANTED} THEN 'CANCELLED' ELSE s.state END,
        result = CASE WHEN {_UNWANTED} THEN NULL ELSE s.result END,
        end_reason = CASE WHEN {_UNWANTED} THEN 'cancelled' ELSE s.reason END,
        failure = CASE WHEN {_UNWANTED} THEN NULL ELSE s.failure END,
        worker = '',
        due_at = CASE WHEN s.delay IS NULL OR {_UNWANTED} THEN NULL ELSE {{now}} + s.delay END,
        finished_at = CASE WHEN s.delay IS NULL OR {_UNWANTED} THEN {{now}} END,
        attempt = jobs.attempt - s.back,
        interruptions = jobs.interruptions + s.interrupted
"""

_HELD = "jobs.token = s.token AND jobs.state = 'RUNNING'"


def _sqlite() -> JobStatements:
    now = SQLITE_NOW
    claim = f"""
        UPDATE jobs {_CLAIM.format(now=now)}
        WHERE id IN (SELECT value FROM json_each(:ids)) AND {_CLAIMABLE.format(now=now)}
        RETURNING {_COLUMNS}"""
    leases = "(SELECT value ->> 0 AS id, value ->> 1 AS token FROM json_each(:rows)) AS s"
    renew = f"""
        UPDATE jobs SET due_at = {now} + :lease FROM {leases} WHERE jobs.id = s.id AND {_HELD}
        RETURNING jobs.id, jobs.token, jobs.cancel_requested"""
    fields = ("id", "token", "state", "result", "reason", "failure", "delay", "back", "interrupted")
    ends = ", ".join(f"value ->> {number} AS {name}" for number, name in enumerate(fields))
    settle = f"""
        UPDATE jobs {_SETTLE.format(now=now)}
        FROM (SELECT {ends} FROM json_each(:rows)) AS s WHERE jobs.id = s.id AND {_HELD}
        RETURNING jobs.id, jobs.token, jobs.state"""
    return _statements(_add(turns.SQLITE), claim, renew, settle)


def _postgresql() -> JobStatements:
    now, row = ROW_NOW, turns.POSTGRESQL
    claim = f"""
        WITH held AS (
            SELECT id FROM jobs
            WHERE {row.among("id", "SELECT json_array_elements_text(CAST(:ids AS json))")} AND {_CLAIMABLE.format(now=now)}
            ORDER BY id FOR UPDATE)
        UPDATE jobs {_CLAIM.format(now=now)}
        FROM held WHERE {row.joined("jobs.id", "held")}
        RETURNING {_COLUMNS}"""
    lease = "value ->> 0 AS id, CAST(value ->> 1 AS bigint) AS token"
    end = """value ->> 2 AS state, value ->> 3 AS result, value ->> 4 AS reason, value ->> 5 AS failure,
        CAST(value ->> 6 AS bigint) AS delay, CAST(value ->> 7 AS integer) AS back,
        CAST(value ->> 8 AS integer) AS interrupted"""
    locked = """
        WITH given AS (SELECT {fields} FROM json_array_elements(CAST(:rows AS json))),
        s AS (SELECT given.* FROM given JOIN jobs ON {given}
              WHERE jobs.token = given.token AND jobs.state = 'RUNNING' ORDER BY jobs.id FOR UPDATE OF jobs)"""
    given, held = row.joined("jobs.id", "given"), f"{row.joined('jobs.id', 's')} AND {_HELD}"
    renew = f"""{locked.format(fields=lease, given=given)}
        UPDATE jobs SET due_at = {now} + :lease FROM s WHERE {held}
        RETURNING jobs.id, jobs.token, jobs.cancel_requested"""
    settle = f"""{locked.format(fields=f"{lease}, {end}", given=given)}
        UPDATE jobs {_SETTLE.format(now=now)} FROM s WHERE {held}
        RETURNING jobs.id, jobs.token, jobs.state"""
    return _statements(_add(turns.POSTGRESQL), claim, renew, settle)


def _statements(add: str, claim: str, renew: str, settle: str) -> JobStatements:
    made = text(add).columns(jobs.c.id, jobs.c.created_at, jobs.c.due_at)
    return JobStatements(made, text(claim), text(renew), text(settle))


SQLITE = _sqlite()
POSTGRESQL = _postgresql()
