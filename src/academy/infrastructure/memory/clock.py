"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta

__all__ = ["ManualClock"]


class ManualClock:
    """The `Clock` port for tests and replays: time stands still until `advance`."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 0.0

    def now(self) -> datetime:
        """Return the time it was set to, aware, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds advanced since the start."""
        return self._monotonic

    def advance(self, by: timedelta | float) -> None:
        """Move time forward by a duration or by seconds; raises ValueError for a step back."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta(0):
            raise ValueError("time does not go back")
        self._now += step
        self._monotonic += step.total_seconds()
