"""How an academy sends, over HTTP: settings, prices, templates, opt-outs (MSG-1, MSG-5)."""

import base64
import uuid
from typing import Any

import pytest
from tests.support.api import Api
from tests.support.messaging import ask, order, ready_school, set_up

pytestmark = pytest.mark.requirement("MSG-5")
TO = [{"phone": "01000000001"}]
READS = (
    "messaging/settings",
    "messages/templates",
    "messages/orders",
    "messages/log",
    "messages/opt-outs?phone=01012345678",
    "messages/opt-outs",
    "messages/export",
    "credits",
    "credits/statement",
    "credits/statement.csv",
)


def test_settings_begin_switched_off_and_are_the_owners(api: Api) -> None:
    school = api.school()

    before = ask(school.teacher, "GET", "messaging/settings").json()
    refused = ask(school.teacher, "PATCH", "messaging/settings", enabled=True)
    too_soon = ask(school.owner, "PATCH", "messaging/settings", enabled=True)
    after = set_up(school, kakao_channel="KA01PF033")

    assert (before["enabled"], before["sender"], before["updated_at"]) == (False, "", None)
    assert min(before["prices"].values()) > 0
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    assert (too_soon.status_code, too_soon.json()["code"]) == (422, "sender_missing")
    assert (after["enabled"], len(after["sender"]), after["kakao_channel"]) == (True, 10, "KA01PF033")
    assert ask(school.teacher, "GET", "messaging/settings").json() == after
    emptied = ask(school.owner, "PATCH", "messaging/settings", sender="")
    assert (emptied.status_code, emptied.json()["code"]) == (422, "sender_missing")
    assert ask(school.owner, "PATCH", "messaging/settings", enabled=False, sender="").json()["sender"] == ""


