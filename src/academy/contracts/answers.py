"""Answers of language models: checked field by field, so that what is right is kept and the rest asked for again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from academy.contracts.base import Contract, plain_words

__all__ = ["Checked", "checked", "schema_of"]

C = TypeVar("C", bound=Contract)
_MOST_FAULTS = 20
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with an answer: field of the object → why; "" stands for the object as a whole."""

    faults: Mapping[str, str]


def checked(model: type[C], data: object) -> C | Checked:
    """Return `data` as a `model`, or what is wrong with it."""
    if not isinstance(data, dict):
        return Checked({"": "not a JSON object"})
    try:
        return model.model_validate_json(_text(data))
    except ValidationError as error:
        faults: dict[str, str] = {}
        for each in error.errors(include_input=False, include_url=False)[:_MOST_FAULTS]:
            name, *rest = each["loc"] or ("",)
            where = ".".join(map(str, rest))
            said = plain_words(each["msg"])[:_LONGEST]
            faults.setdefault(str(name), f"{where}: {said}" if where else said)
        return Checked(faults)
    except ValueError:
        return Checked({"": "no JSON that every reader understands"})


def schema_of(model: type[Contract]) -> dict[str, Any]:
    """Return the JSON Schema of a contract."""
    return model.model_json_schema()


def _text(data: dict[str, Any]) -> str:
    # Validated as JSON: lists become tuples there, and nothing else is coerced.
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
