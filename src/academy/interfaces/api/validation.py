"""Read requests as contracts, and say what is wrong field by field."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from academy.contracts.base import plain_words
from academy.contracts.rest.common import FieldProblem
from academy.interfaces.api import kinds
from academy.interfaces.api.language import Language
from academy.interfaces.api.problems import Trouble

__all__ = ["field_problems", "read_json", "read_query"]

M = TypeVar("M", bound=BaseModel)
_MOST = 50

# Kinds of Pydantic's that a person meets often, with our sentence in Korean.
_KOREAN = {
    "missing": "필수 항목입니다.",
    "extra_forbidden": "알 수 없는 항목입니다.",
    "json_invalid": "올바른 JSON이 아닙니다.",
    "string_type": "문자열이어야 합니다.",
    "string_too_short": "값이 너무 짧습니다.",
    "string_too_long": "값이 너무 깁니다.",
    "string_pattern_mismatch": "형식이 올바르지 않습니다.",
    "int_type": "정수여야 합니다.",
    "int_parsing": "정수여야 합니다.",
    "float_type": "숫자여야 합니다.",
    "finite_number": "유한한 숫자여야 합니다.",
    "bool_type": "true 또는 false여야 합니다.",
    "literal_error": "허용된 값이 아닙니다.",
    "greater_than_equal": "값이 너무 작습니다.",
    "less_than_equal": "값이 너무 큽니다.",
    "list_type": "목록이어야 합니다.",
    "too_long": "항목이 너무 많습니다.",
    "model_type": "객체여야 합니다.",
    "model_attributes_type": "객체여야 합니다.",
}


def field_problems(error: ValidationError, language: Language) -> list[FieldProblem]:
    """Return what is wrong by field, without the values: they may be private."""
    found = error.errors(include_input=False, include_url=False, include_context=False)[:_MOST]
    return [
        FieldProblem(
            field=".".join(map(str, item["loc"])),
            code=item["type"],
            message=_KOREAN.get(item["type"], "값이 올바르지 않습니다.")
            if language == "ko"
            else plain_words(item["msg"]),
        )
        for item in found
    ]


def read_json(model: type[M], content_type: str, body: bytes, language: Language) -> M:
    """Return a JSON body as `model`; an empty body is an empty object. Raises Trouble."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and (body or media_type):
        raise Trouble(kinds.NOT_JSON)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise Trouble(kinds.INVALID, errors=field_problems(error, language)) from None


def read_query(model: type[M], query: Mapping[str, str], language: Language) -> M:
    """Return query parameters as `model`. Raises Trouble."""
    try:
        return model.model_validate(dict(query))
    except ValidationError as error:
        raise Trouble(kinds.INVALID, errors=field_problems(error, language)) from None
