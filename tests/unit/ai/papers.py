"""Keys and readings as the tests write them down, and what refusals say."""

from decimal import Decimal

import pytest

from academy.application.errors import Refused
from academy.domain.failures import Failure
from academy.domain.omr.key import AnswerKey, KeyItem, Single
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode

__all__ = ["code_of", "faults", "key_of", "page"]


def key_of(answers: str = "12345", points: str = "20") -> AnswerKey:
    """Return a key with one right choice for each question."""
    return AnswerKey(
        tuple(KeyItem(str(at), Single(choice), Decimal(points)) for at, choice in enumerate(answers, 1))
    )


def page(
    number: int,
    identifier: str,
    answers: str = "12345",
    *,
    problem: Failure | None = None,
    code: SheetCode | None = None,
) -> PageReading:
    """Return a reading: "-" is nothing marked, "?" what a person has to look at."""
    fields = {f"id.{at}": _field(f"id.{at}", mark) for at, mark in enumerate(identifier, 1)}
    fields |= {str(at): _field(str(at), mark) for at, mark in enumerate(answers, 1)}
    return PageReading(number, problem, code, fields={} if problem else fields)


def _field(name: str, mark: str) -> FieldReading:
    if mark == "?":
        return FieldReading(name, MarkState.AMBIGUOUS, ("1",), 0.4, ())
    if mark == "-":
        return FieldReading(name, MarkState.BLANK, (), 0.999, ())
    return FieldReading(name, MarkState.SINGLE, (mark,), 0.999, ())


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    """Return the code of a refusal."""
    return refused.value.failure.code


def faults(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    """Return the codes by the path of their field."""
    return {".".join(map(str, each.path)): each.failure.code for each in refused.value.faults}
