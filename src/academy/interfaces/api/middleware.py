"""What every Django request gets."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from academy.interfaces.api.http import SAFE_HEADERS
from academy.interfaces.api.language import language_of
from academy.interfaces.api.trace import traceparent_of

__all__ = ["LANGUAGE_KEY", "PAGES", "ROUTE_KEY", "TRACE_KEY", "VIEWER_KEY", "RequestTrace"]

TRACE_KEY = "academy.traceparent"
LANGUAGE_KEY = "academy.language"
ROUTE_KEY = "academy.route"
VIEWER_KEY = "academy.viewer"
"""Who asked, for what the server does after the view."""
PAGES = ("/admin/", "/static/")
"""What is for browsers and needs sessions, cookies and their protection."""
_API_HEADERS = (("Cache-Control", "no-store"), *SAFE_HEADERS)


class RequestTrace:
    """Give a request its trace and language, the server its route, and an answer the headers of an API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        request.META.setdefault(TRACE_KEY, traceparent_of(request.headers.get("traceparent", "")))
        language = language_of(request.headers.get("Accept-Language", ""))
        request.META[LANGUAGE_KEY] = language
        # A host that is not ours is refused here.
        request.get_host()
        response = self._get_response(request)
        match = request.resolver_match
        request.META[ROUTE_KEY] = f"/{match.route}" if match else ""
        if not request.path_info.startswith(PAGES):
            for name, value in _API_HEADERS:
                response.headers.setdefault(name, value)
            if settings.SECURE_HSTS_SECONDS:
                response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response
