"""What every Django request gets."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from academy.interfaces.api.language import language_of
from academy.interfaces.api.trace import traceparent_of

__all__ = ["LANGUAGE_KEY", "ROUTE_KEY", "TRACE_KEY", "RequestTrace"]

TRACE_KEY = "academy.traceparent"
LANGUAGE_KEY = "academy.language"
ROUTE_KEY = "academy.route"
_PAGES = ("/admin/", "/static/")


class RequestTrace:
    """Give a request its trace and language, the server its route, and an answer the headers of an API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        request.META.setdefault(TRACE_KEY, traceparent_of(request.headers.get("traceparent", "")))
        language = language_of(request.headers.get("Accept-Language", ""))
        request.META[LANGUAGE_KEY] = language
        with translation.override(language):
            response = self._get_response(request)
        match = request.resolver_match
        request.META[ROUTE_KEY] = f"/{match.route}" if match else ""
        if not request.path_info.startswith(_PAGES):
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault(
                "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"
            )
        return response
