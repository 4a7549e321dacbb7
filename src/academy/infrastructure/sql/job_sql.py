"""The three statements of a worker: claim, renew, settle; each one statement for a whole batch.

They are text because a claim and its settlement are the two most frequent statements of the system. What differs between the
dialects is named here: the clock, how a JSON array becomes rows, and that PostgreSQL locks rows first, in the order of their ids, so that
two batches can never wait for each other in a circle. A lock waited for is followed by a second look at the conditions.
"""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

from dataclasses import dataclass

from sqlalchemy import TextClause, TextualSelect, text

from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW
from academy.infrastructure.sql.tables import jobs

__all__ = ["POSTGRESQL", "SQLITE", "JobStatements"]

_COLUMNS = ", ".join(f"jobs.{column.name}" for column in jobs.columns)


@dataclass(frozen=True, slots=True)
class JobStatements:
    """Statements of one dialect; every list travels as one JSON text."""

    claim: TextualSelect
    renew: TextClause
    settle: TextClause


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

_SETTLE = """
    SET state = s.state,
        result = s.result,
        end_reason = s.reason,
        failure = s.failure,
        worker = '',
        due_at = CASE WHEN s.delay IS NULL THEN NULL ELSE {now} + s.delay END,
        finished_at = CASE WHEN s.delay IS NULL THEN {now} END,
        attempt = jobs.attempt - s.back,
        interruptions = jobs.interruptions + s.interrupted
"""

_HELD = "jobs.id = s.id AND jobs.token = s.token AND jobs.state = 'RUNNING'"


def _sqlite() -> JobStatements:
    now = SQLITE_NOW
    claim = f"""
        UPDATE jobs {_CLAIM.format(now=now)}
        WHERE id IN (SELECT value FROM json_each(:ids)) AND {_CLAIMABLE.format(now=now)}
        RETURNING {_COLUMNS}"""
    leases = "(SELECT value ->> 0 AS id, value ->> 1 AS token FROM json_each(:rows)) AS s"
    renew = f"""
        UPDATE jobs SET due_at = {now} + :lease FROM {leases} WHERE {_HELD}
        RETURNING jobs.id, jobs.token, jobs.cancel_requested"""
    fields = ("id", "token", "state", "result", "reason", "failure", "delay", "back", "interrupted")
    ends = ", ".join(f"value ->> {number} AS {name}" for number, name in enumerate(fields))
    settle = f"""
        UPDATE jobs {_SETTLE.format(now=now)}
        FROM (SELECT {ends} FROM json_each(:rows)) AS s WHERE {_HELD}
        RETURNING jobs.id"""
    return _statements(claim, renew, settle)


def _postgresql() -> JobStatements:
    now = ROW_NOW
    claim = f"""
        WITH held AS (
            SELECT id FROM jobs
            WHERE id = ANY(ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))
              AND {_CLAIMABLE.format(now=now)}
            ORDER BY id FOR UPDATE)
        UPDATE jobs {_CLAIM.format(now=now)}
        FROM held WHERE jobs.id = held.id
        RETURNING {_COLUMNS}"""
    lease = "value ->> 0 AS id, CAST(value ->> 1 AS bigint) AS token"
    end = """value ->> 2 AS state, value ->> 3 AS result, value ->> 4 AS reason, value ->> 5 AS failure,
        CAST(value ->> 6 AS bigint) AS delay, CAST(value ->> 7 AS integer) AS back,
        CAST(value ->> 8 AS integer) AS interrupted"""
    locked = """
        WITH given AS (SELECT {fields} FROM json_array_elements(CAST(:rows AS json))),
        s AS (SELECT given.* FROM given JOIN jobs ON jobs.id = given.id
              WHERE jobs.token = given.token AND jobs.state = 'RUNNING' ORDER BY jobs.id FOR UPDATE OF jobs)"""
    renew = f"""{locked.format(fields=lease)}
        UPDATE jobs SET due_at = {now} + :lease FROM s WHERE {_HELD}
        RETURNING jobs.id, jobs.token, jobs.cancel_requested"""
    settle = f"""{locked.format(fields=f"{lease}, {end}")}
        UPDATE jobs {_SETTLE.format(now=now)} FROM s WHERE {_HELD}
        RETURNING jobs.id"""
    return _statements(claim, renew, settle)


def _statements(claim: str, renew: str, settle: str) -> JobStatements:
    return JobStatements(text(claim).columns(*jobs.columns), text(renew), text(settle))


SQLITE = _sqlite()
POSTGRESQL = _postgresql()
