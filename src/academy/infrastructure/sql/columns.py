"""How our values are stored, alike on both dialects, and what time it is there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Dialect, Double, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from academy.domain.failures import Failure

__all__ = [
    "ROW_NOW",
    "SQLITE_NOW",
    "STATEMENT_NOW",
    "Choice",
    "FailureText",
    "JsonText",
    "Key",
    "RowNumber",
    "UtcFine",
    "UtcMillis",
    "failure_text",
    "from_millis",
    "json_text",
    "millis",
    "now",
    "read_failure",
    "row_now",
    "rows_text",
    "storable",
    "to_millis",
]

_COMPACT = json.JSONEncoder(separators=(",", ":"))
_UNESCAPED = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
Kind = TypeVar("Kind", bound=StrEnum)

Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Opaque identifiers: compared byte by byte on both dialects, so cursors mean the same."""
RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""An automatic 64-bit row number (SQLite spells it INTEGER)."""


def millis(span: timedelta) -> int:
    """Return a duration in whole milliseconds, the unit of every stored time."""
    return span // _MILLISECOND


def from_millis(value: int) -> datetime:
    """Return the aware UTC time of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def to_millis(value: datetime) -> int:
    """Return an aware time as milliseconds since 1970; raises TypeError for a naive one."""
    return (value - _EPOCH) // _MILLISECOND


def json_text(value: object) -> str:
    """Return compact JSON in ASCII: no byte sequence that a database refuses can arise from it."""
    return _COMPACT.encode(value)


def rows_text(rows: Sequence[Sequence[str | float | None]]) -> str:
    """Return rows as a JSON text for a statement to take apart again; raises ValueError for text that no database holds."""
    if any(isinstance(cell, str) and "\0" in cell for row in rows for cell in row):
        # SQLite would keep what stands before it.
        raise ValueError("text in a table holds no NUL")
    # Not in ASCII: half a surrogate pair then is an error of the driver, not another letter.
    return _UNESCAPED.encode(rows)


def storable(text: str) -> str:
    """Return words about a failure as every table can hold them: they may hold what a file's name or a server's answer held."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


class UtcMillis(TypeDecorator[datetime]):
    """An aware UTC time as milliseconds since 1970 in a BIGINT."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Refuse naive times; return milliseconds."""
        return None if value is None else to_millis(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Return an aware time."""
        return None if value is None else from_millis(value)


class UtcFine(UtcMillis):
    """An aware UTC time as milliseconds since 1970 with a fraction, exact to a microsecond."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return a floating-point column."""
        return dialect.type_descriptor(Double())


class JsonText(TypeDecorator[Any]):
    """A JSON value as text: neither dialect reorders or rewrites it, and both read it alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> str | None:
        """Return JSON."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:  # noqa: ANN401 (any JSON)
        """Return the value."""
        if value == "{}":
            # What most messages have for attributes.
            return {}
        return None if value is None else json.loads(value)


def read_failure(text: str) -> Failure:
    """Return the failure of a JSON object that `failure_text` wrote."""
    fields: Mapping[str, Any] = json.loads(text)
    return Failure(**fields)


class FailureText(TypeDecorator[Failure]):
    """A Failure as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Failure | None, _dialect: Dialect) -> str | None:
        """Return JSON."""
        return failure_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Failure | None:
        """Return the failure."""
        return None if value is None else read_failure(value)


def failure_text(value: Failure | None) -> str | None:
    """Return how a failure is stored."""
    return None if value is None else json_text(asdict(value))


class Choice(TypeDecorator[Kind]):
    """A member of a StrEnum by its value; NULL stays None."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Kind]) -> None:
        super().__init__()
        self.kind = kind
        self._members: dict[str, Kind] = {member.value: member for member in kind}

    def process_bind_param(self, value: Kind | None, _dialect: Dialect) -> str | None:
        """Return the value."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Kind | None:
        """Return the member; raises KeyError for text that is none."""
        return None if value is None else self._members[value]


STATEMENT_NOW = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)"
"""PostgreSQL: when the statement arrived; an index can be searched for it."""
ROW_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
"""PostgreSQL: when this row is written, after any wait for its lock."""
SQLITE_NOW = "academy_now()"
"""SQLite: one time per transaction, read from the Clock after the write lock was taken (see `engine.py`)."""


class now(FunctionElement[int]):  # noqa: N801 (reads as the SQL function it is)
    """The database's time in milliseconds when the statement began."""

    name = "academy_now"
    inherit_cache = True
    type = BigInteger()


class row_now(FunctionElement[int]):  # noqa: N801
    """The database's time in milliseconds when the row is written: right after a long wait for a lock, too."""

    name = "academy_row_now"
    inherit_cache = True
    type = BigInteger()


@compiles(now, "sqlite")
@compiles(row_now, "sqlite")
def _sqlite_now(*_: object, **__: object) -> str:
    return SQLITE_NOW


@compiles(now, "postgresql")
def _postgresql_now(*_: object, **__: object) -> str:
    return STATEMENT_NOW


@compiles(row_now, "postgresql")
def _postgresql_row_now(*_: object, **__: object) -> str:
    return ROW_NOW
