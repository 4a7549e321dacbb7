"""Which tracer a process has: none, unless an address for spans is set (API-4)."""

from contextlib import AsyncExitStack

from academy.application.ports.telemetry import NoTracer, Tracer
from academy.bootstrap.settings import Settings, SettingsInvalid

__all__ = ["open_tracer"]


def open_tracer(stack: AsyncExitStack, settings: Settings) -> Tracer:
    """Return the tracer that the settings choose; `stack` sends what waits at the end. Raises SettingsInvalid without the extra."""
    if not settings.otlp_endpoint:
        return NoTracer()
    try:
        from academy.infrastructure.opentelemetry.tracer import (  # noqa: PLC0415
            OpenTelemetryTracer,
            exporting_processor,
        )
    except ModuleNotFoundError as error:
        raise SettingsInvalid(
            f"ACADEMY_OTLP_ENDPOINT: the package {error.name} is not installed; install the extra otel, or leave the variable unset"
        ) from None
    tracer = OpenTelemetryTracer(settings.otlp_service, exporting_processor(settings.otlp_endpoint))
    stack.callback(tracer.close)
    return tracer
