"""Messages over HTTP: preview, order, call off (MSG-4, MSG-6)."""

import uuid
from typing import Any

import pytest
from tests.support.api import Api
from tests.support.messaging import (
    KOREAN,
    ask,
    credit,
    noon,
    order,
    ready_school,
    set_up,
    students_of,
)

pytestmark = pytest.mark.requirement("MSG-6")
ONE = [{"phone": "010-1234-5678"}]
MOTHER = {"name": "김엄마", "phone": "010-0000-0001"}


def test_a_class_is_previewed_and_ordered(api: Api) -> None:
    school = ready_school(api, won=100)
    class_id, ids = students_of(
        school,
        "고2 수학",
        {"name": "김하늘", "phone": "010-1111-0001", "parents": [MOTHER]},
        {"name": "박산", "identifier": "00000002"},
    )
    wish: dict[str, Any] = {
        "text": "#{학원이름} #{반이름}: #{학생이름} #{점수}점",
        "class_id": class_id,
        "variables": {"점수": "95"},
    }

    preview = ask(school.teacher, "POST", "messages/preview", **wish)
    refused = ask(school.teacher, "POST", "messages/orders", **wish)
    placed = ask(school.teacher, "POST", "messages/orders", **wish, skip_invalid=True, title="성적")

    assert preview.status_code == 200, preview.text
    seen = preview.json()
    text = f"학원 {school.id} 고2 수학: 김하늘 95점"
    assert seen["items"] == [
        {
            "name": "김엄마",
            "to": "010-****-0001",
            "student_id": ids[0],
            "outcome": "ready",
            "channel": "sms",
            "fallback": None,
            "bytes": len(text.encode("cp949")),
            "price": 10,
            "text": text,
            "problem": None,
        },
        {
            "name": "박산",
            "to": "",
            "student_id": ids[1],
            "outcome": "problem",
            "channel": None,
            "fallback": None,
            "bytes": None,
            "price": None,
            "text": None,
            "problem": {
                "code": "parents_missing",
                "message": "The student has no parents here; add one, or leave the student out.",
            },
        },
    ]
    sums = ("ready", "problems", "duplicates", "opted_out", "cost", "available", "covered")
    assert [seen[each] for each in sums] == [1, 1, 0, 0, 10, 100, True]
    assert (refused.status_code, refused.json()["code"]) == (422, "recipients_invalid")
    assert placed.status_code == 202, placed.text
    made, job = placed.json()["order"], placed.json()["job"]
    sender = ask(school.teacher, "GET", "messaging/settings").json()["sender"]
    assert (made["state"], made["total"], made["sender"], made["title"]) == ("WAITING", 1, sender, "성적")
    assert (job["type"], job["status"], job["id"]) == ("message.send", "queued", made["job_id"])
    balance = ask(school.teacher, "GET", "credits").json()
    assert (balance["available"], balance["reserved"]) == (90, 10)


def test_duplicates_and_opt_outs_are_told_apart(api: Api) -> None:
    school = ready_school(api)
    ask(school.teacher, "POST", "messages/opt-outs", phone="01000000002")
    wish: dict[str, Any] = {
        "text": "(광고) 특강 안내\n무료수신거부 080-000-0000",
        "advertising": True,
        "send_at": noon(),
        "to": [
            {"phone": "010-0000-0001", "name": "하나"},
            {"phone": "+82 10 0000 0001", "name": "다시"},
            {"phone": "01000000002", "name": "싫어함"},
        ],
    }

    seen = ask(school.teacher, "POST", "messages/preview", **wish).json()
    placed = order(school, **wish)

    assert [each["outcome"] for each in seen["items"]] == ["ready", "duplicate", "opted_out"]
    assert [each["to"] for each in seen["items"]] == ["010-****-0001", "010-****-0001", "010-****-0002"]
    assert placed["total"] == 1
    not_advertising = wish | {"advertising": False}
    assert ask(school.teacher, "POST", "messages/preview", **not_advertising).json()["opted_out"] == 0


