"""Ports: counters and measurements for operators, and the trace of a job from its request to its ack (API-4)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, Self

__all__ = ["NoTelemetry", "NoTracer", "Span", "Telemetry", "Tracer", "current_trace", "in_trace", "trace_id"]


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

    def drop(self, name: str) -> None:
        """Remove a gauge with every label: what is not known is not shown. Unknown names are ignored."""
        ...


class NoTelemetry:
    """Takes measurements and forgets them."""

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Forget."""

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Forget."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Forget."""

    def drop(self, name: str) -> None:
        """Forget."""


class Span(Protocol):
    """A measured stretch of work; begins when it is made and ends once, with its `with` block, failed when that raises, or by `end`."""

    @property
    def traceparent(self) -> str:
        """Return the W3C traceparent that makes others its children; "" when nothing is traced."""
        ...

    def end(self) -> None:
        """End the span where no `with` block does."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...


class Tracer(Protocol):
    """Records spans of the trace that a W3C traceparent names (https://www.w3.org/TR/trace-context/).

    Never raises, never blocks. Names and attribute values come from small fixed sets, except that spans may carry ids of ours.
    """

    @property
    def records(self) -> bool:
        """Whether anything is traced: where not, nobody need keep spans."""
        ...

    def span(self, name: str, parent: str, **attributes: str) -> Span:
        """Begin a span below `parent`; without a well-formed one it begins a trace of its own."""
        ...

    def spans(self, name: str, parents: Iterable[str], **attributes: str) -> Span:
        """Begin the same span below each of several parents, for work done on a batch; parents that are none are left out.

        `parents` is not looked at when nothing is traced. The traceparent of the result is "".
        """
        ...


class _NoSpan:
    traceparent = ""

    def end(self) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        return None


_NO_SPAN = _NoSpan()


class NoTracer:
    """Traces nothing: one call and one shared object, no allocation."""

    records = False

    def span(self, name: str, parent: str, **attributes: str) -> Span:  # noqa: ARG002 - the port names them
        """Return the span that records nothing."""
        return _NO_SPAN

    def spans(self, name: str, parents: Iterable[str], **attributes: str) -> Span:  # noqa: ARG002
        """Return the span that records nothing."""
        return _NO_SPAN


current_trace: ContextVar[str] = ContextVar("academy_trace", default="")
"""Traceparent of what this task works on; every log line written meanwhile carries its trace id."""


@contextmanager
def in_trace(traceparent: str) -> Iterator[None]:
    """Work on behalf of a trace: log lines written inside, also by tasks started inside, carry its id."""
    token = current_trace.set(traceparent)
    try:
        yield
    finally:
        current_trace.reset(token)


def trace_id(traceparent: str) -> str:
    """Return the id of the whole trace, 32 hexadecimal digits; "" when there is none."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == 4 else ""
