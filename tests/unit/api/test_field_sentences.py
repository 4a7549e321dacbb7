"""No contract of the API finds an error for which there is no sentence of ours (API-1)."""

import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from academy.contracts import rest
from academy.contracts.rest import (
    accounts,
    ai_jobs,
    common,
    documents,
    exam_sheets,
    exams,
    graphs,
    jobs,
    messages,
    messaging_settings,
    operations,
    people,
    playback,
    results,
    scans,
    teaching,
    videos,
)
from academy.contracts.rest import credits as credits_
from academy.contracts.rest.common import QueryParameters, RestRequest
from academy.contracts.strict_json import UNFIT_CODES
from academy.interfaces.api.field_texts import KNOWN, body_problem

pytestmark = pytest.mark.requirement("API-1")
MODULES: tuple[ModuleType, ...] = (
    accounts,
    ai_jobs,
    common,
    credits_,
    documents,
    exam_sheets,
    exams,
    graphs,
    jobs,
    messages,
    messaging_settings,
    operations,
    people,
    playback,
    results,
    scans,
    teaching,
    videos,
)
FOUND_BY = {
    "bool": {"bool_type", "bool_parsing"},
    "date": {
        "date_type",
        "date_parsing",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
    },
    "datetime": {
        "datetime_type",
        "datetime_parsing",
        "datetime_object_invalid",
        "datetime_from_date_parsing",
        "timezone_aware",
    },
    "dict": {"dict_type", "string_type"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "list": {"list_type"},
    "literal": {"literal_error"},
    "model": {"model_type", "model_attributes_type"},
    "model-fields": {"missing", "extra_forbidden"},
    "str": {"string_type", "string_unicode"},
}
"""What a validator may complain of, by its kind; others of ours raise nothing but YearOutOfRange."""
LIMITS = {
    "ge": "greater_than_equal",
    "gt": "greater_than",
    "le": "less_than_equal",
    "lt": "less_than",
    "multiple_of": "multiple_of",
    "pattern": "string_pattern_mismatch",
}
SILENT = {
    "any",
    "default",
    "definition-ref",
    "definitions",
    "function-after",
    "function-before",
    "function-wrap",
    "is-instance",
    "json-or-python",
    "lax-or-strict",
    "model-field",
    "no-info",
    "nullable",
    "union",
}


def schemas() -> Iterator[dict[str, Any]]:
    for module in MODULES:
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, RestRequest | QueryParameters):
                yield from walk(found.__pydantic_core_schema__)


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str) and schema["type"] not in SILENT:
            yield schema
        for name, value in schema.items():
            if name not in {"serialization", "metadata", "config"}:
                yield from walk(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from walk(value)


def complaints(schema: dict[str, Any]) -> set[str]:
    kind = schema["type"]
    found = set(FOUND_BY.get(kind, set())) | {LIMITS[name] for name in LIMITS.keys() & schema.keys()}
    sized = "string_too" if kind == "str" else "too"
    found |= {f"{sized}_short"} if "min_length" in schema else set()
    return found | ({f"{sized}_long"} if "max_length" in schema else set())


def test_there_is_a_sentence_for_all_that_contracts_find() -> None:
    assert {each.name for each in pkgutil.iter_modules(rest.__path__)} == {
        each.__name__.rpartition(".")[2] for each in MODULES
    }
    wanted = {"json_invalid", "year_out_of_range"}
    for schema in schemas():
        assert schema["type"] in FOUND_BY, schema["type"]
        wanted |= complaints(schema)

    assert len(wanted) > 30
    assert wanted - KNOWN == set()


def test_there_is_a_sentence_for_every_form_of_json_that_is_refused() -> None:
    told = {body_problem(code, language).message for code in UNFIT_CODES for language in ("en", "ko")}
    assert len(told) == 2 * len(UNFIT_CODES)