def test_nobody_sends_under_the_number_of_another_academy(api: Api) -> None:
    mine = set_up(api.school())["sender"]
    other = api.school()

    taken = ask(other.owner, "PATCH", "messaging/settings", sender=mine)

    assert (taken.status_code, taken.json()["code"]) == (409, "sender_taken")
    assert ask(other.owner, "GET", "messaging/settings").json()["sender"] == ""


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("02-1234-5678", "0212345678"),
        ("(031) 123-4567", "0311234567"),
        ("+82 2 1234 5679", "0212345679"),
        ("0082-31-123-4568", "0311234568"),
        ("１５８８－１２３４", "15881234"),
        ("070.1234.5678", "07012345678"),
        ("+82 10-1234-5678", "01012345678"),
    ],
)
def test_a_sender_is_kept_as_digits_however_it_is_typed(api: Api, typed: str, digits: str) -> None:
    assert set_up(api.school(), sender=typed)["sender"] == digits


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"sender": "1234"}, 422, "sender_malformed"),
        ({"sender": "+1 202 555 0100"}, 422, "sender_malformed"),
        ({"sender": "0" * 101}, 400, "invalid_request"),
        ({"kakao_channel": "가"}, 400, "invalid_request"),
        ({"enabled": "yes"}, 400, "invalid_request"),
        ({"prices": {"sms": 0}}, 400, "invalid_request"),
    ],
)
def test_settings_that_cannot_be_taken_change_nothing(
    api: Api, change: dict[str, Any], status: int, code: str
) -> None:
    school = api.school()

    answer = ask(school.owner, "PATCH", "messaging/settings", **change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ask(school.owner, "GET", "messaging/settings").json()["updated_at"] is None


def test_prices_are_changed_by_operators_alone_and_hold_for_later_orders(api: Api) -> None:
    school = ready_school(api, won=1000)
    path = f"operator/academies/{school.id}/prices"
    placed = order(school, text="안내", to=TO)

    changed = ask(school.operator, "PATCH", path, sms=25)

    assert changed.json() == {"sms": 25, "lms": 30, "alimtalk": 7}
    assert ask(school.owner, "PATCH", path, sms=1).status_code == 403
    assert ask(school.owner, "GET", "messaging/settings").json()["prices"]["sms"] == 25
    assert ask(school.teacher, "GET", f"messages/orders/{placed['id']}").json()["cost"] == 10
    later = order(school, text="안내", to=TO)
    assert ask(school.teacher, "GET", f"messages/orders/{later['id']}").json()["cost"] == 25
    for wrong in ({"sms": -1}, {"lms": 1.5}, {"alimtalk": "7"}, {"sms": 10**9}):
        assert ask(school.operator, "PATCH", path, **wrong).status_code == 400
    assert ask(school.operator, "PATCH", "operator/academies/none/prices", sms=1).status_code == 404


def test_an_operator_may_name_prices_before_the_owner_sets_up_anything(api: Api) -> None:
    school = api.school()

    ask(school.operator, "PATCH", f"operator/academies/{school.id}/prices", sms=9)

    after = set_up(school)
    assert (after["prices"]["sms"], after["enabled"]) == (9, True)


@pytest.mark.requirement("MSG-1")
def test_an_alimtalk_template_is_sent_once_approved_and_again_after_a_change(api: Api) -> None:
    school = ready_school(api)
    set_up(school, kakao_channel="KA01PF124")
    wish = {"name": "출석", "text": "#{이름}님 등원", "kakao_template_id": "KA01TP1"}
    made = ask(school.teacher, "POST", "messages/templates", **wish).json()
    path = f"operator/academies/{school.id}/templates/{made['id']}/approval"
    sending = {"template_id": made["id"], "to": [{"phone": "01000000001", "name": "김엄마"}]}

    def approval(**change: Any) -> str:
        answer = ask(school.teacher, "PATCH", f"messages/templates/{made['id']}", **change).json()
        return str(answer["approval"])

    waiting = ask(school.teacher, "POST", "messages/orders", **sending)
    rejected = ask(school.operator, "POST", path, approval="rejected")
    still = ask(school.teacher, "POST", "messages/orders", **sending)
    approved = ask(school.operator, "POST", path, approval="approved")
    seen = ask(school.teacher, "POST", "messages/preview", **sending).json()["items"][0]

    assert (made["approval"], made["variables"]) == ("pending", ["이름"])
    for refused, code in ((waiting, "template_not_approved"), (still, "template_rejected")):
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert (rejected.json()["approval"], approved.json()["approval"]) == ("rejected", "approved")
    assert (seen["channel"], seen["fallback"], seen["text"]) == ("alimtalk", "sms", "김엄마님 등원")
    assert seen["price"] == 10
    assert approval(name="등원") == "approved"
    assert approval(text="#{이름}님 하원") == "pending"
    ask(school.operator, "POST", path, approval="approved")
    assert approval(kakao_template_id="KA01TP2") == "pending"
    assert approval(kakao_template_id="") == "not_needed"
    pointless = ask(school.operator, "POST", path, approval="approved")
    assert (pointless.status_code, pointless.json()["code"]) == (409, "approval_not_needed")
    assert ask(school.owner, "POST", path, approval="approved").status_code == 403


@pytest.mark.requirement("MSG-1")
def test_templates_are_listed_used_and_deleted(api: Api) -> None:
    school = ready_school(api)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    wish = {"name": "안내", "text": "#{이름}님 안녕하세요"}

    first, second = (
        school.teacher.post("/api/v1/messages/templates", json=wish, headers=key) for _ in range(2)
    )
    made, again = first.json(), second.json()
    path = f"messages/templates/{made['id']}"
    placed = order(school, template_id=made["id"], to=[{"phone": "01000000001", "name": "김"}])
    gone = ask(school.teacher, "DELETE", path)

    assert made == again
    assert first.headers["location"] == second.headers["location"] == f"/api/v1/{path}"
    assert (made["approval"], gone.status_code) == ("not_needed", 204)
    for method in ("GET", "DELETE"):
        assert ask(school.teacher, method, path).status_code == 404
    assert ask(school.teacher, "GET", "messages/templates").json()["items"] == []
    ordered = ask(school.teacher, "GET", f"messages/log?order_id={placed['id']}").json()["items"]
    assert [each["text"] for each in ordered] == ["김님 안녕하세요"]
    missing = ask(school.teacher, "POST", "messages/orders", template_id=made["id"], to=TO)
    assert missing.status_code == 404


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"text": ""}, 422, "text_empty"),
        ({"text": "가" * 1000 + "."}, 422, "text_too_long"),
        ({"text": "가" * 1000 + "#{이름}"}, 422, "text_too_long"),
        ({"text": "👍"}, 422, "text_not_encodable"),
        ({"name": " "}, 400, "invalid_request"),
        ({"kakao_template_id": "a b"}, 400, "invalid_request"),
        ({"approval": "approved"}, 400, "invalid_request"),
    ],
)
def test_templates_that_no_message_can_carry(
    api: Api, change: dict[str, Any], status: int, code: str
) -> None:
    school = api.school()
    good = ask(school.teacher, "POST", "messages/templates", name="안내", text="안내").json()

    answers = [
        ask(school.teacher, "POST", "messages/templates", **{"name": "안내", "text": "안내", **change}),
        ask(school.teacher, "PATCH", f"messages/templates/{good['id']}", **change),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(status, code)] * 2
    assert ask(school.teacher, "GET", "messages/templates").json()["items"] == [good]


