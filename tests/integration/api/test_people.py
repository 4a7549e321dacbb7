"""Students and parents over HTTP (ACA-1): what staff does with them."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.support.academics import FATHER, HANEUL, MOTHER, change, make, problems
from tests.support.api import Api
from tests.support.api_process import api_process
from tests.support.servers.postgres import new_postgres_database

pytestmark = pytest.mark.requirement("ACA-1")
KOREAN = {"Accept-Language": "ko"}


def test_a_student_is_added_with_their_parents(api: Api) -> None:
    school = api.school()

    answer = school.teacher.post("/api/v1/students", json=HANEUL)

    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/students/{made['id']}")
    assert (made["name"], made["phone"], made["identifier"]) == ("김하늘", "01012345678", "12345678")
    assert [(each["name"], each["phone"], each["relation"]) for each in made["parents"]] == [
        ("이엄마", "01022223333", "mother"),
        ("김아빠", "01044445555", "father"),
    ]
    shown = school.owner.get(answer.headers["location"]).json()
    assert {**shown, "parents": 2} == {**made, "parents": 2}
    assert school.owner.get("/api/v1/students").json()["items"] == [shown]
    assert school.owner.get("/api/v1/students", params={"text": "2222-3333"}).json()["items"] == [shown]
    assert school.owner.get("/api/v1/students", params={"text": "없는"}).json()["items"] == []


def test_an_emoji_is_a_letter(api: Api) -> None:
    assert make(api.school().teacher, "students", name="하늘🌤️", phone="01012345678")["name"] == "하늘🌤️"


@pytest.mark.requirement("API-1")
def test_a_repeated_request_adds_nobody_twice(api: Api) -> None:
    school = api.school()
    headers = {"Idempotency-Key": uuid.uuid4().hex}

    first, again = (school.teacher.post("/api/v1/students", json=HANEUL, headers=headers) for _ in range(2))

    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len(school.teacher.get("/api/v1/students").json()["items"]) == 1


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"phone": "02-123-4567"}, "phone", "phone_landline"),
        ({"phone": "+1 202 555 0100"}, "phone", "phone_foreign"),
        ({"phone": "공일공일이삼사오육칠팔"}, "phone", "phone_malformed"),
        ({"phone": "0" * 1000}, "phone", "phone_malformed"),
        ({"name": " \t\u3000"}, "name", "name_blank"),
        ({"name": "김" * 101}, "name", "name_too_long"),
        ({"name": "김\u0007"}, "name", "name_control_character"),
        ({"identifier": "1234567"}, "identifier", "identifier_malformed"),
        ({"phone": ""}, "identifier", "identifier_missing"),
        ({"parents": [{"name": "", "phone": "x"}]}, "parents.0.phone", "phone_malformed"),
        ({"class_names": ["없는 반"]}, "class_names.0", "class_not_found"),
        ({"nickname": "하늘"}, "nickname", "extra_forbidden"),
        ({"name": 7}, "name", "string_type"),
        ({"phone": None, "identifier": None}, "identifier", "identifier_missing"),
        ({"phone": 1012345678}, "phone", "string_type"),
        ({"school": "가\u0007"}, "school", "string_pattern_mismatch"),
        ({"parents": [MOTHER | {"relation": "aunt"}]}, "parents.0.relation", "literal_error"),
        ({"parents": [MOTHER] * 11}, "parents", "too_long"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field(api: Api, wish: dict[str, Any], field: str, code: str) -> None:
    school = api.school()

    answer = school.teacher.post("/api/v1/students", json={"name": "가", "phone": "01012345678"} | wish)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert problems(answer)[field] == code
    assert school.teacher.get("/api/v1/students").json()["items"] == []


@pytest.mark.requirement("API-1")
def test_a_taken_identifier_is_a_conflict_that_says_how_to_mend_it(api: Api) -> None:
    school = api.school()
    make(school.teacher, "students", name="가", phone="01012345678")
    other = make(school.teacher, "students", name="나", phone="01087654321")

    twice = school.teacher.post(
        "/api/v1/students", json={"name": "다", "identifier": "12345678"}, headers=KOREAN
    )
    changed = change(school.teacher, f"students/{other['id']}", identifier="12345678")

    for answer in (twice, changed):
        assert (answer.status_code, answer.json()["code"]) == (409, "identifier_taken")
        assert problems(answer) == {"identifier": "identifier_taken"}
    assert "다른 8자리" in twice.json()["detail"]


def test_a_list_is_tried_and_then_taken(api: Api) -> None:
    school = api.school()
    school.teacher.post("/api/v1/classes", json={"name": "월수금"})
    make(school.teacher, "students", name="누나", phone="01000000001", parents=[MOTHER])
    students = [
        {
            "name": f"학생 {number}",
            "phone": f"0101000{number:04}",
            "parents": [MOTHER],
            "class_names": ["월수금"],
        }
        for number in range(3)
    ]

    tried = school.teacher.post("/api/v1/students/bulk", json={"students": students, "dry_run": True})
    before = school.teacher.get("/api/v1/students").json()["items"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    taken = school.teacher.post("/api/v1/students/bulk", json={"students": students}, headers=key)
    again = school.teacher.post("/api/v1/students/bulk", json={"students": students}, headers=key)

    assert (tried.status_code, taken.status_code) == (200, 201)
    assert [each["name"] for each in before] == ["누나"]
    counts = {"parents_created": 0, "parents_known": 1, "enrolments": 3}
    assert counts.items() <= tried.json().items()
    assert counts.items() <= taken.json().items()
    assert [each["id"] for each in tried.json()["students"]] == [None] * 3
    assert [each["identifier"] for each in taken.json()["students"]] == ["10000000", "10000001", "10000002"]
    assert again.json() == taken.json()
    listed = school.teacher.get("/api/v1/students", params={"text": "학생"}).json()["items"]
    assert [each["id"] for each in listed] == [each["id"] for each in taken.json()["students"]]


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_list_with_faults_is_refused_whole(api: Api, dry_run: bool) -> None:
    school = api.school()
    good = {"name": "가", "phone": "01012345678"}
    students = [good, {"name": "나", "identifier": "12345678"}, {"name": "", "phone": "031-123-4567"}]
    students += [{"name": "다", "phone": "1"}] * 200

    answer = school.teacher.post("/api/v1/students/bulk", json={"students": students, "dry_run": dry_run})

    found = problems(answer)
    assert (answer.status_code, answer.json()["code"], len(found)) == (400, "invalid_request", 204)
    assert found["students.0.identifier"] == found["students.1.identifier"] == "identifier_twice"
    assert (found["students.2.name"], found["students.2.phone"]) == ("name_blank", "phone_landline")
    assert found["students.202.phone"] == "phone_malformed"
    assert school.teacher.get("/api/v1/students").json()["items"] == []


def test_a_thousand_students_fit_and_one_more_does_not(api: Api) -> None:
    school = api.school()
    students = [
        {
            "name": f"학생 {number:04}",
            "phone": f"010-1{number:03}-0000",
            "school": "한빛고등학교",
            "grade": "2학년",
            "parents": [
                {"name": f"{number}의 어머니", "phone": f"010-2{number:03}-0000", "relation": "mother"},
                {"name": f"{number}의 아버지", "phone": f"010-3{number:03}-0000", "relation": "father"},
            ],
        }
        for number in range(1000)
    ]

    # Every letter as an escape, as many clients send them.
    content = json.dumps({"students": students}, ensure_ascii=True)
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    answer = school.teacher.post("/api/v1/students/bulk", content=content, headers=headers)
    over = school.teacher.post("/api/v1/students/bulk", json={"students": [{"name": "가"}] * 1001})
    none = school.teacher.post("/api/v1/students/bulk", json={"students": []})

    assert answer.status_code == 201, answer.text
    assert (len(answer.json()["students"]), answer.json()["parents_created"]) == (1000, 2000)
    assert (over.status_code, problems(over)) == (400, {"students": "too_long"})
    assert (none.status_code, problems(none)) == (400, {"students": "too_short"})


@pytest.mark.requirement("API-1")
def test_of_two_lists_at_once_on_postgresql_one_is_taken(postgres_server: str, tmp_path: Path) -> None:
    students = [
        {
            "name": f"학생 {number:03}",
            "phone": f"010-1{number:03}-0000",
            "parents": [MOTHER],
            "class_names": ["반"],
        }
        for number in range(200)
    ]
    path = "/api/v1/students/bulk"
    with new_postgres_database(postgres_server, template=None) as url, api_process(url, tmp_path) as teacher:
        assert teacher.post("/api/v1/classes", json={"name": "반"}).status_code == 201
        tried = teacher.post(path, json={"students": students, "dry_run": True})
        assert (tried.status_code, tried.json()["enrolments"]) == (200, 200)
        assert teacher.get("/api/v1/students").json()["items"] == []
        with ThreadPoolExecutor(2) as two:
            answers = list(two.map(lambda _: teacher.post(path, json={"students": students}), range(2)))
        taken, refused = sorted(answers, key=lambda answer: answer.status_code)
        listed = teacher.get("/api/v1/students", params={"limit": 100}).json()["items"]
        beyond = teacher.get("/api/v1/students/a%00b")

    assert (taken.status_code, taken.json()["parents_created"]) == (201, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "identifier_taken")
    assert set(problems(refused)) == {f"students.{number}.identifier" for number in range(200)}
    assert [each["name"] for each in listed] == [f"학생 {number:03}" for number in range(100)]
    assert beyond.status_code == 404


@pytest.mark.requirement("API-1")
def test_pages_follow_names_however_long(api: Api) -> None:
    school = api.school()
    for number in range(3):
        make(school.teacher, "students", name="🌤" * 99 + str(number), identifier=f"0000000{number}")

    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        query = {"limit": 1, "cursor": cursor}
        page = school.teacher.get("/api/v1/students", params=query).json()
        seen += [each["identifier"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["00000000", "00000001", "00000002"]
    assert cursor == ""
    assert school.teacher.get("/api/v1/students?cursor=x").json()["code"] == "cursor_invalid"


def test_a_student_is_changed(api: Api) -> None:
    school = api.school()
    student = make(school.teacher, "students", **HANEUL)

    changed = change(school.teacher, f"students/{student['id']}", name="이하늘", note="", active=False)
    same = change(school.teacher, f"students/{student['id']}", name=None)
    wrong = change(school.teacher, f"students/{student['id']}", name="", phone="02-123-4567", x=1)

    assert (changed.json()["name"], changed.json()["note"], changed.json()["active"]) == ("이하늘", "", False)
    assert same.json()["name"] == "이하늘"
    assert problems(wrong) == {"x": "extra_forbidden"}
    assert school.teacher.get("/api/v1/students").json()["items"] == []
    everybody = school.teacher.get("/api/v1/students", params={"include_inactive": "true"}).json()["items"]
    assert [each["name"] for each in everybody] == ["이하늘"]


def test_parents_are_added_changed_and_taken_away(api: Api) -> None:
    school = api.school()
    student = make(school.teacher, "students", name="가", phone="01012345678")
    path = f"/api/v1/students/{student['id']}/parents"

    mother = school.teacher.post(path, json=MOTHER)
    again = school.teacher.post(path, json=MOTHER | {"relation": "guardian"})
    father = school.teacher.post(path, json=FATHER)
    wrong = school.teacher.post(path, json=MOTHER | {"phone": "02-123-4567"})
    taken = change(school.teacher, f"parents/{father.json()['id']}", phone=MOTHER["phone"])

    assert (mother.status_code, again.json()["relation"]) == (201, "guardian")
    assert again.json()["id"] == mother.json()["id"]
    assert problems(wrong) == {"phone": "phone_landline"}
    assert (taken.status_code, taken.json()["code"]) == (409, "parent_phone_taken")
    renamed = change(school.teacher, f"parents/{father.json()['id']}", name="새 이름")
    assert (renamed.status_code, renamed.json()["name"]) == (200, "새 이름")
    gone = school.teacher.http.delete(f"{path}/{mother.json()['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert school.teacher.http.delete(f"{path}/{mother.json()['id']}").status_code == 404
    left = school.teacher.get(f"/api/v1/students/{student['id']}").json()["parents"]
    assert [each["name"] for each in left] == ["새 이름"]
