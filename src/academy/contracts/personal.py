"""Which fields of a contract are about people: who shows payloads to operators asks here, and no place keeps a list of its own.

A field says so beside its type: `to: Annotated[str, Personal.PHONE]`. The published schemas do not change with it.
"""

from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel

__all__ = ["Personal", "personal_fields"]


class Personal(Enum):
    """What is personal of a field: a PHONE may be shown masked, WORDS not at all."""

    PHONE = "phone"
    WORDS = "words"


def personal_fields(model: type[BaseModel]) -> Mapping[str, Personal]:
    """Return the fields of a contract that are marked so, by name."""
    return {
        name: mark
        for name, field in model.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Personal)
    }
