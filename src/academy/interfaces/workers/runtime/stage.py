"""One stage of the pipeline: takes single items, works on them in groups."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Stage"]

T = TypeVar("T")


class Stage(Generic[T]):
    """While one group is under way the next one gathers; the more there is to do, the larger the groups.

    An error that `work` raises ends the stage, and with it the worker: nothing that was put here may be forgotten.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[None]],
        gather: Callable[[], float] = lambda: 0.0,
        most: int = 100,
    ) -> None:
        """Hand groups of at most `most` items to `work`, `gather()` seconds after the first of a group came."""
        self._work = work
        self._gather = gather
        self._most = most
        self._items: list[T] = []
        self._came = asyncio.Event()

    def put(self, item: T) -> None:
        """Add an item; it is in the next group or in one soon after."""
        self._items.append(item)
        self._came.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._came.wait()
            # At least one turn of the loop: jobs that end together settle together.
            await asyncio.sleep(self._gather())
            group, self._items = self._items[: self._most], self._items[self._most :]
            if not self._items:
                self._came.clear()
            await self._work(group)
