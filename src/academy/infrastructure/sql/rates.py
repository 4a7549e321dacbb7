"""Shared rate limits."""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from academy.application.ports.rates import RateWish
from academy.domain.job.rate import RateLimit
from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW, STATEMENT_NOW, json_text

__all__ = ["SqlRateRepository"]

_FINE_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS double precision)"
_PUT = "INSERT INTO rate_buckets (name, full_at, line_at) "
# The update changes nothing: it locks the row, and RETURNING then shows what another batch has just committed.
_HOLD = "ON CONFLICT (name) DO UPDATE SET full_at = rate_buckets.full_at RETURNING name, full_at, line_at, "
_OPEN = {
    "sqlite": text(
        f"{_PUT} SELECT value, 0, 0 FROM json_each(:names) WHERE true ORDER BY value {_HOLD} {SQLITE_NOW}"
    ),
    "postgresql": text(
        f"{_PUT} SELECT name, 0, 0 FROM json_array_elements_text(CAST(:names AS json)) AS n(name) "
        f'ORDER BY name COLLATE "C" {_HOLD} {_FINE_NOW}'
    ),
}
_SAVE = {
    "sqlite": text(
        "UPDATE rate_buckets SET full_at = n.full_at, line_at = n.line_at FROM (SELECT value ->> 0 AS name, "
        "value ->> 1 AS full_at, value ->> 2 AS line_at FROM json_each(:rows)) AS n WHERE rate_buckets.name = n.name"
    ),
    "postgresql": text(
        "UPDATE rate_buckets SET full_at = n.full_at, line_at = n.line_at FROM (SELECT value ->> 0 AS name, "
        "CAST(value ->> 1 AS double precision) AS full_at, CAST(value ->> 2 AS double precision) AS line_at "
        "FROM json_array_elements(CAST(:rows AS json))) AS n WHERE rate_buckets.name = n.name"
    ),
}
_TRIM = {
    "sqlite": text(
        "DELETE FROM rate_buckets WHERE name IN (SELECT name FROM rate_buckets "
        f"WHERE full_at <= {SQLITE_NOW} AND line_at <= {SQLITE_NOW} ORDER BY name LIMIT :limit)"
    ),
    "postgresql": text(
        "DELETE FROM rate_buckets WHERE name IN (SELECT name FROM rate_buckets "
        f"WHERE full_at <= {STATEMENT_NOW} AND line_at <= {ROW_NOW} ORDER BY name LIMIT :limit "
        "FOR UPDATE SKIP LOCKED)"
    ),
}


@dataclass(slots=True)
class _Bucket:
    """Times in milliseconds; `line_at` is `full_at` had all who were told to wait already taken."""

    full_at: float
    line_at: float


class SqlRateRepository:
    """`RateRepository` on one connection: one statement locks and reads the buckets, one writes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def take(self, wishes: Sequence[RateWish]) -> Sequence[timedelta]:
        """Answer each wish in order: zero, and it took from all its buckets, or how long to wait, and it took from none."""
        names = sorted({limit.bucket(wish.tenant_id) for wish in wishes for limit in wish.limits})
        if not names:
            return [timedelta(0)] * len(wishes)
        rows = self._connection.execute(_OPEN[self._dialect], {"names": json_text(names)}).all()
        now = max(row[3] for row in rows)
        buckets = {row[0]: _Bucket(row[1], row[2]) for row in rows}
        waits = [_answer(wish, buckets, now) for wish in wishes]
        kept = [[name, bucket.full_at, bucket.line_at] for name, bucket in buckets.items()]
        self._connection.execute(_SAVE[self._dialect], {"rows": json_text(kept)})
        return [timedelta(milliseconds=wait) for wait in waits]

    def trim(self, limit: int) -> int:
        """Forget up to `limit` buckets that are full again and for which nobody waits; return how many."""
        return self._connection.execute(_TRIM[self._dialect], {"limit": limit}).rowcount


def _answer(wish: RateWish, buckets: Mapping[str, _Bucket], now: float) -> float:
    """Take and return 0, or join the line and return the wait in milliseconds."""
    mine = [(limit, buckets[limit.bucket(wish.tenant_id)]) for limit in wish.limits]
    if all(bucket.full_at - _slack(limit) <= now for limit, bucket in mine):
        for limit, bucket in mine:
            bucket.full_at = max(bucket.full_at, now) + _interval(limit)
            bucket.line_at = max(bucket.line_at, bucket.full_at)
        return 0.0
    # Only the line that is longest grows: who waits for one academy's limit must not push back all others of the provider.
    limit, bucket = max(mine, key=lambda pair: pair[1].line_at - _slack(pair[0]))
    moment = bucket.line_at - _slack(limit)
    bucket.line_at += _interval(limit)
    return moment - now


def _interval(limit: RateLimit) -> float:
    return 1000 / limit.per_second


def _slack(limit: RateLimit) -> float:
    """Return how long before it is full a bucket still gives: the burst but for the one that is taken."""
    return (limit.burst - 1) * _interval(limit)
