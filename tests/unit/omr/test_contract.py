"""A specification as JSON, both ways, strictly."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from academy.application.ai.sheet_json import from_contract, to_contract
from academy.contracts.catalogue import MESSAGES
from academy.contracts.omr import SheetSpecification
from academy.domain.omr.sheet import SheetSpec, SpecInvalid
from academy.domain.omr.standard import standard_sheet

pytestmark = [pytest.mark.requirement("OMR-1"), pytest.mark.requirement("CON-3")]

(EXAMPLE,) = next(message.examples for message in MESSAGES if message.name == "omr.sheet")


def parsed(data: dict[str, Any]) -> SheetSpec:
    return from_contract(SheetSpecification.model_validate_json(json.dumps(data)))


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("arguments", [(1,), (40, 4), (30, 5, 4, 3), (100, 2)])
def test_a_sheet_is_the_same_after_the_way_there_and_back(
    arguments: tuple[int, ...], landscape: bool
) -> None:
    spec = standard_sheet(*arguments, landscape=landscape)
    assert from_contract(SheetSpecification.model_validate_json(to_contract(spec).model_dump_json())) == spec


def test_the_published_example_is_another_vendors_sheet() -> None:
    spec = parsed(EXAMPLE)
    assert spec.code is None
    assert len(spec.questions) == 20
    assert from_contract(to_contract(spec)) == spec


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": "1"},
        {"unknown": 1},
        {"id": "a b"},
        {"id": "x" * 41},
        {"version": 0},
        {"version": "1"},
        {"version": True},
        {"width": "210"},
        {"width": 0},
        {"width": None},
        {"anchor": "corner"},
        {"markers": None},
        {"blocks": []},
        {"blocks": [{}]},
        {"markers": [{"kind": "star", "x": 1, "y": 1, "size": 1}]},
    ],
)
def test_what_is_not_of_the_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parsed({**EXAMPLE, **change})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_length_is_a_finite_number(number: str) -> None:
    text = json.dumps(EXAMPLE).replace('"width": 210', f'"width": {number}')
    with pytest.raises(ValidationError):
        SheetSpecification.model_validate_json(text)


def test_what_contradicts_itself_is_refused_by_the_rules() -> None:
    with pytest.raises(SpecInvalid) as caught:
        parsed({**EXAMPLE, "height": 100})
    assert caught.value.failure.code == "sheet_off_page"
