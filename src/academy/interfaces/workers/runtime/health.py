"""Whether a worker is alive: a poll completed lately (API-4)."""

from datetime import timedelta

from academy.application.ports.clock import Clock

__all__ = ["Health"]


class Health:
    """Remembers when the last poll completed."""

    def __init__(self, clock: Clock, limit: timedelta) -> None:
        """Count as healthy while the last poll, or the start, is less than `limit` ago."""
        self._clock = clock
        self._limit = limit.total_seconds()
        self._last = clock.monotonic()
        self._busy_since: float | None = None

    @property
    def busy(self) -> bool:
        """Return whether the worker has a reason not to poll."""
        return self._busy_since is not None

    @busy.setter
    def busy(self, busy: bool) -> None:
        now = self._clock.monotonic()
        if not busy and self._busy_since is not None:
            # Time in which it did not poll for a good reason is no silence.
            self._last += now - max(self._busy_since, self._last)
        if busy != self.busy:
            self._busy_since = now if busy else None

    def polled(self) -> None:
        """Note a completed poll."""
        self._last = self._clock.monotonic()

    def silence(self) -> float:
        """Return how many seconds ago a poll completed, since the start when none did."""
        return self._clock.monotonic() - self._last

    def alive(self) -> bool:
        """Return whether a poll completed lately; a worker whose slots are all taken does not poll and is alive."""
        return self.busy or self.silence() < self._limit
