"""Readings, decisions and answer keys come back from their JSON as they were."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.failures import Failure
from academy.domain.omr.decisions import Decision, FieldDecision, Mark, StudentDecision
from academy.domain.omr.key import (
    AllRequired,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
)
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.sql.columns import json_text
from academy.infrastructure.sql.omr_json import (
    decision_from,
    decision_json,
    key_from,
    key_json,
    reading_from,
    reading_json,
)

TEXTS = st.text(max_size=6)
CHOICES = st.lists(TEXTS, max_size=5).map(tuple)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SHARES = st.floats(0, 1)
PLACES = st.integers(0, 1000).map(lambda thousandths: round(thousandths * 0.001, 3))
STATES = st.sampled_from(MarkState)
FAILURES = st.builds(
    Failure, TEXTS, TEXTS, TEXTS, st.booleans(), stage=TEXTS, detail=TEXTS, costs_attempt=st.booleans()
)
CODES = st.builds(SheetCode, TEXTS, st.integers(1, 9), TEXTS, TEXTS, st.integers(1, 9))
FIELDS = st.builds(FieldReading, TEXTS, STATES, CHOICES, SHARES, st.lists(PLACES, max_size=10).map(tuple))
READINGS = st.builds(
    PageReading,
    number=st.integers(0, 9999),
    problem=st.none() | FAILURES,
    code=st.none() | CODES,
    rotation=st.integers(0, 3),
    corners=st.lists(st.tuples(st.floats(-99, 9999), st.floats(-99, 9999)), max_size=4).map(tuple),
    size=st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)),
    fields=st.lists(FIELDS, max_size=6).map(lambda found: {field.field: field for field in found}),
    warnings=CHOICES,
)
MOMENTS = st.datetimes(timezones=st.just(UTC))
DECISIONS: st.SearchStrategy[Decision] = st.one_of(
    st.builds(
        FieldDecision,
        st.integers(1, 99),
        TEXTS,
        MOMENTS,
        TEXTS,
        st.none() | st.builds(Mark, STATES, CHOICES),
        st.none() | CHOICES,
    ),
    st.builds(StudentDecision, st.integers(1, 99), TEXTS, MOMENTS, TEXTS, st.none() | TEXTS),
)
ANSWERS = st.one_of(
    st.builds(Single, TEXTS),
    st.builds(Either, CHOICES),
    st.builds(AllRequired, CHOICES, st.none() | st.builds(Partial, DECIMALS, DECIMALS, DECIMALS)),
    st.builds(Number, st.lists(DECIMALS, max_size=3).map(tuple), DECIMALS),
    st.builds(Void, st.sampled_from(VoidMode)),
)
ITEMS = st.builds(KeyItem, TEXTS, ANSWERS, DECIMALS, DECIMALS)
KEYS = st.builds(AnswerKey, st.lists(ITEMS, max_size=4).map(tuple), st.booleans())


@given(READINGS)
def test_readings_come_back_as_they_were(reading: PageReading) -> None:
    found = reading_from(json.loads(json_text(reading_json(reading))))
    assert found == reading
    assert list(found.fields) == list(reading.fields)


@given(DECISIONS)
def test_decisions_come_back_as_they_were(decision: Decision) -> None:
    value = json.loads(json_text(decision_json(decision)))
    assert decision_from(decision.number, decision.by, decision.at, value) == decision


@given(KEYS)
def test_answer_keys_come_back_to_the_last_place(key: AnswerKey) -> None:
    found = key_from(json.loads(json_text(key_json(key))))
    assert found == key
    # 1.50 equals 1.5: what somebody wrote is kept as well.
    assert repr(found) == repr(key)


def test_darkness_keeps_three_places_and_confidence_all() -> None:
    field = FieldReading("1", MarkState.SINGLE, ("3",), 0.899999999, (0.12345, 1.0, 0.0004, 0.99951))
    (found,) = reading_from(reading_json(PageReading(1, fields={"1": field}))).fields.values()
    assert found == replace(field, darkness=(0.123, 1.0, 0.0, 1.0))


@pytest.mark.requirement("OMR-2")
def test_a_page_of_45_questions_takes_little_room() -> None:
    found = {
        name: FieldReading(
            name, MarkState.SINGLE, (block.choices[-1],), 0.9987, tuple(0.123 for _ in block.choices)
        )
        for block in standard_sheet(45, 5).blocks
        for name in block.fields
    }
    corners = ((120.5, 98.1), (2380.2, 101.7), (2377.9, 3402.3), (117.4, 3399.8))
    code = SheetCode(
        "a4-p-45x5", 1, "0198c0de-7000-7000-8000-000000000000", "0198c0de-7000-7000-8000-000000000001"
    )
    reading = PageReading(1, None, code, 1, corners, (2480, 3508), found, ("low_contrast",))
    assert len(found) == 53
    assert len(json_text(reading_json(reading))) < 4000


def test_what_an_empty_page_has_takes_no_room() -> None:
    assert json_text(reading_json(PageReading(7))) == '{"number":7}'


def test_every_part_of_a_reading_is_looked_at() -> None:
    """A field that is added to a class must be stored too, or is lost."""
    counts = {kind: len(fields(kind)) for kind in (PageReading, FieldReading, SheetCode, Mark, Failure)}
    assert counts == {PageReading: 8, FieldReading: 5, SheetCode: 5, Mark: 2, Failure: 7}
    assert [len(fields(kind)) for kind in (FieldDecision, StudentDecision)] == [6, 5]
    kinds = (AnswerKey, KeyItem, Single, Either, AllRequired, Partial, Number, Void)
    assert [len(fields(kind)) for kind in kinds] == [2, 5, 1, 1, 2, 3, 2, 1]


def test_an_answer_of_no_kind_is_an_error() -> None:
    item = {"question": "1", "answer": {"riddle": "?"}, "points": "1", "penalty": "0"}
    with pytest.raises(ValueError, match="riddle"):
        key_from({"items": [item], "below_zero": False})
    assert key_json(AnswerKey((KeyItem("1", Single("2"), Decimal("2.50")),))) == {
        "below_zero": False,
        "items": [{"question": "1", "answer": {"single": "2"}, "points": "2.50", "penalty": "0"}],
    }


def test_a_key_from_before_there_were_explanations_has_none() -> None:
    old = {"question": "1", "answer": {"single": "2"}, "points": "1", "penalty": "0"}
    (item,) = key_from({"items": [old], "below_zero": False}).items
    assert item == KeyItem("1", Single("2"))
    told = KeyItem("1", Single("2"), explanation="꼭짓점이 $(1, 2)$ 이다.\n그래서 ②.")
    assert key_from(key_json(AnswerKey((told,)))).items == (told,)


def test_times_of_decisions_are_given_beside_the_json() -> None:
    decision = StudentDecision(1, "teacher", datetime(2026, 5, 1, tzinfo=UTC), "", None)
    assert decision_json(decision) == {"was": "", "student": None}
