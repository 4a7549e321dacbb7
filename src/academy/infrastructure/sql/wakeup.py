"""Waking long polls of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Wakeup"]


class Wakeup:
    """Tells those who wait for a queue, on whatever loop, that something was put there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    @contextmanager
    def waiting(self, queue: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set by each `wake` of the queue."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.setdefault(queue, []).append(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._waiting[queue].remove(entry)

    def wake(self, queue: str) -> None:
        """Set the events of everybody who waits for the queue; callable from any thread."""
        with self._lock:
            entries = tuple(self._waiting.get(queue, ()))
        for loop, event in entries:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)
