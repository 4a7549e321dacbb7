"""Settings by the names that people type: which variable is meant, and what is wrong with it."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, ValidationError

from academy.contracts.base import plain_words

__all__ = ["PREFIX", "QueueName", "explain_settings", "unknown_variables", "variable_of", "variables_of"]

PREFIX = "ACADEMY_"
_TESTS = "ACADEMY_TEST_"


def _named(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,76}", value):
        raise ValueError(
            "the name of a queue is 1 to 76 letters of A to Z, digits, - and _: with -dlq it has to fit, too"
        )
    return value


QueueName = Annotated[str, AfterValidator(_named)]
"""A name that every broker takes (Amazon SQS, CreateQueue: QueueName)."""


def variable_of(model: type[BaseModel], name: str) -> str:
    """Return the environment variable of a field ("lease_seconds" → "ACADEMY_LEASE_SECONDS")."""
    field = model.model_fields.get(name)
    alias = field.validation_alias if field else None
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    if isinstance(alias, str):
        return alias
    return f"{PREFIX}{name.upper()}" if field else name


def variables_of(model: type[BaseModel]) -> frozenset[str]:
    """Return the variable of every field."""
    return frozenset(variable_of(model, name) for name in model.model_fields)


def explain_settings(model: type[BaseModel], error: ValidationError) -> str:
    """Say in one line which variables are wrong and why, without their values: some are secrets."""
    found = error.errors(include_input=False, include_url=False)
    return "; ".join(
        f"{variable_of(model, str(e['loc'][0] if e['loc'] else 'settings'))}: {plain_words(e['msg'])}"
        for e in found
    )


def unknown_variables(model: type[BaseModel], given: Iterable[str]) -> str:
    """Say in one line which variables with our prefix mean nothing, each with the nearest right name; "" when all are known."""
    known = variables_of(model)
    ours = (name for name in given if name.upper().startswith(PREFIX))
    unknown = sorted(name for name in ours if name.upper() not in known and not name.startswith(_TESTS))
    return "; ".join(_near(name, known) for name in unknown)


def _near(name: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415 - a start without a mistake does without

    nearest = difflib.get_close_matches(name.upper(), sorted(known), n=1, cutoff=0.0)
    return f"{name}: there is no such setting; did you mean {nearest[0]}?"
