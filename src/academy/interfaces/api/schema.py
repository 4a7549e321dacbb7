"""How endpoints appear in the OpenAPI document."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel

from academy.contracts.rest.common import Problem

__all__ = ["IDEMPOTENT", "TENANT", "BearerScheme", "ContractSchema", "parameters"]

TENANT = OpenApiParameter(
    "X-Academy-Tenant",
    str,
    OpenApiParameter.HEADER,
    description="Id of the academy; needed only by members of several.",
)
IDEMPOTENT = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="A repeated request with the same key and body gets the first one's answer and changes nothing.",
)


def parameters(query: type[BaseModel]) -> list[OpenApiParameter]:
    """Return the query parameters that a contract describes."""
    schema = query.model_json_schema()
    found = []
    for name, field in schema["properties"].items():
        shown = {key: value for key, value in field.items() if key not in {"title", "description"}}
        found.append(OpenApiParameter(name, shown, description=field.get("description", "")))
    return found


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token of `login` in the header Authorization."""

    target_class = "academy.interfaces.api.accounts.tokens.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Describe it."""
        return {"type": "http", "scheme": "bearer", "description": "The token of `login`."}


class ContractSchema(AutoSchema):
    """Bodies are JSON, and every operation may answer with a problem."""

    def map_parsers(self) -> list[str]:
        """Return what request bodies are; views read them as contracts, so there are no parsers to ask."""
        return ["application/json"]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(Problem, "default", ["application/problem+json"])  # type: ignore[no-untyped-call]
        return {**bodies, "default": {**problem, "description": "A problem."}}
