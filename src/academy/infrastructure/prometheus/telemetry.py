"""Adapter: measurements as Prometheus metrics."""

import threading
from typing import Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from academy.infrastructure.prometheus.catalogue import buckets_of, help_of

__all__ = ["CONTENT_TYPE", "PrometheusTelemetry"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
M = TypeVar("M", Counter, Gauge, Histogram)
_Key = tuple[object, ...]


class PrometheusTelemetry:
    """The `Telemetry` port; a metric is made the first time it is named, with the labels it is given then."""

    def __init__(self) -> None:
        """Start empty."""
        # The text format knows no creation times: they would be a second series beside every counter.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._metrics: dict[str, Counter | Gauge | Histogram] = {}
        # By name and label values: looking a child up by keyword each time costs more than counting.
        self._counters: dict[_Key, Counter] = {}
        self._gauges: dict[_Key, Gauge] = {}
        self._histograms: dict[_Key, Histogram] = {}
        self._lock = threading.Lock()

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add `value` to a counter."""
        key = (name, *labels.items())
        child = self._counters.get(key)
        if child is None:
            with self._lock:
                child = self._counters[key] = self._child(Counter, name, labels)
        child.inc(value)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        key = (name, *labels.items())
        child = self._gauges.get(key)
        if child is None:
            with self._lock:
                child = self._gauges[key] = self._child(Gauge, name, labels)
        child.set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one observation."""
        key = (name, *labels.items())
        child = self._histograms.get(key)
        if child is None:
            with self._lock:
                child = self._histograms[key] = self._child(Histogram, name, labels, buckets=buckets_of(name))
        child.observe(value)

    def drop(self, name: str) -> None:
        """Remove a gauge with every label: what is not known is not shown."""
        with self._lock:
            metric = self._metrics.pop(name, None)
            if metric is None:
                return
            self._registry.unregister(metric)
            for key in [key for key in self._gauges if key[0] == name]:
                del self._gauges[key]

    def exposition(self) -> bytes:
        """Return every metric in Prometheus' text format."""
        return generate_latest(self._registry)

    def _child(self, kind: type[M], name: str, labels: dict[str, str], **more: Any) -> M:  # noqa: ANN401
        metric = self._metrics.get(name)
        if metric is None:
            metric = kind(name, help_of(name), list(labels), registry=self._registry, **more)
            self._metrics[name] = metric
        assert isinstance(metric, kind), f"{name} is another kind of metric"
        return metric.labels(**labels) if labels else metric
