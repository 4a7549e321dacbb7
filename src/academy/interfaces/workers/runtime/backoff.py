"""How long to wait after an outage: exponential with full jitter, afresh after a success (QUE-6)."""

import asyncio
import random

__all__ = ["Backoff"]


class Backoff:
    """Counts failures in a row and sleeps accordingly."""

    def __init__(self, base: float = 0.2, ceiling: float = 15.0) -> None:
        """Wait at most `base` seconds after the first failure, at most `ceiling` after many."""
        self._base = base
        self._ceiling = ceiling
        self.failures = 0

    def succeeded(self) -> None:
        """Start afresh."""
        self.failures = 0

    async def wait(self, stop: asyncio.Event | None = None) -> None:
        """Sleep after a failure; wakes at once when `stop` is set."""
        bound = min(self._ceiling, self._base * 2.0 ** min(self.failures, 16))
        self.failures += 1
        delay = random.uniform(0, bound)  # noqa: S311 - jitter is no secret
        if stop is None:
            await asyncio.sleep(delay)
            return
        try:
            await asyncio.wait_for(stop.wait(), delay)
        except TimeoutError:
            return
