"""How many jobs a worker runs at once."""

import asyncio

__all__ = ["Slots"]


class Slots:
    """How many more jobs may run."""

    def __init__(self, count: int) -> None:
        """Start with `count` free slots."""
        self._count = count
        self._free = count
        self._freed = asyncio.Event()

    async def take(self, most: int, gather: float = 0.0) -> int:
        """Wait for a free slot and take up to `most`; where few are free, wait `gather` seconds for more of them."""
        while self._free == 0:
            self._freed.clear()
            await self._freed.wait()
        if gather and 2 * self._free < self._count:
            await asyncio.sleep(gather)
        taken = min(self._free, most)
        self._free -= taken
        return taken

    def free(self, count: int = 1) -> None:
        """Give slots back."""
        self._free += count
        self._freed.set()
