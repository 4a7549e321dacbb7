"""Shared rate limits."""
# ruff: noqa: S608 (every part is a constant of this module; values are bound)

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, text

from academy.application.ports.rates import LONGEST_WAIT, RateWish
from academy.domain.job.rate import RateLimit
from academy.infrastructure.sql import turns
from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW, STATEMENT_NOW, json_text

__all__ = ["SqlRateRepository"]

_FINE_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS double precision)"
_NAMES = {
    "sqlite": "SELECT value FROM json_each(:names)",
    "postgresql": "SELECT json_array_elements_text(CAST(:names AS json))",
}
_TENANTS = {
    "sqlite": "SELECT value FROM json_each(:tenants)",
    "postgresql": "SELECT json_array_elements_text(CAST(:tenants AS json))",
}
_PUT = "INSERT INTO rate_buckets (name, full_at) "
# The update changes nothing: it locks the row, and RETURNING then shows what another batch has just committed.
_HOLD = "ON CONFLICT (name) DO UPDATE SET full_at = rate_buckets.full_at RETURNING name, full_at, "
_OPEN = {
    "sqlite": text(
        f"{_PUT} SELECT value, 0 FROM json_each(:names) WHERE true ORDER BY value {_HOLD} {SQLITE_NOW}"
    ),
    "postgresql": text(
        f"{_PUT} SELECT name, 0 FROM json_array_elements_text(CAST(:names AS json)) AS n(name) "
        f'ORDER BY name COLLATE "C" {_HOLD} {_FINE_NOW}'
    ),
}
_SAVE = {
    "sqlite": text(
        "UPDATE rate_buckets SET full_at = n.full_at FROM (SELECT value ->> 0 AS name, value ->> 1 AS full_at "
        "FROM json_each(:rows)) AS n WHERE rate_buckets.name = n.name"
    ),
    "postgresql": text(
        "UPDATE rate_buckets SET full_at = n.full_at FROM (SELECT value ->> 0 AS name, "
        "CAST(value ->> 1 AS double precision) AS full_at FROM json_array_elements(CAST(:rows AS json))) AS n "
        "WHERE rate_buckets.name = n.name"
    ),
}
# How many lines there are before each bucket, then those of the academies that ask. The locks of the buckets guard them.
_LINES = {
    name: text(
        f"SELECT name, '', count(*) FROM rate_lines WHERE {dialect.among('name', _NAMES[name])} AND last_at > :now "
        f"GROUP BY name UNION ALL SELECT name, tenant_id, last_at FROM rate_lines WHERE {dialect.among('name', _NAMES[name])} "
        f"AND {dialect.among('tenant_id', _TENANTS[name])} AND last_at > :now"
    )
    for name, dialect in (("sqlite", turns.SQLITE), ("postgresql", turns.POSTGRESQL))
}
_JOIN = "INSERT INTO rate_lines (name, tenant_id, last_at) "
_MOVE = "ON CONFLICT (name, tenant_id) DO UPDATE SET last_at = excluded.last_at"
_SAVE_LINES = {
    "sqlite": text(
        f"{_JOIN} SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(:rows) WHERE true {_MOVE}"
    ),
    "postgresql": text(
        f"{_JOIN} SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS double precision) "
        f"FROM json_array_elements(CAST(:rows AS json)) {_MOVE}"
    ),
}
_TRIM = {
    "sqlite": text(
        "DELETE FROM rate_buckets WHERE name IN "
        f"(SELECT name FROM rate_buckets WHERE full_at <= {SQLITE_NOW} ORDER BY name LIMIT :limit)"
    ),
    "postgresql": text(
        f"DELETE FROM rate_buckets WHERE name IN (SELECT name FROM rate_buckets WHERE full_at <= {ROW_NOW} "
        "ORDER BY name LIMIT :limit FOR UPDATE SKIP LOCKED)"
    ),
}
_TRIM_LINES = {
    "sqlite": text(
        "DELETE FROM rate_lines WHERE (name, tenant_id) IN (SELECT name, tenant_id FROM rate_lines "
        f"WHERE last_at <= {SQLITE_NOW} LIMIT :limit)"
    ),
    "postgresql": text(
        "DELETE FROM rate_lines WHERE (name, tenant_id) IN (SELECT name, tenant_id FROM rate_lines "
        f"WHERE last_at <= {STATEMENT_NOW} LIMIT :limit FOR UPDATE SKIP LOCKED)"
    ),
}
_LONGEST = LONGEST_WAIT / timedelta(milliseconds=1)


