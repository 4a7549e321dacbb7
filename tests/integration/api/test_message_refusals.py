"""Refused requests about messages name the place, the thing and the way out, in both languages (MSG-6, API-1)."""

from typing import Any

import httpx2
import pytest
from tests.support.api import Api, School
from tests.support.messaging import KOREAN, ask, credit, noon, order, ready_school, set_up, students_of

pytestmark = pytest.mark.requirement("MSG-6", "API-1")
GOOD = {"phone": "010-1234-5678"}


def both(school: School, path: str, **wish: Any) -> list[dict[str, Any]]:
    """Return the problem in English and in Korean."""
    answers = [
        school.teacher.post(f"/api/v1/{path}", json=wish, headers=headers)
        for headers in ({"Accept-Language": "en"}, KOREAN)
    ]
    return [{**answer.json(), "status": answer.status_code} for answer in answers]


def faults(problem: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in problem["errors"]]


def leave(school: School, student_id: str) -> None:
    answer = ask(school.teacher, "PATCH", f"students/{student_id}", active=False)
    assert answer.status_code == 200, answer.text


def test_recipients_who_cannot_be_sent_to_are_named_by_place(api: Api) -> None:
    school = ready_school(api)
    class_id, (alone,) = students_of(school, "고2", {"name": "박산", "identifier": "00000002"})
    _, (left,) = students_of(school, "고3", {"name": "김하늘", "identifier": "00000003"})
    leave(school, left)
    wish: dict[str, Any] = {
        "text": "#{점수}점",
        "to": [
            {**GOOD, "variables": {"점수": "1"}},
            {"phone": "02-123-4567"},
            {"phone": "01012345679"},
        ],
        "class_id": class_id,
        "student_ids": [left],
    }

    english, korean = both(school, "messages/orders", **wish)

    expected = [
        ("to.1.phone", "phone_landline"),
        ("to.2.variables", "variables_missing"),
        ("student_ids.0", "student_left"),
        (f"class_id.{alone}", "parents_missing"),
    ]
    for problem in (english, korean):
        assert (problem["status"], problem["code"]) == (422, "recipients_invalid")
        assert faults(problem) == expected
        assert "4" in problem["detail"]
        assert "skip_invalid" in problem["detail"]
    told = {each["code"]: each["message"] for each in korean["errors"]}
    assert told["student_left"].startswith("김하늘: 퇴원한 학생입니다.")
    assert told["parents_missing"].startswith("박산: 등록된 학부모가 없습니다.")
    assert "variables에 한 번" in told["variables_missing"]
    assert "once for all" in english["errors"][1]["message"]
    assert "4567" not in str(korean)


def test_a_hundred_are_named_and_all_are_counted(api: Api) -> None:
    school = ready_school(api)
    wrong = [{"phone": "x"}] * 120

    (english, korean) = both(school, "messages/orders", text="안내", to=[GOOD, *wrong])

    assert len(english["errors"]) == len(korean["errors"]) == 100
    assert english["errors"][0]["field"] == "to.1.phone"
    assert "120" in english["detail"]
    assert "120명" in korean["detail"]


def test_one_recipient_is_told_what_is_wrong_and_where(api: Api) -> None:
    school = ready_school(api)
    _, (left,) = students_of(school, "고3", {"name": "김하늘", "identifier": "00000003"})
    leave(school, left)

    english, korean = both(school, "messages/orders", text="안내", student_ids=[left])
    preview = ask(school.teacher, "POST", "messages/preview", text="안내", student_ids=[left]).json()

    assert (english["code"], faults(english)) == ("student_left", [("student_ids.0", "student_left")])
    assert korean["detail"].startswith("퇴원한 학생입니다.")
    (item,) = preview["items"]
    assert (item["outcome"], item["to"], item["problem"]["code"]) == ("problem", "", "student_left")
    skipping = ask(
        school.teacher,
        "POST",
        "messages/orders",
        text="안내",
        student_ids=[left],
        to=[GOOD],
        skip_invalid=True,
    )
    assert skipping.json()["order"]["total"] == 1


@pytest.mark.parametrize("path", ["messages/preview", "messages/orders"])
def test_a_class_that_has_ended_is_refused(api: Api, path: str) -> None:
    school = ready_school(api)
    class_id, _ = students_of(school, "고2")
    ask(school.teacher, "PATCH", f"classes/{class_id}", active=False)

    english, korean = both(school, path, text="안내", class_id=class_id)

    assert (english["status"], faults(english)) == (422, [("class_id", "class_closed")])
    assert "student_ids" in english["detail"]
    assert korean["detail"].startswith("종료된 반입니다.")


