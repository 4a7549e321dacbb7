"""Answers of Django REST framework: our models as JSON, errors as problems, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from pydantic import BaseModel
from pydantic_core import to_json
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from academy.interfaces.api import kinds
from academy.interfaces.api.errors import RETRY_SECONDS, log_crash, trouble_of
from academy.interfaces.api.language import Language
from academy.interfaces.api.middleware import LANGUAGE_KEY, TRACE_KEY
from academy.interfaces.api.problems import PROBLEM_TYPE, Kind, Trouble, problem_answer
from academy.interfaces.api.trace import trace_id, traceparent_of

__all__ = [
    "LOCK_SECONDS",
    "ContractRenderer",
    "OnlyJson",
    "handle_exception",
    "locked_out",
    "problem_response",
    "trouble_for",
]

LOCK_SECONDS = 15 * 60
"""How long a name stays locked for an address (AXES_COOLOFF_TIME)."""


class ContractRenderer(BaseRenderer):
    """Pydantic models and plain JSON values as JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return JSON in UTF-8."""
        if data is None:
            return b""
        return data.model_dump_json().encode() if isinstance(data, BaseModel) else to_json(data)


class OnlyJson(BaseContentNegotiation):
    """Always JSON, whatever a client says it accepts (RFC 9110, 12.4.1 allows it)."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> None:
        """Parse nothing: views read their body as a contract."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the only renderer."""
        only = next(iter(renderers))
        return only, only.media_type or ""


def handle_exception(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Return the problem for whatever a view raised; what nobody foresaw is logged and tells nothing."""
    request: HttpRequest = context["request"]._request  # noqa: SLF001 - DRF has no other way to it
    return problem_response(request, trouble_for(error, request))


def trouble_for(error: BaseException, request: HttpRequest) -> Trouble:
    """Return the problem that an error is; one that nobody foresaw is logged."""
    language: Language = request.META.get(LANGUAGE_KEY, "en")
    known = trouble_of(error, language) or _django_trouble(error)
    if known is None:
        log_crash("request_crashed", error, trace_id=trace_id(request.META[TRACE_KEY]))
        known = Trouble(kinds.INTERNAL)
    return known


def _django_trouble(error: BaseException) -> Trouble | None:
    if isinstance(error, OperationalError | InterfaceError):
        return Trouble(kinds.UNAVAILABLE, retry_after=RETRY_SECONDS)
    if isinstance(error, Http404):
        return Trouble(kinds.NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return Trouble(kinds.ROLE_NOT_ALLOWED)
    return _rest_trouble(error) if isinstance(error, exceptions.APIException) else None


_REST_KINDS: dict[type[exceptions.APIException], Kind] = {
    exceptions.NotAuthenticated: kinds.NOT_AUTHENTICATED,
    exceptions.AuthenticationFailed: kinds.NOT_AUTHENTICATED,
    exceptions.PermissionDenied: kinds.ROLE_NOT_ALLOWED,
    exceptions.NotFound: kinds.NOT_FOUND,
    exceptions.MethodNotAllowed: kinds.METHOD_NOT_ALLOWED,
    exceptions.UnsupportedMediaType: kinds.NOT_JSON,
    exceptions.Throttled: kinds.TOO_MANY_REQUESTS,
}


def _rest_trouble(error: exceptions.APIException) -> Trouble:
    kind = _REST_KINDS.get(type(error), kinds.REQUEST_REFUSED)
    if kind is kinds.NOT_AUTHENTICATED:
        return Trouble(kind, headers=(("WWW-Authenticate", "Bearer"),))
    wait = getattr(error, "wait", None)
    return Trouble(kind, retry_after=int(wait) + 1 if wait is not None else None)


def problem_response(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Return a problem as a Django response."""
    language: Language = request.META.get(LANGUAGE_KEY, "en")
    answer = problem_answer(trouble, language, request.META.get(TRACE_KEY) or traceparent_of(""))
    response = HttpResponse(answer.body, status=answer.status, content_type=PROBLEM_TYPE)
    for name, value in answer.headers:
        response.headers[name] = value
    return response


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """Answer a login under a locked name, at the API and in the admin."""
    return problem_response(request, Trouble(kinds.LOCKED_OUT, retry_after=LOCK_SECONDS))
