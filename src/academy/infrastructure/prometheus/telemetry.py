"""Adapter: measurements as Prometheus metrics."""

import threading

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["PrometheusTelemetry"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class PrometheusTelemetry:
    """The `Telemetry` port; a metric is made the first time it is named, with the labels it is given then."""

    def __init__(self) -> None:
        """Start empty."""
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        self._lock = threading.Lock()

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add `value` to a counter."""
        with self._lock:
            metric = self._counters.get(name)
            if metric is None:
                metric = self._counters[name] = Counter(name, name, list(labels), registry=self._registry)
        (metric.labels(**labels) if labels else metric).inc(value)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        with self._lock:
            metric = self._gauges.get(name)
            if metric is None:
                metric = self._gauges[name] = Gauge(name, name, list(labels), registry=self._registry)
        (metric.labels(**labels) if labels else metric).set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add one observation."""
        with self._lock:
            metric = self._histograms.get(name)
            if metric is None:
                metric = self._histograms[name] = Histogram(name, name, list(labels), registry=self._registry)
        (metric.labels(**labels) if labels else metric).observe(value)

    def exposition(self) -> bytes:
        """Return every metric in Prometheus' text format."""
        return generate_latest(self._registry)
