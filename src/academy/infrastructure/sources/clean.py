"""Strings and times out of foreign files, as everything after them can take them."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = [
    "bytes_of",
    "fields_of",
    "identifier",
    "items_of",
    "moment",
    "plain",
    "seconds",
    "stem_of",
    "text_in",
    "titled",
]

_NO_TEXT = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138
_MOST_TITLE = 500


def plain(text: str) -> str:
    """Return it without what is no character (lone halves of surrogate pairs, NUL), lines ended by a line feed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.replace("\0", "").strip()
    return _NO_TEXT.sub(_replaced, text).strip()


def _replaced(found: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else ""


def titled(text: str) -> str:
    """Return it as a title: one line of at most 500 characters."""
    line = _SPACE.sub(" ", plain(text[: 8 * _MOST_TITLE])).strip()
    return line if len(line) <= _MOST_TITLE else line[: _MOST_TITLE - 1] + "…"


def stem_of(name: str) -> str:
    """Return the last part of a path without its extension, as a title."""
    last = name.rstrip("/").rpartition("/")[2]
    head, dot, _ = last.rpartition(".")
    return titled(head if dot and head else last)


def bytes_of(text: str) -> int:
    """Return its length in UTF-8; text that `plain` returned."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def identifier(value: object) -> str:
    """Return an id as a string, unchanged but for what UTF-8 cannot write; "" for what is none."""
    if isinstance(value, str):
        return _NO_TEXT.sub(_replaced, value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def fields_of(value: object) -> Mapping[str, Any]:
    """Return an object of JSON, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items_of(value: object) -> list[Any]:
    """Return an array of JSON, an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_in(fields: Mapping[str, object], *names: str) -> str:
    """Return the first of the named fields that is a string and not empty, as it stands there; "" when none is."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def seconds(value: object) -> float:
    """Return a time of an export as seconds since 1970; minus infinity when it is none."""
    found = _instant(value)
    return -math.inf if found is None else (found - _EPOCH).total_seconds()


def moment(value: object) -> str:
    """Return a time of an export in RFC 3339, UTC; "" when it is none.

    Numbers are seconds since 1970, or milliseconds; a string without an offset is taken as UTC.
    """
    found = _instant(value)
    return "" if found is None else found.isoformat().replace("+00:00", "Z")


def _instant(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            count = float(value)
            return _EPOCH + timedelta(seconds=count / 1000 if count >= _MILLISECONDS_FROM else count)
    except (ValueError, OverflowError):
        return None
    return None
