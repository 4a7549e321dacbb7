"""Opaque positions in lists that are ordered by (created_at, id)."""

import base64
import binascii
from datetime import datetime

from sqlalchemy import ColumnElement, Table, literal, tuple_

from academy.infrastructure.sql.columns import UtcMillis, from_millis, to_millis

__all__ = ["before", "decode", "decode_text", "encode", "encode_text"]

_LONGEST = 1024


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


def before(table: Table, cursor: str) -> ColumnElement[bool]:
    """Return the condition for rows that come after the cursor in a list that is newest first; raises ValueError."""
    created_at, row_id = decode(cursor)
    last = tuple_(literal(created_at, UtcMillis()), literal(row_id, table.c.id.type))
    return tuple_(table.c.created_at, table.c.id) < last
