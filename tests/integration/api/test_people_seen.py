"""Who sees and changes which people (API-2, SEC-3): nobody else's number leaves the academy's staff."""

import json
import uuid
from typing import Any

import pytest
from tests.support.academics import HANEUL, MOTHER, change, make, problems
from tests.support.api import Api, School

from academy.domain.tenant.tenant import Role

pytestmark = pytest.mark.requirement("ACA-1")


@pytest.fixture
def family(api: Api) -> tuple[School, dict[str, Any]]:
    """An academy with a student who has a login, as their mother has, and with a stranger."""
    school = api.school()
    make(
        school.teacher,
        "students",
        name="남의 집",
        phone="010-9999-8888",
        parents=[{"name": "남", "phone": "01077776666"}],
    )
    student = make(school.teacher, "students", **HANEUL)
    mother = student["parents"][0]["id"]
    assert change(school.owner, f"students/{student['id']}", account=school.student.viewer).status_code == 200
    assert change(school.owner, f"parents/{mother}", account=school.parent.viewer).status_code == 200
    return school, student


@pytest.mark.requirement("API-2")
def test_a_login_must_be_a_member_in_the_right_role(api: Api) -> None:
    school, other = api.school(), api.school()
    student = make(school.teacher, "students", **HANEUL)
    mother = student["parents"][0]["id"]
    strangers = [other.student.viewer, school.teacher.viewer, uuid.uuid4().hex, "me", "0" * 32]
    for account in strangers:
        for path in (f"students/{student['id']}", f"parents/{mother}"):
            answer = change(school.teacher, path, account=account)
            assert (answer.status_code, problems(answer)) == (400, {"account": "account_unknown"}), account
    assert change(school.teacher, f"parents/{mother}", account=school.student.viewer).status_code == 400
    assert (
        change(school.teacher, f"students/{student['id']}", account=school.student.viewer).status_code == 200
    )
    sister = make(school.teacher, "students", name="누나", phone="01011112222")
    taken = change(school.teacher, f"students/{sister['id']}", account=school.student.viewer)
    assert (taken.status_code, taken.json()["code"]) == (409, "account_taken")


@pytest.mark.requirement("API-2")
def test_a_student_sees_themselves_and_no_other_number(family: tuple[School, dict[str, Any]]) -> None:
    school, student = family

    (seen,) = school.student.get("/api/v1/students").json()["items"]
    text = school.student.get(f"/api/v1/students/{student['id']}").text

    assert json.loads(text) == seen
    assert (seen["phone"], seen["identifier"], seen["note"], seen["account"]) == (
        "01012345678",
        "12345678",
        None,
        None,
    )
    assert [(each["name"], each["phone"], each["account"]) for each in seen["parents"]] == [
        ("김아빠", None, None),
        ("이엄마", None, None),
    ]
    assert "22223333" not in text
    assert "44445555" not in text


@pytest.mark.requirement("API-2")
def test_a_parent_sees_their_children_and_no_other_number(family: tuple[School, dict[str, Any]]) -> None:
    school, student = family

    (seen,) = school.parent.get("/api/v1/students").json()["items"]
    text = school.parent.get(f"/api/v1/students/{student['id']}").text

    assert json.loads(text) == seen
    assert (seen["phone"], seen["identifier"], seen["note"]) == (None, None, None)
    assert [(each["name"], each["phone"]) for each in seen["parents"]] == [
        ("김아빠", None),
        ("이엄마", "01022223333"),
    ]
    assert "12345678" not in text
    assert "44445555" not in text


@pytest.mark.requirement("API-2")
def test_others_are_not_there_and_numbers_cannot_be_guessed(family: tuple[School, dict[str, Any]]) -> None:
    school, student = family
    everybody = school.teacher.get("/api/v1/students").json()["items"]
    stranger = next(each for each in everybody if each["id"] != student["id"])
    newcomer = school.api.person(school.id, Role.PARENT)

    assert newcomer.get("/api/v1/students").json() == {"items": [], "next_cursor": ""}
    for person in (school.student, school.parent):
        assert person.get(f"/api/v1/students/{stranger['id']}").status_code == 404
        assert person.get(f"/api/v1/students/{stranger['id']}/scores").status_code == 404
        for text in ("1234", "4444", "5678"):
            assert person.get("/api/v1/students", params={"text": text}).json()["items"] == []
    assert newcomer.get(f"/api/v1/students/{student['id']}").status_code == 404


@pytest.mark.requirement("API-2")
def test_only_staff_changes_people_and_operators_see_nobody(family: tuple[School, dict[str, Any]]) -> None:
    school, student = family
    path, parent = f"students/{student['id']}", student["parents"][0]["id"]

    for person in (school.student, school.parent, school.operator):
        refused = [
            person.post("/api/v1/students", json=HANEUL),
            person.post("/api/v1/students/bulk", json={"students": [HANEUL], "dry_run": True}),
            change(person, path, name="나"),
            person.post(f"/api/v1/{path}/parents", json=MOTHER),
            person.http.delete(f"/api/v1/{path}/parents/{parent}"),
            change(person, f"parents/{parent}", name="나"),
        ]
        assert {(each.status_code, each.json()["code"]) for each in refused} == {(403, "role_not_allowed")}
    for address in ("students", path, f"{path}/scores"):
        assert school.operator.get(f"/api/v1/{address}").status_code == 403


@pytest.mark.requirement("API-2")
def test_a_list_goes_into_ones_own_academy_only(api: Api) -> None:
    ours, theirs = api.school(), api.school()
    theirs.teacher.post("/api/v1/classes", json={"name": "그들의 반"})
    wish = {"students": [{"name": "가", "phone": "01012345678", "class_names": ["그들의 반"]}]}

    named = ours.teacher.post("/api/v1/students/bulk", json=wish, headers={"X-Academy-Tenant": theirs.id})
    unknown = ours.teacher.post("/api/v1/students/bulk", json=wish)

    assert (named.status_code, named.json()["code"]) == (404, "academy_not_found")
    assert problems(unknown) == {"students.0.class_names.0": "class_not_found"}
    assert theirs.teacher.get("/api/v1/students").json()["items"] == []


@pytest.mark.requirement("SEC-3")
def test_no_number_stands_in_a_refusal_or_in_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    school = api.school()
    make(school.teacher, "students", name="가", phone="010-8642-9753")
    secret = ("86429753", "8642-9753", "7531-86429", "753186429")
    answers = [
        school.teacher.post("/api/v1/students", json={"name": "나", "phone": "010-8642-9753"}),
        school.teacher.post("/api/v1/students", json={"name": "나", "phone": "031-7531-86429"}),
        school.teacher.post("/api/v1/students", json={"name": "나", "phone": ["010-8642-9753"]}),
    ]

    assert [each.status_code for each in answers] == [409, 400, 400]
    for text in (
        *(each.text for each in answers),
        caplog.text,
        *(str(each.__dict__) for each in caplog.records),
    ):
        assert not any(part in text for part in secret)