@pytest.mark.parametrize("path", ["messages/preview", "messages/orders"])
@pytest.mark.parametrize(
    ("wish", "field", "code", "texts"),
    [
        ({"text": "가", "class_id": "none"}, "class_id", "class_not_found", ("class", "반을")),
        (
            {"text": "가", "student_ids": ["none"]},
            "student_ids.0",
            "student_not_found",
            ("student", "학생을"),
        ),
        (
            {"template_id": "none", "to": [GOOD]},
            "template_id",
            "template_not_found",
            ("template", "템플릿을"),
        ),
    ],
)
def test_what_is_not_there_is_named(
    api: Api, path: str, wish: dict[str, Any], field: str, code: str, texts: tuple[str, str]
) -> None:
    school = ready_school(api)

    problems = both(school, path, **wish)

    for problem, text in zip(problems, texts, strict=True):
        assert (problem["status"], problem["code"]) == (404, "not_found")
        assert faults(problem) == [(field, code)]
        assert text in problem["detail"]
        assert problem["errors"][0]["message"] == problem["detail"]


def test_what_another_academy_has_is_missing_in_the_same_words(api: Api) -> None:
    ours, theirs = ready_school(api), ready_school(api)
    class_id, (student,) = students_of(theirs, "고2", {"name": "남", "identifier": "00000002"})
    template = ask(theirs.teacher, "POST", "messages/templates", name="남", text="남").json()["id"]
    wishes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"text": "가", "class_id": class_id}, {"text": "가", "class_id": "none"}),
        ({"text": "가", "student_ids": [student]}, {"text": "가", "student_ids": ["none"]}),
        ({"template_id": template, "to": [GOOD]}, {"template_id": "none", "to": [GOOD]}),
    ]

    for foreign, nowhere in wishes:
        for one, other in zip(
            both(ours, "messages/orders", **foreign), both(ours, "messages/orders", **nowhere), strict=True
        ):
            assert {**one, "instance": ""} == {**other, "instance": ""}


def test_people_and_classes_say_what_is_missing(api: Api) -> None:
    school = api.school()
    class_id, (here,) = students_of(school, "고2", {"name": "김하늘", "identifier": "00000002"})

    enrol = both(school, f"classes/{class_id}/enrolments", student_ids=[here, "none", "nobody"])
    exam = both(school, "exams", class_id="none", title="시험", max_score=100)
    lecture = both(school, "lectures", class_id="none", title="강의")
    address = both(school, "classes/none/enrolments", student_ids=[here])

    for problem in enrol:
        missing = [("student_ids.1", "student_not_found"), ("student_ids.2", "student_not_found")]
        assert (problem["status"], faults(problem)) == (404, missing)
    for problem in (*exam, *lecture):
        assert (problem["status"], faults(problem)) == (404, [("class_id", "class_not_found")])
    assert [problem["errors"] for problem in address] == [[], []]
    assert "class" in address[0]["detail"]
    assert address[1]["detail"].startswith("반을 찾을 수 없습니다.")


@pytest.mark.parametrize(
    ("path", "korean"),
    [
        ("messages/orders/none", "발송 요청을"),
        ("messages/templates/none", "템플릿을"),
        ("students/none", "학생을"),
        ("classes/none", "반을"),
        ("exams/none", "시험을"),
        ("lectures/none", "강의를"),
        ("jobs/none", "작업을"),
        ("videos/none", "영상을"),
    ],
)
def test_an_address_that_leads_nowhere_says_to_what_kind_of_thing(api: Api, path: str, korean: str) -> None:
    answer: httpx2.Response = api.school().teacher.get(f"/api/v1/{path}", headers=KOREAN)

    assert (answer.status_code, answer.json()["code"], answer.json()["errors"]) == (404, "not_found", [])
    assert answer.json()["detail"].startswith(f"{korean} 찾을 수 없습니다.")


@pytest.mark.requirement("MSG-1")
def test_a_template_that_is_not_approved_says_what_to_do(api: Api) -> None:
    school = ready_school(api)
    wish = {"name": "출석", "text": "등원했습니다", "kakao_template_id": "KA01TP1"}
    made = ask(school.teacher, "POST", "messages/templates", **wish).json()
    path = f"operator/academies/{school.id}/templates/{made['id']}/approval"
    sending = {"template_id": made["id"], "to": [GOOD]}

    as_text = ask(school.teacher, "POST", "messages/preview", **sending).json()["items"][0]
    set_up(school, kakao_channel="KA01PF216")
    waiting = both(school, "messages/preview", **sending)
    ask(school.operator, "POST", path, approval="rejected")
    rejected = both(school, "messages/preview", **sending)

    assert (as_text["outcome"], as_text["channel"], as_text["text"]) == ("ready", "sms", "등원했습니다")
    assert [each["code"] for each in (*waiting, *rejected)] == ["template_not_approved"] * 2 + [
        "template_rejected"
    ] * 2
    for problem in (*waiting, *rejected):
        assert "`text`" in problem["detail"] or "text에" in problem["detail"]
    assert "wait" not in rejected[0]["detail"]
    assert "기다리" not in rejected[1]["detail"]


@pytest.mark.requirement("MSG-1")
def test_a_variable_that_is_not_written_as_one_is_refused_everywhere(api: Api) -> None:
    school = ready_school(api)
    good = ask(school.teacher, "POST", "messages/templates", name="안내", text="안내").json()
    text = "안녕 #{학생이름 하"

    answers = [
        ask(school.teacher, "POST", "messages/templates", name="안내", text=text),
        ask(school.teacher, "PATCH", f"messages/templates/{good['id']}", text=text),
        ask(school.teacher, "POST", "messages/preview", text=text, to=[GOOD]),
        ask(school.teacher, "POST", "messages/orders", text=text, to=[GOOD]),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "variable_malformed")] * 4
    assert all("#{학생이름 하" in each.json()["detail"] for each in answers)


