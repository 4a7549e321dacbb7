"""Lists page by page, and the opaque positions in them; most are ordered by (created_at, id), newest first."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, Table, literal, tuple_

from academy.application.ports.page import Page
from academy.infrastructure.sql.columns import UtcMillis, from_millis, to_millis

__all__ = ["decode", "decode_text", "encode", "encode_text", "newest_first", "page_of", "page_of_newest"]

_LONGEST = 1024
T = TypeVar("T")


class _Dated(Protocol):
    @property
    def created_at(self) -> datetime: ...

    @property
    def id(self) -> str: ...


Dated = TypeVar("Dated", bound=_Dated)


def page_of(found: Sequence[T], limit: int, after: Callable[[T], str]) -> Page[T]:
    """Return up to `limit` of what was found; `after(item)` is the cursor that stands after an item.

    One more than `limit` is to be looked for: it tells whether anything follows.
    """
    page = found[:limit]
    more = len(found) > limit and bool(page)
    return Page(page, after(page[-1]) if more else "")


def newest_first(query: Select[Any], table: Table, cursor: str, limit: int) -> Select[Any]:
    """Return the query of a table for what `page_of_newest` cuts; raises ValueError for a cursor that is not ours."""
    if cursor:
        query = query.where(_before(table, cursor))
    return query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)


def page_of_newest(found: Sequence[Dated], limit: int) -> Page[Dated]:
    """Return a page of what `newest_first` found."""
    return page_of(found, limit, lambda last: encode(last.created_at, last.id))


def encode_text(text: str) -> str:
    """Return a cursor that stands after `text`."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_text(cursor: str) -> str:
    """Return what `encode_text` was given; raises ValueError for anything that it did not make."""
    if len(cursor) > _LONGEST:
        raise ValueError("not a cursor of ours")
    try:
        raw = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        text = raw.decode()
    except (UnicodeError, binascii.Error) as error:
        raise ValueError("not a cursor of ours") from error
    # Base64 has several spellings of the same bytes, and a text with NUL fits no column.
    if encode_text(text) != cursor or "\0" in text:
        raise ValueError("not a cursor of ours")
    return text


def encode(created_at: datetime, row_id: str) -> str:
    """Return a cursor that stands after the row."""
    return encode_text(f"{to_millis(created_at)}:{row_id}")


def decode(cursor: str) -> tuple[datetime, str]:
    """Return (created_at, id) of the last row seen; raises ValueError for a cursor that is not ours."""
    when, colon, row_id = decode_text(cursor).partition(":")
    if not colon or not row_id or not when.isascii() or not when.isdigit() or len(when) > 14:
        raise ValueError("not a cursor of ours")
    return from_millis(int(when)), row_id


def _before(table: Table, cursor: str) -> ColumnElement[bool]:
    """Return the condition for rows that come after the cursor in a list that is newest first; raises ValueError."""
    created_at, row_id = decode(cursor)
    last = tuple_(literal(created_at, UtcMillis()), literal(row_id, table.c.id.type))
    return tuple_(table.c.created_at, table.c.id) < last
