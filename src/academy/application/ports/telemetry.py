"""Port: counters and measurements for operators."""

from typing import Protocol

__all__ = ["NoTelemetry", "Telemetry"]


class Telemetry(Protocol):
    """Takes measurements; never raises, never blocks. Label values come from small fixed sets, never a tenant or an id."""

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add `value` to a counter."""
        ...

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        ...

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one observation, in seconds or bytes, to a histogram."""
        ...


class NoTelemetry:
    """Takes measurements and forgets them."""

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Forget."""

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Forget."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Forget."""