def test_who_wants_no_advertising_is_noted_found_and_forgotten(api: Api) -> None:
    school = api.school()

    def found(phone: str) -> list[dict[str, str]]:
        answer = school.teacher.get("/api/v1/messages/opt-outs", params={"phone": phone})
        items: list[dict[str, str]] = answer.json()["items"]
        return items

    noted = [
        ask(school.teacher, "POST", "messages/opt-outs", phone=each)
        for each in ("010-1234-5678", "+82 10 1234 5678")
    ]
    bad = ask(school.teacher, "POST", "messages/opt-outs", phone="02-123-4567")

    assert [(each.status_code, each.json()) for each in noted] == [(201, {"phone": "010-****-5678"})] * 2
    assert (bad.status_code, bad.json()["code"]) == (422, "phone_landline")
    assert [each["phone"] for each in found("01012345678")] == ["010-****-5678"]
    assert found("01012345679") == []
    assert ask(school.teacher, "DELETE", "messages/opt-outs/010-1234-5678").status_code == 204
    assert found("01012345678") == []
    for nobody in ("01012345678", "nobody"):
        assert ask(school.teacher, "DELETE", f"messages/opt-outs/{nobody}").status_code == 404


def test_all_who_want_no_advertising_are_listed_masked_and_page_by_page(api: Api) -> None:
    school = api.school()
    path = "/api/v1/messages/opt-outs"
    for number in range(5):
        ask(school.teacher, "POST", "messages/opt-outs", phone=f"010-1234-000{number}")

    pages, cursor = [], ""
    for _ in range(3):
        answer = school.owner.get(path, params={"limit": 2, "cursor": cursor})
        assert "12340" not in answer.text
        pages.append([each["phone"] for each in answer.json()["items"]])
        cursor = answer.json()["next_cursor"]
        assert all(f"0101234000{number}" not in _read(cursor) for number in range(5))

    assert pages == [
        ["010-****-0004", "010-****-0003"],
        ["010-****-0002", "010-****-0001"],
        ["010-****-0000"],
    ]
    assert cursor == ""
    one = school.teacher.get(path, params={"phone": "010 1234 0003"}).json()
    assert ([each["phone"] for each in one["items"]], one["next_cursor"]) == (["010-****-0003"], "")
    assert one["items"][0]["created_at"].endswith("Z")
    for wrong, status in (({"cursor": "x"}, 400), ({"phone": "12"}, 422), ({"phone": ""}, 400)):
        assert school.teacher.get(path, params=wrong).status_code == status
    assert api.school().teacher.get(path).json() == {"items": [], "next_cursor": ""}


def _read(cursor: str) -> str:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


@pytest.mark.requirement("API-2")
def test_students_parents_and_operators_see_nothing_of_it(api: Api) -> None:
    school = api.school()
    writes = [
        ("PATCH", "messaging/settings"),
        ("POST", "messages/templates"),
        ("PATCH", "messages/templates/x"),
        ("DELETE", "messages/templates/x"),
        ("POST", "messages/preview"),
        ("POST", "messages/orders"),
        ("GET", "messages/orders/x"),
        ("POST", "messages/orders/x/cancel"),
        ("POST", "messages/opt-outs"),
        ("DELETE", "messages/opt-outs/x"),
    ]
    operators = [
        ("PATCH", f"operator/academies/{school.id}/prices"),
        ("POST", f"operator/academies/{school.id}/credits"),
        ("POST", f"operator/academies/{school.id}/templates/x/approval"),
        ("GET", "operator/templates"),
    ]
    theirs = [("GET", path) for path in READS] + writes

    for person in (school.student, school.parent):
        for method, path in theirs + operators:
            assert ask(person, method, path).status_code == 403, (person.username, method, path)
    for method, path in theirs:
        assert ask(school.operator, method, path).status_code == 403, (method, path)
    for person in (school.owner, school.teacher):
        for method, path in operators:
            assert ask(person, method, path).status_code == 403, (person.username, method, path)
        for path in READS:
            assert ask(person, "GET", path).status_code == 200, (person.username, path)


@pytest.mark.requirement("API-2")
def test_settings_templates_and_opt_outs_are_one_academys_alone(api: Api) -> None:
    ours, theirs = ready_school(api), ready_school(api)
    set_up(theirs, sender="031-999-9999", kakao_channel="KA01PF999")
    ask(theirs.teacher, "POST", "messages/opt-outs", phone="01000000001")
    template = ask(theirs.teacher, "POST", "messages/templates", name="남의 것", text="남의 것").json()

    borrowed = ask(ours.teacher, "POST", "messages/orders", template_id=template["id"], to=TO)
    foreign = ours.operator.post(
        f"/api/v1/operator/academies/{ours.id}/templates/{template['id']}/approval",
        json={"approval": "approved"},
    )

    sender = ask(ours.teacher, "GET", "messaging/settings").json()["sender"]
    assert sender != ask(theirs.teacher, "GET", "messaging/settings").json()["sender"]
    assert ask(ours.teacher, "GET", "messages/opt-outs?phone=01000000001").json()["items"] == []
    assert (borrowed.status_code, foreign.status_code) == (404, 404)
    assert order(ours, text="안내", to=TO)["sender"] == sender
