"""How endpoints appear in the OpenAPI document."""

from typing import Any, ClassVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel

from academy.contracts.rest.common import Problem

__all__ = ["IDEMPOTENT", "TENANT", "ContractSchema", "parameters"]

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


class ContractSchema(AutoSchema):
    """Adds to every operation the problem it may answer with."""

    method_mapping: ClassVar[dict[str, str]] = AutoSchema.method_mapping

    def get_response_serializers(self) -> Any:
        """Return the declared answers and the default: a problem."""
        declared = super().get_response_serializers()
        return {**declared, ("default", "application/problem+json"): Problem} if isinstance(declared, dict) else declared

    def get_tags(self) -> list[str]:
        """Return the tags given by hand."""
        return super().get_tags()


def _unused() -> OpenApiTypes:
    return OpenApiTypes.STR
