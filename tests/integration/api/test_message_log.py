"""The log of messages over HTTP: what became of each, and no number in it (MSG-5)."""

import json
import logging
import unicodedata
import uuid
from typing import Any

import pytest
from tests.support.api import Api
from tests.support.messaging import KOREAN, ask, order, ready_school

from academy.application.ports.messaging import Moved
from academy.domain.failures import Failure
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import Batch, BatchState, MessageState

pytestmark = pytest.mark.requirement("MSG-5")


def test_the_log_says_what_became_of_each_and_hides_its_number(api: Api) -> None:
    school = ready_school(api)
    typed = [{"phone": f"010-1234-000{number}", "name": f"수신자 {number}"} for number in range(3)]
    placed = order(school, text="안내", to=typed)
    why = Failure("number_unknown", "There is no such number.", "없는 번호입니다.")

    def went(tx: Any) -> None:
        """Let the first be sent and the second fail, as the worker would record it."""
        first, second, _ = sorted(tx.messages.queued(school.id, placed["id"], 9), key=lambda one: one.to)
        batch = Batch(uuid.uuid4().hex, school.id, placed["id"], "console", "", BatchState.OPEN, tx.now())
        tx.messages.open_batch(batch, [first.id, second.id])
        sent = Moved(first.id, MessageState.SENT, "M4V-1")
        tx.messages.move(school.id, [sent, Moved(second.id, MessageState.FAILED, failure=why)])
        tx.credits.transfer(school.id, TransferKind.CAPTURE, {first.id: first.price})
        tx.credits.transfer(school.id, TransferKind.RELEASE, {second.id: second.price})

    api.backends.database.run_sync(went)
    answer = school.teacher.get("/api/v1/messages/log", headers=KOREAN)

    by_name = {each["name"]: each for each in answer.json()["items"]}
    assert "01012340000" not in answer.text
    first, second = by_name["수신자 0"], by_name["수신자 1"]
    assert (first["to"], first["state"], first["provider_id"]) == ("010-****-0000", "SENT", "M4V-1")
    assert (first["channel"], first["price"], first["failure"]) == ("sms", 10, None)
    assert (second["state"], second["failure"]["code"]) == ("FAILED", "number_unknown")
    assert second["failure"]["message"] == "없는 번호입니다."
    report = ask(school.teacher, "GET", f"messages/orders/{placed['id']}").json()
    assert (report["cost"], report["reserved"], report["spent"]) == (30, 10, 10)


def test_the_log_is_searched_and_read_page_by_page(api: Api) -> None:
    school = ready_school(api)
    one = order(school, text="하나", to=[{"phone": "010-1111-2222"}, {"phone": "010-3333-4444"}])
    order(school, text="둘", to=[{"phone": "010-1111-2222"}])

    def found(**query: Any) -> list[str]:
        items = school.teacher.get("/api/v1/messages/log", params=query).json()["items"]
        return [each["text"] for each in items]

    assert sorted(found()) == ["둘", "하나", "하나"]
    assert found(order_id=one["id"]) == ["하나", "하나"]
    assert sorted(found(to="2222")) == sorted(found(to="010-1111-2222")) == ["둘", "하나"]
    assert found(to="4444", state="QUEUED") == ["하나"]
    assert found(state="SENT") == found(order_id="none") == found(to="9999") == []
    assert len(found(since="2026-01-01T00:00:00Z", until="2199-01-01T00:00:00+09:00")) == 3
    assert found(until="2020-01-01T00:00:00Z") == found(since="2199-01-01T00:00:00Z") == []
    page = school.teacher.get("/api/v1/messages/log", params={"limit": 2}).json()
    rest = school.teacher.get("/api/v1/messages/log", params={"limit": 2, "cursor": page["next_cursor"]})
    assert (len(page["items"]), len(rest.json()["items"]), rest.json()["next_cursor"]) == (2, 1, "")


def test_the_log_is_searched_by_a_part_of_a_name_in_any_case_of_the_state(api: Api) -> None:
    school, other = ready_school(api), ready_school(api)
    people = ["김민수 어머니", "이민지", "100%_a", "Anna Lee", "강"]
    order(
        school, text="안내", to=[{"phone": f"0101111000{n}", "name": name} for n, name in enumerate(people)]
    )
    order(other, text="안내", to=[{"phone": "01011110000", "name": "박민수"}])

    def found(**query: Any) -> list[str]:
        answer = school.teacher.get("/api/v1/messages/log", params=query)
        assert answer.status_code == 200, answer.text
        return sorted(each["name"] for each in answer.json()["items"])

    assert found(name="민") == ["김민수 어머니", "이민지"]
    assert found(name=" 민수 ") == ["김민수 어머니"]
    assert found(name=unicodedata.normalize("NFD", "민수")) == ["김민수 어머니"]
    assert found(name="%_") == ["100%_a"]
    assert found(name="%%") == found(name="__") == []
    assert found(name="anna") == ["Anna Lee"]
    assert found(name="민", state="queued", to="0001") == ["이민지"]
    assert found(state="Queued") == sorted(people)
    orders = school.teacher.get("/api/v1/messages/orders", params={"state": "waiting"}).json()["items"]
    assert len(orders) == 1


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("name=a", 422, "name_too_short"),
        ("name=%25", 422, "name_too_short"),
        ("name=%20%20%20", 422, "name_too_short"),
        ("name=%E3%84%B1", 422, "name_too_short"),
        ("name=a%00b", 400, "invalid_request"),
        ("to=123", 400, "invalid_request"),
        ("to=12345", 422, "phone_malformed"),
        ("to=abcd", 422, "phone_malformed"),
        ("to=%00%00%00%00", 422, "phone_malformed"),
        ("since=2026-01-01T00:00:00", 400, "invalid_request"),
        ("until=0001-01-01T00:00:00Z", 400, "invalid_request"),
        ("state=LOST", 400, "invalid_request"),
        ("cursor=x", 400, "cursor_invalid"),
        ("page=2", 400, "invalid_request"),
    ],
)
def test_searches_that_make_no_sense(api: Api, query: str, status: int, code: str) -> None:
    answer = api.school().teacher.get(f"/api/v1/messages/log?{query}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.requirement("SEC-3")
def test_no_number_and_no_text_reaches_the_logs(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    school = ready_school(api)
    to = [{"phone": "010-1357-2468"}]

    order(school, text="비밀스러운 내용", to=to)
    ask(school.teacher, "POST", "messages/preview", text="비밀스러운 내용", to=to)
    ask(school.teacher, "POST", "messages/orders", text="비밀스러운 내용 #{없음}", to=to)
    ask(school.teacher, "POST", "messages/opt-outs", phone="01013572468")
    ask(school.teacher, "GET", "messages/log?to=01013572468")
    ask(school.teacher, "DELETE", "messages/opt-outs/01013572468")
    ask(school.teacher, "DELETE", "messages/opt-outs/010-1357-2468")

    ours = [each for each in caplog.records if not each.name.startswith(("httpx2", "httpcore2"))]
    everything = "\n".join(json.dumps(each.__dict__, default=str, ensure_ascii=False) for each in ours)
    assert any(each.getMessage() == "request" for each in ours)
    assert [each for each in ("01013572468", "1357-2468", "비밀스러운") if each in everything] == []
