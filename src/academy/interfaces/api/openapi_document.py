"""The OpenAPI 3.1 document of this API."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from academy.contracts.rest.operations import Health, Readiness
from academy.interfaces.api.endpoint import Endpoint

__all__ = ["OpenApiView", "document", "text"]


class OpenApiView(Endpoint):
    """The description of this API."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Return the document."""
        return HttpResponse(text(), content_type="application/json")


@lru_cache(maxsize=1)
def text() -> str:
    """Return the document as it is written to docs."""
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def document() -> dict[str, Any]:
    """Return the OpenAPI document of every endpoint, those beside Django included. Django must be configured."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["paths"] = {**made["paths"], **_native_paths()}
    schemas = made["components"]["schemas"]
    for model in (Health, Readiness):
        schemas[model.__name__] = model.model_json_schema(mode="serialization")
    return made


def _answer(description: str, media_type: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": dict(schema)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_PROBLEM = _answer("A problem.", "application/problem+json", _ref("Problem"))
_BYTES = {"type": "string", "format": "binary"}


def _path(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


def _native_paths() -> dict[str, Any]:
    """Describe what `asgi.py` answers without Django."""
    return {
        "/api/v1/jobs/{job_id}/events": {"get": _events()},
        "/objects/{bucket}/{key}": {"put": _put_object(), "get": _get_object()},
        "/media/{token}/{path}": {"get": _media()},
        "/healthz": {
            "get": {
                "operationId": "healthz",
                "tags": ["operations"],
                "security": [],
                "responses": {"200": _answer("The process is alive.", "application/json", _ref("Health"))},
            }
        },
        "/readyz": {
            "get": {
                "operationId": "readyz",
                "tags": ["operations"],
                "security": [],
                "responses": {
                    "200": _answer("Everything can be reached.", "application/json", _ref("Readiness")),
                    "503": _answer("Something cannot.", "application/json", _ref("Readiness")),
                },
            }
        },
        "/metrics": {
            "get": {
                "operationId": "metrics",
                "tags": ["operations"],
                "responses": {
                    "200": _answer("Prometheus' text format.", "text/plain", {"type": "string"}),
                    "default": _PROBLEM,
                },
            }
        },
    }


def _events() -> dict[str, Any]:
    return {
        "operationId": "job_events",
        "tags": ["jobs"],
        "description": (
            "Server-sent events of a job until it has ended: `progress` events, then one `end`; the data of each is a "
            "JobView. Comments keep the connection alive. Reconnect with `Last-Event-ID`."
        ),
        "parameters": [
            _path("job_id", "Id of the job."),
            {"name": "X-Academy-Tenant", "in": "header", "schema": {"type": "string"}},
            {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}},
        ],
        "security": [{"bearer": []}],
        "responses": {
            "200": _answer("Events.", "text/event-stream", {"type": "string"}),
            "default": _PROBLEM,
        },
    }


def _put_object() -> dict[str, Any]:
    return {
        "operationId": "put_object",
        "tags": ["objects"],
        "description": "Send a file or a part of one to an address of `begin_upload` (embedded profile). The signature is in the query.",
        "parameters": [_path("bucket", "As signed."), _path("key", "As signed; may hold slashes.")],
        "security": [],
        "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}},
        "responses": {
            "200": {
                "description": "Stored.",
                "headers": {"ETag": {"description": "For `complete_upload`.", "schema": {"type": "string"}}},
            },
            "default": _PROBLEM,
        },
    }


def _get_object() -> dict[str, Any]:
    return {
        "operationId": "get_object",
        "tags": ["objects"],
        "description": "Fetch an object by a signed address (embedded profile); ranges are served.",
        "parameters": [_path("bucket", "As signed."), _path("key", "As signed; may hold slashes.")],
        "security": [],
        "responses": {
            "200": _answer("The object.", "application/octet-stream", _BYTES),
            "206": _answer("The range asked for.", "application/octet-stream", _BYTES),
            "default": _PROBLEM,
        },
    }


def _media() -> dict[str, Any]:
    return {
        "operationId": "get_media",
        "tags": ["playback"],
        "description": (
            "Playlists, segments, pictures and the key of a video, by the addresses of `open_playback` and those "
            "relative to them; the token in the path is the credential. Ranges are served."
        ),
        "parameters": [_path("token", "As signed."), _path("path", "`tenants/…`; holds slashes.")],
        "security": [],
        "responses": {
            "200": _answer("The file.", "application/octet-stream", _BYTES),
            "206": _answer("The range asked for.", "application/octet-stream", _BYTES),
            "default": _PROBLEM,
        },
    }
