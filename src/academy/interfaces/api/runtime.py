"""What requests reach: the composed services and the portal, carried by each request rather than by a global."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from academy.bootstrap.api import ApiServices
from academy.interfaces.api.portal import Portal

__all__ = ["RUNTIME_KEY", "Runtime", "runtime_in"]

RUNTIME_KEY = "academy.runtime"


@dataclass(frozen=True, slots=True)
class Runtime:
    """Services of this process and the way onto its loop."""

    services: ApiServices
    portal: Portal


def runtime_in(environ: Mapping[str, Any]) -> Runtime:
    """Return the runtime that the server put into a WSGI environment (Django's `request.META`)."""
    runtime = environ[RUNTIME_KEY]
    assert isinstance(runtime, Runtime)
    return runtime
