"""Byte ranges and conditional requests (RFC 9110, 13 and 14)."""

import re
from dataclasses import dataclass

__all__ = ["Span", "Unsatisfiable", "matches", "span_of"]

_ONE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*")


class Unsatisfiable(Exception):
    """The object has no byte of the range."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes to send; `partial` says whether a range was asked for (status 206)."""

    start: int
    length: int
    partial: bool


def span_of(range_header: str, size: int) -> Span:
    """Return the bytes that a Range header asks for; all of them for none, several or a malformed one. Raises Unsatisfiable."""
    found = _ONE.fullmatch(range_header)
    if not found or (not found[1] and not found[2]):
        return Span(0, size, partial=False)
    if not found[1]:
        wanted = min(int(found[2]), size)
        if wanted == 0:
            raise Unsatisfiable
        return Span(size - wanted, wanted, partial=True)
    start = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < start:
        return Span(0, size, partial=False)
    if start >= size:
        raise Unsatisfiable
    return Span(start, last - start + 1, partial=True)


def matches(condition: str, etag: str) -> bool:
    """Return whether an If-None-Match list names `etag` (weak comparison)."""
    given = {item.strip().removeprefix("W/") for item in condition.split(",")}
    return "*" in given or etag.removeprefix("W/") in given
