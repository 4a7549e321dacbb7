"""Rows that are handed to a statement: one JSON text, however many there are, so that the statement stays the same."""

from collections.abc import Sequence

from sqlalchemy import Connection, Subquery, column, text

from academy.infrastructure.sql import turns
from academy.infrastructure.sql.columns import rows_text

__all__ = ["Cell", "given_rows"]

Cell = str | float | None


def given_rows(connection: Connection, rows: Sequence[Sequence[Cell]], **fields: str) -> Subquery:
    """Return rows as a table `given`: name=type in the order of each row's cells, and `n`, by which they follow one another.

    Days are given as ISO 8601. Raises ValueError for text that no database holds.
    """
    dialect = turns.SQLITE if connection.dialect.name == "sqlite" else turns.POSTGRESQL
    packed = rows_text(rows)
    query = text(dialect.rows("given_rows", **fields)).bindparams(given_rows=packed)
    return query.columns(*(column(name) for name in ("n", *fields))).subquery("given")