def test_a_value_that_looks_like_a_variable_is_left_as_it_is(api: Api) -> None:
    school = ready_school(api)
    wish = {"text": "#{하나}", "variables": {"하나": "#{둘} #{ hi", "둘": "2"}, "to": [GOOD]}

    seen = ask(school.teacher, "POST", "messages/preview", **wish).json()["items"][0]

    assert seen["text"] == "#{둘} #{ hi"


def test_known_variables_are_those_that_the_description_names(api: Api) -> None:
    school = ready_school(api)
    mother = {"name": "김엄마", "phone": "010-0000-0001"}
    class_id, (student,) = students_of(school, "고2", {"name": "김하늘", "parents": [mother]})

    def outcome(text: str, **whom: Any) -> str:
        answer = ask(school.teacher, "POST", "messages/preview", text=text, **whom)
        return str(answer.json()["items"][0]["outcome"])

    of_class: dict[str, Any] = {"class_id": class_id}
    of_student: dict[str, Any] = {"student_ids": [student]}
    named, unnamed = {"to": [{**GOOD, "name": "김"}]}, {"to": [GOOD]}
    every = (of_class, of_student, named, unnamed)
    assert [outcome("#{학원이름}", **each) for each in every] == ["ready"] * 4
    assert [outcome("#{이름}", **each) for each in every] == ["ready", "ready", "ready", "problem"]
    assert [outcome("#{학생이름}", **each) for each in every] == ["ready", "ready", "problem", "problem"]
    assert [outcome("#{반이름}", **each) for each in every] == ["ready", "problem", "problem", "problem"]
    described = school.teacher.get("/api/v1/openapi.json").json()["components"]["schemas"]
    told = described["OrderMessagesRequest"]["properties"]["variables"]["description"]
    assert "`반이름` for the students of `class_id` only" in told


@pytest.mark.parametrize("sender", ["1234", "+1 202 555 0100", "x" * 50])
def test_a_wrong_sender_is_not_told_that_mobile_numbers_only_are_taken(api: Api, sender: str) -> None:
    owner = api.school().owner

    english, korean = (
        owner.http.patch("/api/v1/messaging/settings", json={"sender": sender}, headers=headers).json()
        for headers in ({"Accept-Language": "en"}, KOREAN)
    )

    assert (english["code"], faults(english)) == ("sender_malformed", [("sender", "sender_malformed")])
    assert "landline" in english["detail"]
    assert "02-123-4567" in korean["detail"]
    assert sender not in str(english)


@pytest.mark.requirement("MSG-4")
def test_the_usual_footers_of_advertising_are_taken(api: Api) -> None:
    school = ready_school(api)
    wish: dict[str, Any] = {"advertising": True, "send_at": noon(), "to": [GOOD]}

    fine = ask(school.teacher, "POST", "messages/preview", **wish, text="(광고) 특강\n무료거부 0801234567")
    english, korean = both(school, "messages/orders", **wish, text="(광고) 특강")

    assert fine.json()["ready"] == 1
    assert english["code"] == "advertising_no_opt_out"
    assert "무료수신거부 080-123-4567" in english["detail"]
    assert "무료수신거부 080-123-4567" in korean["detail"]


@pytest.mark.requirement("MSG-2")
def test_a_withdrawal_that_is_too_much_names_both_amounts(api: Api) -> None:
    school = ready_school(api, won=1_234)

    refused = credit(school, 5_678, kind="withdraw").json()

    assert refused["code"] == "withdraw_too_much"
    assert "5,678" in refused["detail"]
    assert "1,234" in refused["detail"]


@pytest.mark.requirement("MSG-4")
def test_a_second_cancel_says_that_it_is_cancelled(api: Api) -> None:
    school = ready_school(api)
    placed = order(school, text="내일", send_at=noon(), to=[GOOD])
    path = f"messages/orders/{placed['id']}/cancel"
    assert ask(school.teacher, "POST", path).status_code == 202

    again = school.teacher.post(f"/api/v1/{path}", headers=KOREAN)

    assert (again.status_code, again.json()["code"]) == (409, "order_already_cancelled")
    assert again.json()["detail"] == "이미 취소된 발송 요청입니다."


@pytest.mark.requirement("MSG-1")
def test_a_won_sign_is_sent_as_carriers_spell_it(api: Api) -> None:
    school = ready_school(api)
    words = "수강료 ₩300,000"
    made = ask(school.teacher, "POST", "messages/templates", name="수강료", text=words)
    seen = ask(school.teacher, "POST", "messages/preview", text=words, to=[GOOD])
    placed = ask(school.teacher, "POST", "messages/orders", text=words, to=[GOOD])
    assert [made.status_code, seen.status_code, placed.status_code] == [201, 200, 202]
    assert seen.json()["items"][0]["text"] == "수강료 ￦300,000"
