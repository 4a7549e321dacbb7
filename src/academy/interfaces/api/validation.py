"""Read requests as contracts, and say what is wrong field by field."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from academy.contracts.base import InvalidMessage
from academy.contracts.rest.common import FieldProblem
from academy.contracts.strict_json import read_object
from academy.interfaces.api import kinds
from academy.interfaces.api.field_texts import body_problem, field_problem
from academy.interfaces.api.language import Language
from academy.interfaces.api.problems import Trouble

__all__ = ["field_problems", "read_json", "read_query"]

M = TypeVar("M", bound=BaseModel)
_MOST = 50
_MOST_VALUES = 1_000_000
"""More than a body can hold: ten thousand recipients may have a hundred thousand variables."""


def field_problems(error: ValidationError, language: Language) -> list[FieldProblem]:
    """Return what is wrong by field, without the values: they may be private."""
    found = error.errors(include_input=False, include_url=False)[:_MOST]
    return [field_problem(item, language) for item in found]


def read_json(model: type[M], content_type: str, body: bytes, language: Language) -> M:
    """Return a JSON body as `model`; an empty body is an empty object. Raises Trouble.

    What JSON readers understand differently is refused as it is on the queues (see strict_json): a name given twice most of all.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and (body or media_type):
        raise Trouble(kinds.NOT_JSON)
    try:
        read = model.model_validate_json(body or b"{}")
        read_object(body.decode() or "{}", most_values=_MOST_VALUES, decoded=True)
    except ValidationError as error:
        raise Trouble(kinds.INVALID, errors=field_problems(error, language)) from None
    except InvalidMessage as error:
        raise Trouble(kinds.INVALID, errors=[body_problem(error.code, language)]) from None
    return read


def read_query(model: type[M], query: Mapping[str, str], language: Language) -> M:
    """Return query parameters as `model`. Raises Trouble."""
    try:
        return model.model_validate(dict(query))
    except ValidationError as error:
        raise Trouble(kinds.INVALID, errors=field_problems(error, language)) from None
