"""Traces by OpenTelemetry (extra `otel`); nothing here is imported unless an address for traces is set."""
