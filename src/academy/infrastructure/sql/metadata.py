"""What the tables of all features share: one schema, one way to name what is in it."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Index, MetaData, TextClause

__all__ = ["index_part", "metadata"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def index_part(name: str, where: ColumnElement[bool] | TextClause, *columns: Column[Any]) -> None:
    """Index the rows of a table for which `where` is true."""
    Index(name, *columns, sqlite_where=where, postgresql_where=where)
