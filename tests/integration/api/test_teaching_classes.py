"""Classes over HTTP, and who is shown in them (ACA-1)."""

from typing import Any

import pytest
from tests.support.academics import change, make, problems
from tests.support.api import Api

pytestmark = pytest.mark.requirement("ACA-1")


def test_a_class_is_made_changed_and_ended(api: Api) -> None:
    school = api.school()
    staff = school.teacher
    answer = staff.post("/api/v1/classes", json={"name": " 고2 수학 🧮 ", "subject": "수학"})
    given = answer.json()

    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/classes/{given['id']}")
    assert (given["name"], given["subject"], given["active"]) == ("고2 수학 🧮", "수학", True)
    assert staff.get(answer.headers["location"]).json() == given
    twice = staff.post("/api/v1/classes", json={"name": "고2 수학 🧮"})
    assert (twice.status_code, twice.json()["code"], problems(twice)) == (
        409,
        "class_name_taken",
        {"name": "class_name_taken"},
    )
    blank = staff.post("/api/v1/classes", json={"name": "\u3164"})
    assert (blank.status_code, problems(blank)) == (400, {"name": "name_blank"})
    ended = change(staff, f"classes/{given['id']}", active=False)
    assert (ended.status_code, ended.json()["active"], ended.json()["name"]) == (200, False, "고2 수학 🧮")
    assert staff.get("/api/v1/classes").json()["items"] == []
    everything = staff.get("/api/v1/classes", params={"include_inactive": "true"}).json()["items"]
    assert [each["id"] for each in everything] == [given["id"]]


@pytest.mark.requirement("API-1")
def test_classes_come_page_by_page(api: Api) -> None:
    school = api.school()
    names = [f"반 {number}" for number in range(5)]
    for name in reversed(names):
        make(school.teacher, "classes", name=name)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = school.teacher.get("/api/v1/classes", params={"limit": 2, "cursor": cursor}).json()
        seen += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert (seen, cursor) == (names, "")
    assert school.teacher.get("/api/v1/classes?cursor=x").json()["code"] == "cursor_invalid"
    assert school.student.get("/api/v1/classes?cursor=x").json()["code"] == "cursor_invalid"


def test_a_student_who_left_the_academy_is_shown_only_where_something_was_noted_of_them(api: Api) -> None:
    staff = api.school().teacher
    given = make(staff, "classes", name="고2")["id"]
    hana, duri, sena = (
        make(staff, "students", name=name, phone=f"0101111222{at}", class_names=["고2"])["id"]
        for at, name in enumerate(("하나", "두리", "세나"))
    )
    lecture = make(staff, "lectures", class_id=given, title="미적분")["id"]
    session = make(staff, f"lectures/{lecture}/sessions")["id"]
    exam = make(staff, "exams", class_id=given, title="1회")["id"]
    make(staff, f"sessions/{session}/attendance", items=[{"student_id": hana, "status": "late"}])
    make(staff, f"exams/{exam}/scores", items=[{"student_id": hana, "score": 70}])
    for left in (hana, duri):
        change(staff, f"students/{left}", active=False)

    def shown(path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = staff.get(f"/api/v1/{path}").json()["items"]
        return items

    assert [each["name"] for each in shown(f"classes/{given}/students")] == ["세나"]
    members = make(staff, f"classes/{given}/enrolments", student_ids=[sena])["items"]
    assert [each["student_id"] for each in members] == [sena]
    assert [each["student_id"] for each in shown(f"sessions/{session}/attendance")] == [hana]
    assert [each["student_id"] for each in shown(f"exams/{exam}/scores")] == [hana]
    assert [each["score"] for each in shown(f"students/{hana}/scores")] == [70.0]
