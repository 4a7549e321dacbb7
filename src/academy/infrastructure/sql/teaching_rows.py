"""What classes, lessons and exams share: a connection, and reading and writing one row of an academy."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from academy.infrastructure.sql.columns import now, row_now

__all__ = ["SqlRows", "columns_of", "known", "new_columns_of", "ours"]


class SqlRows:
    """Rows on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def _one(self, table: Table, tenant_id: str, row_id: str, *, lock: bool = False) -> Sequence[Any] | None:
        query = select(table).where(ours(table, tenant_id, row_id))
        return self._connection.execute(query.with_for_update() if lock else query).one_or_none()

    def _require(self, table: Table, tenant_id: str, row_id: str) -> None:
        """Raise ValueError unless the academy has the row; such rows are never removed, so it stays."""
        if self._one(table, tenant_id, row_id) is None:
            raise ValueError(f"the academy has no row {row_id!r} in {table.name}")


def columns_of(table: Table, given: object) -> dict[str, Any]:
    """Return what to write of an object whose fields are the columns of a table; the time of writing is the database's."""
    names = [column.name for column in table.columns if column.name not in {"created_at", "updated_at"}]
    return {name: getattr(given, name) for name in names} | {"updated_at": row_now()}


def new_columns_of(table: Table, given: object) -> dict[str, Any]:
    """Return what to insert of such an object: one moment is when it was created and last changed."""
    return columns_of(table, given) | {"created_at": now(), "updated_at": now()}


def ours(table: Table, tenant_id: str, row_id: str) -> ColumnElement[bool]:
    """Return the condition for one row of an academy."""
    return (table.c.tenant_id == tenant_id) & (table.c.id == row_id)


def known(table: Table, tenant_id: str, row_id: str) -> ColumnElement[bool]:
    """Return the condition that the academy has a row of another table."""
    return exists().where(ours(table, tenant_id, row_id))
