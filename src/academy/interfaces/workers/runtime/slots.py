"""How many jobs a worker runs at once."""

import asyncio

__all__ = ["Slots"]


class Slots:
    """How many more jobs may run."""

    def __init__(self, count: int) -> None:
        """Start with `count` free slots."""
        self._free = count
        self._freed = asyncio.Event()

    async def take(self, most: int) -> int:
        """Wait for a free slot and take up to `most`."""
        while self._free == 0:
            self._freed.clear()
            await self._freed.wait()
        taken = min(self._free, most)
        self._free -= taken
        return taken

    def free(self, count: int = 1) -> None:
        """Give slots back."""
        self._free += count
        self._freed.set()
