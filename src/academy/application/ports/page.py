"""Lists that are read page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page", "every", "up_to"]

T = TypeVar("T")
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is opaque, "" on the last page."""

    items: Sequence[T]
    next_cursor: str


def up_to(page: Callable[[str, int], Page[T]], cursor: str, most: int, at_once: int = _AT_ONCE) -> Page[T]:
    """Return up to `most` items of `page(cursor, limit)` as one page; raises ValueError for a cursor that is not ours."""
    found: list[T] = []
    while len(found) < most:
        part = page(cursor, min(at_once, most - len(found)))
        found += part.items
        cursor = part.next_cursor
        if not cursor:
            break
    return Page(found, cursor)


def every(page: Callable[[str, int], Page[T]], cursor: str = "", at_once: int = _AT_ONCE) -> Iterator[T]:
    """Yield the items of all pages of `page(cursor, limit)` from `cursor` on; raises ValueError for one that is not ours."""
    while True:
        found = page(cursor, at_once)
        yield from found.items
        cursor = found.next_cursor
        if not cursor:
            return