@dataclass(slots=True)
class _Lines:
    """Who waits: how many academies before each bucket, and the last moment that each of them was told."""

    counts: dict[str, int] = field(default_factory=dict)
    last: dict[tuple[str, str], float] = field(default_factory=dict)


class SqlRateRepository:
    """`RateRepository` on one connection: two statements when all may begin, four when some have to wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def take(self, wishes: Sequence[RateWish]) -> Sequence[timedelta]:
        """Answer each wish in order: zero, and it took from all its buckets, or how long to wait, and it took from none."""
        names = sorted({limit.bucket(wish.tenant_id) for wish in wishes for limit in wish.limits})
        if not names:
            return [timedelta(0)] * len(wishes)
        rows = self._connection.execute(_OPEN[self._dialect], {"names": json_text(names)}).all()
        now = max(row[2] for row in rows)
        full_at = {row[0]: float(row[1]) for row in rows}
        passed = [_passes(wish, full_at, now) for wish in wishes]
        if any(passed):
            self._connection.execute(_SAVE[self._dialect], {"rows": json_text(list(full_at.items()))})
        refused = [wish for wish, passes in zip(wishes, passed, strict=True) if not passes]
        waits = iter(self._line_up(refused, full_at, now) if refused else ())
        return [timedelta(0) if passes else timedelta(milliseconds=next(waits)) for passes in passed]

    def trim(self, limit: int) -> int:
        """Forget up to `limit` buckets that are full again, and as many lines that are over; return how many buckets."""
        self._connection.execute(_TRIM_LINES[self._dialect], {"limit": limit})
        return self._connection.execute(_TRIM[self._dialect], {"limit": limit}).rowcount

    def _line_up(self, wishes: Sequence[RateWish], full_at: Mapping[str, float], now: float) -> list[float]:
        tenants = sorted({wish.tenant_id for wish in wishes})
        asked = {"names": json_text(list(full_at)), "tenants": json_text(tenants), "now": now}
        lines = _Lines()
        for name, tenant_id, value in self._connection.execute(_LINES[self._dialect], asked):
            if tenant_id:
                lines.last[name, tenant_id] = value
            else:
                lines.counts[name] = int(value)
        before = dict(lines.last)
        waits = [_wait(wish, full_at, lines, now) for wish in wishes]
        moved = [[*line, last] for line, last in lines.last.items() if before.get(line) != last]
        if moved:
            self._connection.execute(_SAVE_LINES[self._dialect], {"rows": json_text(moved)})
        return waits


def _passes(wish: RateWish, full_at: dict[str, float], now: float) -> bool:
    """Take from all the buckets of a wish, or from none."""
    mine = [(limit, limit.bucket(wish.tenant_id)) for limit in wish.limits]
    if any(full_at[name] - _slack(limit) > now for limit, name in mine):
        return False
    for limit, name in mine:
        full_at[name] = max(full_at[name], now) + _interval(limit)
    return True


def _wait(wish: RateWish, full_at: Mapping[str, float], lines: _Lines, now: float) -> float:
    """Join a line and return the wait in milliseconds."""
    places = [(_place(limit, wish.tenant_id, full_at, lines), limit) for limit in wish.limits]
    # Only the line that is longest grows: who waits for one limit must not push back those who wait for another alone.
    moment, limit = max(places, key=lambda place: place[0])
    if moment - now > _LONGEST:
        return _LONGEST * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads come-backs, guards nothing
    line = (limit.bucket(wish.tenant_id), wish.tenant_id)
    if line not in lines.last:
        lines.counts[line[0]] = lines.counts.get(line[0], 0) + 1
    lines.last[line] = moment
    return moment - now


def _place(limit: RateLimit, tenant_id: str, full_at: Mapping[str, float], lines: _Lines) -> float:
    """Return the moment of the next place in an academy's line: the lines before a bucket take turns."""
    name = limit.bucket(tenant_id)
    free_at = full_at[name] - _slack(limit)
    others, last = lines.counts.get(name, 0), lines.last.get((name, tenant_id))
    if last is None:
        return free_at + others * _interval(limit)
    return max(free_at, last + others * _interval(limit))


def _interval(limit: RateLimit) -> float:
    return 1000 / limit.per_second


def _slack(limit: RateLimit) -> float:
    """Return how long before it is full a bucket still gives: the burst but for the one that is taken."""
    return (limit.burst - 1) * _interval(limit)
