"""Logs: static event names, data in fields; text for people, JSON for machines."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from academy.application.ports.telemetry import current_trace, trace_id
from academy.bootstrap.settings import Settings
from academy.domain.phone import mask_phones

__all__ = ["configure_logs"]

_SECRETS = (
    re.compile(r"(?i)(signature|x-amz-[a-z-]+|token|password)([\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"),
    re.compile(
        r"(?i)(authorization)([\"']?\s*[=:]\s*[\"']?)(?:(?:bearer|basic|aws4-hmac-sha256)\s+)?[^\s\"']+"
    ),
    re.compile(r"(?i)(\w+://[^\s:/@]*):[^\s@/]+@"),
    re.compile(r"/media/[^/\s]+/"),
    # What PostgreSQL adds to an error: the values of the row.
    re.compile(r"(Key \([^\n]*?\)=|Failing row contains )\(.*\)"),
)
_MASKS = (r"\1\2***", r"\1\2***", r"\1:***@", "/media/***/", r"\1(***)")


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take signatures, tokens and phone numbers out of every text (SEC-3)."""
    for key, value in event.items():
        event[key] = _masked(value)
    return event


def _masked(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    if isinstance(value, str):
        for pattern, mask in zip(_SECRETS, _MASKS, strict=True):
            value = pattern.sub(mask, value)
        value = mask_phones(value)
    elif isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    elif isinstance(value, list | tuple | set | frozenset):
        return [_masked(one) for one in value]
    return value


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say on whose behalf a line was written: from request to ack one id finds them all (API-4)."""
    found = trace_id(current_trace.get())
    if found:
        event.setdefault("trace_id", found)
    return event


def _drop_colours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out uvicorn's second copy of its message, painted for a terminal."""
    event.pop("color_message", None)
    return event


def configure_logs(settings: Settings) -> None:
    """Send every log record of this process to stderr in the configured format."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _add_trace,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _drop_colours,
        _mask,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("alembic", "asyncio", "httpx2", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
