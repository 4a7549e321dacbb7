"""A body is read as the queues read their messages: only what every reader understands in the same way (API-1)."""

import json

import pytest
from tests.support.steps import LINEAR, steps

from academy.contracts.rest.credits import MoveCreditRequest
from academy.contracts.rest.messages import OrderMessagesRequest
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.validation import read_json

pytestmark = pytest.mark.requirement("API-1")
JSON = "application/json"


def codes(
    body: bytes, model: type[MoveCreditRequest] | type[OrderMessagesRequest] = MoveCreditRequest
) -> list[str]:
    with pytest.raises(Trouble) as caught:
        read_json(model, JSON, body, "en")
    assert caught.value.kind.code == "invalid_request"
    return [each.code for each in caught.value.errors]


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "top_up", "amount": 1, "amount": 2}',
        b'{"kind": "top_up", "amount": 2, "amount": 2}',
        b'{"kind": "top_up", "amount": 1, "\\u0061mount": 2}',
    ],
)
def test_a_name_given_twice_is_refused(body: bytes) -> None:
    assert codes(body) == ["json_name_twice"]


def test_a_name_given_twice_is_refused_however_deep_it_stands() -> None:
    body = b'{"text": "a", "to": [{"phone": "01012345678", "variables": {"a": "1", "a": "2"}}]}'
    assert codes(body, OrderMessagesRequest) == ["json_name_twice"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "top_up", "amount": NaN}',
        b'{"kind": "top_up", "amount": Infinity}',
        b'{"kind": "top_up", "amount": 1e999}',
        b'{"kind": "top_up", "amount": 1, "note": "\\ud800"}',
        b'{"kind": "top_up", "amount": 1, "note": "\xff"}',
        b'{"kind": "top_up", "amount": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"kind": "top_up", "amount": ' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"kind": "top_up", "amount": 1}',
        b'{"kind": "top_up", "amount": 1, "\xff": 1}',
        b"[]",
        b"{",
    ],
)
def test_what_is_no_json_for_all_is_refused(body: bytes) -> None:
    assert codes(body)


def test_a_replacement_character_that_was_meant_is_none_of_our_business() -> None:
    body = json.dumps({"kind": "top_up", "amount": 1, "note": "\ufffd"}).encode()
    assert read_json(MoveCreditRequest, JSON, body, "en").note == "\ufffd"
    assert read_json(OrderMessagesRequest, JSON, b"", "en").text == ""
    dated = b'{"text": "a", "send_at": "2026-11-20T09:00:00+09:00", "on": "2026-11-20"}'
    assert read_json(OrderMessagesRequest, JSON, dated, "en").on is not None


def test_ten_thousand_recipients_with_variables_cost_as_much_each_as_a_few() -> None:
    names = [chr(ord("a") + n) for n in range(8)]

    def read(people: int) -> int:
        to = [{"phone": f"010{n:08}", "variables": dict.fromkeys(names, "1")} for n in range(people)]
        body = json.dumps({"text": "a", "to": to}).encode()
        return len(read_json(OrderMessagesRequest, JSON, body, "en").to)

    assert read(10_000) == 10_000
    assert steps(lambda: read(2_000)) <= LINEAR * steps(lambda: read(500))
