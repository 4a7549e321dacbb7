"""The messages that older producers put on the messaging queue, in all their variants (CON-2)."""

import json
from typing import Any

import pytest

from academy.contracts.base import InvalidMessage, validate
from academy.contracts.incoming import Incoming, parse_incoming
from academy.contracts.messaging import DirectMessage

pytestmark = pytest.mark.requirement("CON-2")
SMALLEST: dict[str, Any] = {"tenant_id": 3, "to": "010-1234-5678", "text": "결석"}
WHOLE: dict[str, Any] = {
    **SMALLEST,
    "sender": "02-1234-5678",
    "reservation_id": 71,
    "use_alimtalk_first": True,
    "alimtalk_replacements": [{"key": "#{이름}", "value": "민수"}, {"key": "점수", "value": 90}],
    "template_id": "tm-1",
    "created_at": "2024-03-02T09:00:00",
}


def parse(message: dict[str, Any], **changed: Any) -> Incoming:
    return parse_incoming(json.dumps({**message, **changed}))


def refused(**changed: Any) -> str:
    with pytest.raises(InvalidMessage) as caught:
        parse(WHOLE, **changed)
    return caught.value.reason


def direct(message: dict[str, Any], **changed: Any) -> DirectMessage:
    return validate(DirectMessage, parse(message, **changed).payload)


def test_every_field_arrives() -> None:
    message = parse(WHOLE)
    assert (message.type, message.tenant_id, message.legacy) == ("message.direct", "3", True)
    assert message.idempotency_key.startswith("message-reservation:71:")
    asked = direct(WHOLE)
    assert (asked.to, asked.text, asked.sender) == ("010-1234-5678", "결석", "02-1234-5678")
    assert (asked.use_alimtalk_first, asked.template_id) == (True, "tm-1")
    assert [(each.key, each.value) for each in asked.variables] == [("이름", "민수"), ("점수", "90")]


def test_the_least_there_is_is_enough() -> None:
    message = parse(SMALLEST)
    assert message.idempotency_key == ""
    asked = direct(SMALLEST)
    assert (asked.sender, asked.use_alimtalk_first, asked.variables, asked.template_id) == ("", False, (), "")


@pytest.mark.parametrize(
    "field",
    [
        "sender",
        "reservation_id",
        "use_alimtalk_first",
        "alimtalk_replacements",
        "template_id",
        "created_at",
    ],
)
def test_null_is_the_same_as_left_out(field: str) -> None:
    without = {name: value for name, value in WHOLE.items() if name != field}
    assert parse(WHOLE, **{field: None}) == parse(without)


@pytest.mark.parametrize("field", ["sender", "reservation_id", "template_id"])
def test_an_empty_text_is_the_same_as_left_out(field: str) -> None:
    assert parse(WHOLE, **{field: ""}) == parse(WHOLE, **{field: None})


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("이름", "이름"),
        ("#{이름}", "이름"),
        (" #{이름} ", "이름"),
        ("#{ 이름 }", "이름"),
        ("학생 이름", "학생 이름"),
    ],
)
def test_a_variable_is_named_with_or_without_its_marks(key: str, name: str) -> None:
    asked = direct(WHOLE, alimtalk_replacements=[{"key": key, "value": "민수"}])
    assert [each.key for each in asked.variables] == [name]


@pytest.mark.parametrize(
    ("sent", "read"), [("01012345678", "01012345678"), (1012345678, "1012345678"), ("x", "x")]
)
def test_a_number_is_text_or_a_number_and_judged_later(sent: object, read: str) -> None:
    assert direct(SMALLEST, to=sent).to == read


@pytest.mark.parametrize("stamp", ["2024-03-02T09:00:00", "2024-03-02 09:00", 1709337600, 1.5, [], ""])
def test_the_time_of_making_changes_nothing(stamp: object) -> None:
    assert parse(WHOLE, created_at=stamp) == parse(WHOLE)


def test_one_reservation_has_one_key_as_text_or_number() -> None:
    assert parse(WHOLE, reservation_id="71").idempotency_key == parse(WHOLE).idempotency_key
    assert parse(WHOLE, reservation_id="071").idempotency_key != parse(WHOLE).idempotency_key
    assert parse(WHOLE, reservation_id=0).idempotency_key.startswith("message-reservation:0:")


@pytest.mark.parametrize("same", ["010-1234-5678", "+82 10 1234 5678", "+82-010-1234-5678"])
def test_a_reservation_has_one_key_however_the_number_is_written(same: object) -> None:
    assert parse(WHOLE, to=same).idempotency_key == parse(WHOLE, to="01012345678").idempotency_key


@pytest.mark.parametrize(
    "other",
    [{"to": "01099998888"}, {"text": "다른 말"}, {"template_id": "another"}, {"alimtalk_replacements": []}],
)
def test_another_text_or_person_of_one_reservation_is_another_message(other: dict[str, object]) -> None:
    assert parse(WHOLE, **other).idempotency_key != parse(WHOLE).idempotency_key


def test_the_key_of_a_reservation_fits_whatever_its_length() -> None:
    assert len(parse(WHOLE, reservation_id="x" * 200).idempotency_key) <= 300


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_academy_is_left_to_the_queue_to_name(nothing: object) -> None:
    assert parse(WHOLE, tenant_id=nothing).tenant_id == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", None),
        ("to", ""),
        ("to", "1" * 41),
        ("to", ["010-1234-5678"]),
        ("to", True),
        ("text", None),
        ("text", 7),
        ("text", "a" * 4001),
        ("sender", "1" * 41),
        ("sender", []),
        ("reservation_id", []),
        ("reservation_id", "x" * 201),
        ("use_alimtalk_first", "perhaps"),
        ("alimtalk_replacements", {"이름": "민수"}),
        ("alimtalk_replacements", [{"key": "", "value": "x"}]),
        ("alimtalk_replacements", [{"key": "이름"}]),
        ("alimtalk_replacements", [{"key": "이름", "value": None}]),
        ("alimtalk_replacements", [{"key": "이름", "value": "x" * 1001}]),
        ("alimtalk_replacements", [{"key": f"v{n}", "value": "x"} for n in range(51)]),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(field: str, value: object) -> None:
    assert refused(**{field: value}).startswith(field)


@pytest.mark.requirement("SEC-3")
def test_no_refusal_holds_a_number_or_a_word_of_the_text() -> None:
    reason = refused(to=["010-9876-5432"], text=["김민수 결석"], sender=["02-9876-5432"])
    assert not any(word in reason for word in ("9876", "5432", "김민수"))


@pytest.mark.requirement("QUE-7")
def test_secrets_of_an_older_producer_are_dropped_at_the_edge() -> None:
    understood = parse(WHOLE, solapi_api_key="k-77f2", api_secret="hunter2")
    assert understood == parse(WHOLE)
    assert "k-77f2" not in repr(understood)
