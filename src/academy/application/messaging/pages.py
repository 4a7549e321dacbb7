"""Lists that a use case reads to their end."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from academy.application.ports.page import Page

__all__ = ["every"]

T = TypeVar("T")
_PAGE = 1000


def every(page: Callable[[str, int], Page[T]], cursor: str = "", at_once: int = _PAGE) -> Iterator[T]:
    """Yield the items of all pages of `page(cursor, limit)` from `cursor` on; raises ValueError for one that is not ours."""
    while True:
        found = page(cursor, at_once)
        yield from found.items
        cursor = found.next_cursor
        if not cursor:
            return
