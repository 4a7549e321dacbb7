"""W3C trace context: the thread from a request to the ack of the job it caused (API-4)."""

import re
import secrets

__all__ = ["trace_id", "traceparent_of"]

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent_of(given: str) -> str:
    """Return the caller's traceparent with a span of ours, or a new one when the caller sent none that is well-formed."""
    span = secrets.token_hex(8)
    if _TRACEPARENT.fullmatch(given):
        version, trace, _, flags = given.split("-")
        return f"{version}-{trace}-{span}-{flags}"
    return f"00-{secrets.token_hex(16)}-{span}-01"


def trace_id(traceparent: str) -> str:
    """Return the id of the whole trace."""
    return traceparent.split("-")[1]
