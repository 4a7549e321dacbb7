"""Lists that are read page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page", "every"]

T = TypeVar("T")
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is opaque, "" on the last page."""

    items: Sequence[T]
    next_cursor: str


def every(page: Callable[[str, int], Page[T]], cursor: str = "", at_once: int = _AT_ONCE) -> Iterator[T]:
    """Yield the items of all pages of `page(cursor, limit)` from `cursor` on; raises ValueError for one that is not ours."""
    while True:
        found = page(cursor, at_once)
        yield from found.items
        cursor = found.next_cursor
        if not cursor:
            return
