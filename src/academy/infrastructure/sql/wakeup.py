"""Waking those of this process who wait: long polls for a queue, relays for the outbox."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

__all__ = ["Waiter", "Wakeup"]


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody who waits on a loop; `event` is set by each `wake` of one of `queues`."""

    queues: tuple[str, ...]
    loop: asyncio.AbstractEventLoop
    event: asyncio.Event


class Wakeup:
    """Tells those who wait, on whatever loop, that something was put there; called from any thread.

    `started` is called whenever somebody begins to wait: the time to look at what other processes do.
    """

    def __init__(self, started: Callable[[], None]) -> None:
        self.origin = uuid.uuid4().hex[:12]
        """Names this process in what it tells others, so that it need not listen to itself."""
        self._started = started
        self._lock = threading.Lock()
        self._waiters: dict[str, list[Waiter]] = {}
        self._relays: list[Callable[[], None]] = []

    @contextmanager
    def waiting(self, queue: str, also: Collection[str] = ()) -> Iterator[asyncio.Event]:
        """Yield an event that is set by each `wake` of the queue or of one of `also`."""
        waiter = Waiter((queue, *also), asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            for name in waiter.queues:
                self._waiters.setdefault(name, []).append(waiter)
        self._started()
        try:
            yield waiter.event
        finally:
            with self._lock:
                for name in waiter.queues:
                    left = self._waiters[name]
                    left.remove(waiter)
                    if not left:
                        del self._waiters[name]

    def on_outbox(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever something was put into the outbox, for ever."""
        with self._lock:
            self._relays.append(wake)
        self._started()

    @property
    def anybody(self) -> bool:
        """Return whether somebody waits."""
        return bool(self._waiters or self._relays)

    def awaited(self) -> tuple[list[str], bool]:
        """Return the queues that somebody waits for, and whether somebody waits for the outbox."""
        with self._lock:
            return list(self._waiters), bool(self._relays)

    def wake(self, queue: str) -> None:
        """Set the events of everybody who waits for the queue."""
        with self._lock:
            waiters = tuple(self._waiters.get(queue, ()))
        for waiter in waiters:
            with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
                waiter.loop.call_soon_threadsafe(waiter.event.set)

    def wake_relays(self) -> None:
        """Call everybody who waits for the outbox."""
        with self._lock:
            relays = tuple(self._relays)
        for wake in relays:
            try:
                wake()
            except RuntimeError:
                # Its loop was closed: nobody waits there any more.
                with self._lock:
                    self._relays.remove(wake)

    def wake_everybody(self) -> None:
        """Wake whoever waits for anything: nobody knows what was missed."""
        for queue in self.awaited()[0]:
            self.wake(queue)
        self.wake_relays()