@pytest.mark.requirement("API-1")
def test_a_repeated_order_sends_and_costs_once(api: Api) -> None:
    school = ready_school(api, won=100)
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    wish = {"text": "한 번만", "to": ONE}

    first, again = (
        school.teacher.post("/api/v1/messages/orders", json=wish, headers=headers) for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(ask(school.teacher, "GET", "messages/orders").json()["items"]) == 1
    assert ask(school.teacher, "GET", "credits").json()["reserved"] == 10


@pytest.mark.requirement("MSG-4")
def test_a_reservation_waits_for_its_time_and_can_be_called_off(api: Api) -> None:
    school = ready_school(api, won=100)
    placed = order(school, text="내일", send_at=noon(), to=ONE)

    cancelled = ask(school.teacher, "POST", f"messages/orders/{placed['id']}/cancel")
    again = ask(school.teacher, "POST", f"messages/orders/{placed['id']}/cancel")

    assert placed["send_at"].startswith(noon()[:10])
    assert cancelled.status_code == 202, cancelled.text
    report = cancelled.json()
    assert report["order"]["state"] == "CANCELLED"
    assert report["counts"]["CANCELLED"] == 1
    assert (report["cost"], report["reserved"], report["spent"]) == (10, 0, 0)
    assert (again.status_code, again.json()["code"]) == (409, "order_already_cancelled")
    assert ask(school.teacher, "GET", "credits").json()["available"] == 100
    job = ask(school.teacher, "GET", f"jobs/{placed['job_id']}").json()
    assert job["status"] == "cancelled"
    listed = ask(school.teacher, "GET", "messages/orders?state=CANCELLED").json()["items"]
    assert [each["id"] for each in listed] == [placed["id"]]
    assert ask(school.teacher, "GET", "messages/orders?state=WAITING").json()["items"] == []


@pytest.mark.requirement("MSG-4")
def test_a_cancelled_job_gives_the_credit_of_its_order_back(api: Api) -> None:
    school = ready_school(api, won=100)
    placed = order(school, text="내일", send_at=noon(), to=ONE)

    stopped = ask(school.teacher, "POST", f"jobs/{placed['job_id']}/cancel")

    assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled")
    assert ask(school.teacher, "GET", "credits").json()["available"] == 100


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"text": ""}, 422, "text_empty"),
        ({"text": " \n"}, 422, "text_empty"),
        ({"text": "가" * 1000 + "."}, 422, "text_too_long"),
        ({"text": "#{이름} 좋아요 👍"}, 422, "text_not_encodable"),
        ({"text": "가" * 4001}, 400, "invalid_request"),
        ({"text": "가\u0007"}, 400, "invalid_request"),
        ({"text": "안녕 #{ hi"}, 422, "variable_malformed"),
        ({"template_id": "x"}, 422, "text_and_template"),
        ({"text": "", "template_id": "none"}, 404, "not_found"),
        ({"send_at": "2020-01-01T00:00:00Z"}, 422, "send_at_past"),
        ({"send_at": "2030-01-01T00:00:00"}, 400, "invalid_request"),
        ({"send_at": "0001-01-01T00:00:00+23:59"}, 400, "invalid_request"),
        ({"send_at": "9999-12-31T23:59:59-23:59"}, 400, "invalid_request"),
        ({"advertising": True, "send_at": "2030-01-01T21:00:00+09:00"}, 422, "advertising_at_night"),
        ({"to": []}, 422, "no_recipients"),
        ({"to": [{"phone": "02-123-4567"}]}, 422, "phone_landline"),
        ({"to": [{"phone": "02-123-4567"}], "skip_invalid": True}, 422, "no_recipients"),
        ({"text": "#{점수}점"}, 422, "variables_missing"),
        ({"text": "#{이름}님"}, 422, "variables_missing"),
        ({"class_id": "none"}, 404, "not_found"),
        ({"student_ids": ["none"]}, 404, "not_found"),
        ({"student_ids": [""]}, 400, "invalid_request"),
        ({"audience": "teachers"}, 400, "invalid_request"),
        ({"on": "tomorrow"}, 400, "invalid_request"),
        ({"variables": {"": "x"}}, 400, "invalid_request"),
        ({"variables": {"a": "x\u0000"}}, 400, "invalid_request"),
        ({"variables": {str(number): "x" for number in range(51)}}, 400, "invalid_request"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_costs_nothing(
    api: Api, change: dict[str, Any], status: int, code: str
) -> None:
    school = ready_school(api, won=100)
    wish = {"text": "안녕하세요", "to": ONE} | change

    answer = ask(school.teacher, "POST", "messages/orders", **wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert ask(school.teacher, "GET", "messages/orders").json()["items"] == []
    assert ask(school.teacher, "GET", "credits").json()["available"] == 100


def test_exactly_two_thousand_bytes_go_out_as_an_lms(api: Api) -> None:
    school = ready_school(api)

    seen = ask(school.teacher, "POST", "messages/preview", text="가" * 1000, to=ONE).json()["items"][0]

    assert (seen["channel"], seen["bytes"], seen["price"]) == ("lms", 2000, 30)


def test_hangul_taken_apart_by_a_keyboard_is_put_together(api: Api) -> None:
    school = ready_school(api)
    apart = "\u1112\u1161\u11ab\u1100\u1173\u11af #{\u1106\u1167\u11bc}"

    wish = {"text": apart, "to": ONE, "variables": {"명": "\u1100\u1161"}}
    seen = ask(school.teacher, "POST", "messages/preview", **wish).json()["items"][0]

    assert seen["text"] == "한글 가"


def test_a_class_without_anybody_to_write_to_is_no_order(api: Api) -> None:
    school = ready_school(api)
    alone, _ = students_of(school, "혼자", {"name": "박산", "identifier": "00000002"})
    empty, _ = students_of(school, "빈 반")

    for class_id in (alone, empty):
        wish = {"text": "안내", "class_id": class_id, "skip_invalid": True}
        answer = ask(school.teacher, "POST", "messages/orders", **wish)
        assert (answer.status_code, answer.json()["code"]) == (422, "no_recipients")
    nobody = ask(school.teacher, "POST", "messages/preview", text="안내", class_id=empty).json()
    # There is nothing to pay, and nothing to send either.
    assert (nobody["items"], nobody["ready"], nobody["covered"]) == ([], 0, False)


@pytest.mark.requirement("MSG-4")
def test_a_time_is_told_alike_when_ordered_and_later(api: Api) -> None:
    school = ready_school(api)
    when = noon().replace("12:00:00", "12:00:00.123987")

    placed = order(school, text="내일", send_at=when, to=ONE)
    later = ask(school.teacher, "GET", f"messages/orders/{placed['id']}").json()["order"]

    assert placed == later
    assert placed["send_at"] == f"{noon()[:10]}T03:00:00.123000Z"


@pytest.mark.requirement("MSG-2")
def test_what_the_credit_does_not_cover_is_not_ordered(api: Api) -> None:
    school = ready_school(api, won=19)
    two = [{"phone": "01000000001"}, {"phone": "01000000002"}]

    seen = ask(school.teacher, "POST", "messages/preview", text="안내", to=two).json()
    refused = school.teacher.post("/api/v1/messages/orders", json={"text": "안내", "to": two}, headers=KOREAN)
    credit(school, 1)

    assert (seen["cost"], seen["available"], seen["covered"]) == (20, 19, False)
    assert (refused.status_code, refused.json()["code"]) == (409, "credit_exhausted")
    assert "충전" in refused.json()["detail"]
    assert order(school, text="안내", to=two)["total"] == 2


@pytest.mark.requirement("MSG-5")
def test_nothing_is_ordered_without_settings_or_while_switched_off(api: Api) -> None:
    school = api.school()
    wish = {"text": "안내", "to": ONE}

    missing = [ask(school.teacher, "POST", f"messages/{each}", **wish) for each in ("preview", "orders")]
    set_up(school, enabled=False)
    off = [ask(school.teacher, "POST", f"messages/{each}", **wish) for each in ("preview", "orders")]

    assert [(each.status_code, each.json()["code"]) for each in missing] == [
        (409, "messaging_not_set_up")
    ] * 2
    assert [(each.status_code, each.json()["code"]) for each in off] == [(409, "messaging_off")] * 2


def test_ten_thousand_fit_and_one_more_does_not(api: Api) -> None:
    school = ready_school(api, won=200_000)
    typed = [{"phone": f"010{number:08}"} for number in range(10_001)]
    class_id, _ = students_of(school, "반", {"name": "김하늘", "parents": [MOTHER]})

    long = ask(school.teacher, "POST", "messages/orders", text="안내", to=typed)
    together = ask(school.teacher, "POST", "messages/orders", text="안내", to=typed[:-1], class_id=class_id)
    placed = order(school, text="안내 #{이름}", to=typed[:-1], variables={"이름": "학부모"})
    same = ask(school.teacher, "POST", "messages/preview", text="안내", to=typed[:1] * 10_000).json()

    assert (long.status_code, long.json()["errors"][0]["field"]) == (400, "to")
    assert (together.status_code, together.json()["code"]) == (422, "too_many_recipients")
    assert placed["total"] == 10_000
    report = ask(school.teacher, "GET", f"messages/orders/{placed['id']}").json()
    assert (report["counts"]["QUEUED"], report["cost"], report["reserved"]) == (10_000, 100_000, 100_000)
    assert (same["ready"], same["duplicates"], same["cost"]) == (1, 9_999, 10)
    cancelled = ask(school.teacher, "POST", f"messages/orders/{placed['id']}/cancel").json()
    assert (cancelled["order"]["state"], cancelled["counts"]["CANCELLED"]) == ("CANCELLED", 10_000)


def test_a_preview_of_many_shows_the_first_texts_only(api: Api) -> None:
    school = ready_school(api)
    typed = [{"phone": f"010{number:08}"} for number in range(1_001)]

    items = ask(school.teacher, "POST", "messages/preview", text="안내", to=typed).json()["items"]

    assert (items[999]["text"], items[1000]["text"], items[1000]["price"]) == ("안내", None, 10)
