"""What every contract has in common."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Contract", "InvalidMessage", "LenientContract", "explain", "validate"]

C = TypeVar("C", bound="Contract")


class Contract(BaseModel):
    """A frozen, strict model: no coercion, no unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class LenientContract(BaseModel):
    """A frozen model of a format that is not ours: unknown fields are dropped at the edge, secrets among them."""

    model_config = ConfigDict(frozen=True, strict=False, extra="ignore")


class InvalidMessage(Exception):
    """A message that cannot be understood; `reason` is one line that a person can read and holds none of its values."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def explain(error: ValidationError, most: int = 3) -> str:
    """Say in one line what a validation error complains of, without the values (they may be private)."""
    parts = [
        f"{'.'.join(map(str, e['loc'])) or 'message'}: {e['msg']}"
        for e in error.errors(include_input=False)[:most]
    ]
    rest = error.error_count() - most
    return "; ".join(parts) + (f"; and {rest} more" if rest > 0 else "")


def validate(model: type[C], data: Mapping[str, Any]) -> C:
    """Return `data` as a `model`, or raise InvalidMessage."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidMessage(explain(error)) from None
