"""What has a name in an academy: lists in the order of names, and names that must be unique."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Select, Update, literal, select, tuple_
from sqlalchemy.exc import IntegrityError

from academy.application.ports.academics import NameTaken
from academy.application.ports.page import Page
from academy.infrastructure.sql import cursors

__all__ = ["page_by_name", "save_unless_taken"]

T = TypeVar("T")


def page_by_name(
    connection: Connection,
    query: Select[Any],
    name: Column[Any],
    cursor: str,
    limit: int,
    read: Callable[[Sequence[Any]], T],
) -> Page[T]:
    """Return a page of rows of the table that `name` is in, by name and id; a cursor that is not ours raises ValueError.

    The query selects that table.
    """
    row_id = name.table.c.id
    if cursor:
        last_name, last_id = _decoded(cursor)
        last = tuple_(literal(last_name, name.type), literal(last_id, row_id.type))
        query = query.where(tuple_(name, row_id) > last)
    found = connection.execute(query.order_by(name, row_id).limit(limit + 1)).all()
    page = cursors.page_of(found, limit, lambda row: _encoded(getattr(row, name.name), row.id))
    return Page([read(row) for row in page.items], page.next_cursor)


def save_unless_taken(
    connection: Connection, change: Update, field: Column[Any], row_id: str, others: ColumnElement[bool]
) -> None:
    """Carry out a change of one row. Raises NameTaken for `field` when a row of `others` forbids it; the transaction lives on."""
    # A look beforehand would miss who takes it meanwhile; the savepoint keeps the refusal from ending the transaction.
    try:
        with connection.begin_nested():
            connection.execute(change)
    except IntegrityError:
        taken = select(literal(1)).select_from(field.table).where(others)
        if connection.execute(taken.limit(1)).first() is None:
            raise
        # Without the driver's error, which says the value.
        raise NameTaken(field.name, (row_id,)) from None


def _encoded(name: str, row_id: str) -> str:
    """Return a cursor that stands after the row; either text may hold any letter."""
    return cursors.encode_text(f"{len(row_id)}:{row_id}{name}")


def _decoded(cursor: str) -> tuple[str, str]:
    """Return (name, id) of the last row seen; raises ValueError for a cursor that is not ours."""
    length, colon, rest = cursors.decode_text(cursor).partition(":")
    if not colon or not length.isascii() or not length.isdigit() or len(length) > 3:
        raise ValueError("not a cursor of ours")
    at = int(length)
    if not 0 < at <= len(rest) or length != str(at):
        raise ValueError("not a cursor of ours")
    return rest[at:], rest[:at]
