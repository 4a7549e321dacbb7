"""What the formats of the producers that exist today have in common: ids written loosely, and a message in our words."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints

__all__ = [
    "LONGEST_KEY",
    "PRINTABLE",
    "FileKey",
    "Incoming",
    "LooseId",
    "OptionalId",
    "OptionalKey",
    "as_text",
    "none_as_empty",
    "short_enough",
]

LONGEST_KEY = 300
_EXACT = 2**53
"""Whole numbers to which each has a float of its own."""


def as_text(value: object) -> object:
    """Older producers send ids as numbers or text; a number becomes text (7.0 is 7 in JSON), text keeps its leading zeros."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _empty_as_none(value: object) -> object:
    return None if value == "" else value


def none_as_empty(value: object) -> object:
    """Take null for an empty text."""
    return "" if value is None else value


PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
LooseId = Annotated[_Id, BeforeValidator(as_text, json_schema_input_type=_Id | int)]
OptionalId = Annotated[
    LooseId | None, BeforeValidator(_empty_as_none, json_schema_input_type=_Id | int | Literal[""] | None)
]
FileKey = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=PRINTABLE)]
_Key = Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)]
OptionalKey = Annotated[_Key, BeforeValidator(none_as_empty, json_schema_input_type=_Key | None)]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message in our words.

    Attributes:
        idempotency_key: "" when the message names nothing that tells it from others: then the broker's id of it does.
        tenant_id: owner; "" when the message names none, then `tenant_code` or the queue's setting decides.
        tenant_code: the academy's short name in older formats, else "".
        legacy: whether an older producer sent it.
        tier: what it may cost, as the message says; "" when it says nothing.
    """

    id: str
    type: str
    tenant_id: str
    tenant_code: str
    payload: Mapping[str, Any]
    idempotency_key: str
    trace: str
    reply_to: str
    legacy: bool
    tier: str = ""


def short_enough(prefix: str, rest: str) -> str:
    """Return a key that fits an envelope, whatever the length of the name in it."""
    whole = prefix + rest
    if len(whole) <= LONGEST_KEY:
        return whole
    return f"{prefix}sha256:{hashlib.sha256(rest.encode()).hexdigest()}"
