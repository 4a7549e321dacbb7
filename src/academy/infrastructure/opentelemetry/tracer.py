"""Adapter: spans of OpenTelemetry (port `Tracer`), exported in batches over OTLP/HTTP.

Source: https://opentelemetry.io/docs/specs/otel/trace/ and https://www.w3.org/TR/trace-context/
"""

from collections.abc import Iterable, Sequence
from typing import Self

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from academy.application.ports.telemetry import Span

__all__ = ["OpenTelemetryTracer", "exporting_processor"]

_KINDS = {"request": SpanKind.SERVER, "publish": SpanKind.PRODUCER, "run": SpanKind.CONSUMER}
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACEPARENT = "traceparent"
EXPORT_SECONDS = 10.0


def exporting_processor(endpoint: str) -> SpanProcessor:
    """Return what sends spans in the background to `endpoint` (".../v1/traces"); what cannot be sent is dropped and logged."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))


class OpenTelemetryTracer:
    """The `Tracer` port. Holds a provider of its own, so that nothing else of the process is traced by accident."""

    records = True

    def __init__(self, service: str, processor: SpanProcessor) -> None:
        """Trace as `service` into `processor`."""
        resource = Resource.create({"service.name": service, "service.namespace": "academy"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("academy")

    def span(self, name: str, parent: str, **attributes: str) -> Span:
        """Begin a span below `parent`; without a well-formed one it begins a trace of its own."""
        return _Span([self._begin(name, _context(parent), attributes)])

    def spans(self, name: str, parents: Iterable[str], **attributes: str) -> Span:
        """Begin the same span below each well-formed parent."""
        contexts = (_context(parent) for parent in parents if parent)
        return _Span([self._begin(name, context, attributes) for context in contexts if context])

    def close(self) -> None:
        """Send what waits and end; takes as long as one export at most."""
        self._provider.shutdown()

    def _begin(self, name: str, context: Context, attributes: dict[str, str]) -> OtelSpan:
        kind = _KINDS.get(name, SpanKind.INTERNAL)
        named = {f"academy.{key}": value for key, value in attributes.items()}
        return self._tracer.start_span(name, context, kind, named)


class _Span:
    """One span, or the same one in several traces."""

    def __init__(self, spans: Sequence[OtelSpan]) -> None:
        self._spans = spans

    @property
    def traceparent(self) -> str:
        """Return the traceparent of a single span."""
        if len(self._spans) != 1:
            return ""
        carrier: dict[str, str] = {}
        (span,) = self._spans
        _PROPAGATOR.inject(carrier, set_span_in_context(NonRecordingSpan(span.get_span_context()), Context()))
        return carrier.get(_TRACEPARENT, "")

    def end(self) -> None:
        """End every span."""
        for span in self._spans:
            span.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        error = raised[1] if len(raised) > 1 else None
        for span in self._spans:
            if error is not None:
                # The kind of error alone: its words may hold what no trace may (SEC-3).
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        self.end()


def _context(traceparent: str) -> Context:
    """Return the context of a traceparent; an empty one, which begins a new trace, when it is not well-formed."""
    return _PROPAGATOR.extract({_TRACEPARENT: traceparent}, Context()) if traceparent else Context()
