"""What every contract has in common."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from academy.contracts.field_words import plain_words, sentences

__all__ = ["Contract", "InvalidMessage", "LenientContract", "explain", "misfit", "plain_words", "validate"]

C = TypeVar("C", bound="Contract")
_LONGEST_NAME = 60


class Contract(BaseModel):
    """A frozen, strict model: no coercion, no unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class LenientContract(BaseModel):
    """A frozen model of a format that is not ours: unknown fields are dropped at the edge, secrets among them."""

    model_config = ConfigDict(frozen=True, strict=False, extra="ignore")


class InvalidMessage(Exception):
    """A message that cannot be understood.

    Attributes:
        reason: one line that a person can read; it holds none of the message's values.
        code: snake_case, stable; of JSON that is refused for its form, and of a reason that a program may act on; "" for all else.
        korean: the reason in Korean, "" where there is none.
    """

    def __init__(self, reason: str, code: str = "", korean: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.korean = korean


def explain(error: ValidationError, most: int = 3) -> str:
    """Say in one line what a validation error complains of, without the values (they may be private)."""
    parts = [
        f"{_path(e['loc'])}: {plain_words(e['msg'])}"
        for e in error.errors(include_input=False, include_url=False)[:most]
    ]
    rest = error.error_count() - most
    return "; ".join(parts) + (f"; and {rest} more" if rest > 0 else "")


def misfit(error: ValidationError, within: str = "", most: int = 3) -> InvalidMessage:
    """Return the same in whole sentences, English and Korean; `within`: path of what was looked at, with a dot at its end."""
    found = error.errors(include_input=False, include_url=False)
    told = [(within + _path(each["loc"]), *sentences(each)) for each in found[:most]]
    rest = len(found) - most
    return InvalidMessage(
        " ".join(f"{path}: {english}" for path, english, _ in told)
        + (f" And {rest} more." if rest > 0 else ""),
        korean=" ".join(f"{path}: {korean}" for path, _, korean in told)
        + (f" 그 밖에 {rest}건." if rest > 0 else ""),
    )


def _path(location: tuple[int | str, ...]) -> str:
    """Return where in the message; a field's name is the sender's text, so it is cut and made printable."""
    parts = (
        "".join(c if c.isprintable() else "?" for c in str(part)[:_LONGEST_NAME]) for part in location[:6]
    )
    return ".".join(parts) or "message"


def validate(model: type[C], data: Mapping[str, Any]) -> C:
    """Return `data` as a `model`, or raise InvalidMessage."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidMessage(explain(error), korean=misfit(error).korean) from None
