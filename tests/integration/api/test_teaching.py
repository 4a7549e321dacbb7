"""Classes, lectures, attendance, exams and scores over HTTP (ACA-1)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import pytest
from tests.support.academics import change, make, problems
from tests.support.api import Api, Person, School

pytestmark = pytest.mark.requirement("ACA-1")


@dataclass(frozen=True, slots=True)
class Taught:
    """Two classes of an academy with a student each; the first student has a login, as a parent of theirs has."""

    school: School
    hana: str
    duri: str
    ours: str
    other: str
    lecture: str
    session: str
    exam: str


@pytest.fixture
def taught(api: Api) -> Taught:
    school = api.school()
    staff = school.teacher
    ours, other = (make(staff, "classes", name=name)["id"] for name in ("우리 반", "남의 반"))
    hana = make(
        staff,
        "students",
        name="하나",
        phone="01011112222",
        class_names=["우리 반"],
        parents=[{"name": "엄마", "phone": "01022223333"}],
    )
    duri = make(staff, "students", name="두리", phone="01033334444", class_names=["우리 반"])
    change(staff, f"students/{hana['id']}", account=school.student.viewer)
    change(staff, f"parents/{hana['parents'][0]['id']}", account=school.parent.viewer)
    lecture = make(staff, "lectures", class_id=ours, title="미적분")["id"]
    session = make(staff, f"lectures/{lecture}/sessions", title="극한")["id"]
    exam = make(staff, "exams", class_id=ours, title="1회")["id"]
    make(staff, "lectures", class_id=other, title="기하")
    make(staff, "exams", class_id=other, title="다른 시험")
    return Taught(school, hana["id"], duri["id"], ours, other, lecture, session, exam)


def test_students_come_into_a_class_and_leave_it(taught: Taught) -> None:
    staff, path = taught.school.teacher, f"/api/v1/classes/{taught.other}"

    came = staff.post(f"{path}/enrolments", json={"student_ids": [taught.hana, taught.duri]})
    assert came.status_code == 200, came.text
    assert {each["student_id"] for each in came.json()["items"]} == {taught.hana, taught.duri}
    shown = staff.get(f"{path}/students").json()["items"]
    assert [each["name"] for each in shown] == ["두리", "하나"]
    left = staff.post(f"{path}/departures", json={"student_ids": [taught.duri]})
    assert [each["student_id"] for each in left.json()["items"]] == [taught.hana]
    assert [each["name"] for each in staff.get(f"{path}/students").json()["items"]] == ["하나"]
    later = staff.post(f"{path}/departures", json={"student_ids": [taught.hana], "until": "2099-01-01"})
    assert later.json() == {"on": "2099-01-01", "items": []}
    assert [each["name"] for each in staff.get(f"{path}/students").json()["items"]] == ["하나"]


@pytest.mark.requirement("API-2")
def test_a_student_of_another_academy_cannot_be_enrolled(api: Api, taught: Taught) -> None:
    foreign = make(api.school().teacher, "students", name="남", phone="01011112222")["id"]
    staff, path = taught.school.teacher, f"/api/v1/classes/{taught.other}"

    for student_ids in ([foreign], [taught.hana, foreign], ["no-such"]):
        for act in ("enrolments", "departures"):
            answer = staff.post(f"{path}/{act}", json={"student_ids": student_ids})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert staff.get(f"{path}/students").json()["items"] == []
    attendance = [{"student_id": foreign, "status": "present"}]
    noted = staff.post(f"/api/v1/sessions/{taught.session}/attendance", json={"items": attendance})
    scored = staff.post(
        f"/api/v1/exams/{taught.exam}/scores", json={"items": [{"student_id": foreign, "score": 1}]}
    )
    for answer in (noted, scored):
        assert (answer.status_code, problems(answer)) == (400, {"items.0.student_id": "not_in_class"})


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"student_ids": []}, "student_ids", "too_short"),
        ({"student_ids": ["x"] * 1001}, "student_ids", "too_long"),
        ({"student_ids": ["x", "x"]}, "student_ids.1", "student_twice"),
        ({"student_ids": ["\u0000"]}, "student_ids.0", "string_pattern_mismatch"),
        ({"student_ids": ["x"], "since": "0001-01-01"}, "since", "year_out_of_range"),
        ({"student_ids": ["x"], "since": "내일"}, "since", "date_parsing"),
        ({"student_ids": ["x"], "on": "2026-03-02"}, "on", "extra_forbidden"),
    ],
)
def test_bad_enrolments(taught: Taught, body: dict[str, Any], field: str, code: str) -> None:
    answer = taught.school.teacher.post(f"/api/v1/classes/{taught.ours}/enrolments", json=body)

    assert (answer.status_code, problems(answer)) == (400, {field: code})


def test_lectures_and_their_sessions(taught: Taught) -> None:
    staff = taught.school.teacher
    path = f"lectures/{taught.lecture}"

    renamed = change(staff, path, title="미적분 II")
    second = make(staff, f"{path}/sessions", held_at="2026-03-04T19:00:00+09:00")
    taken = staff.post(f"/api/v1/{path}/sessions", json={"number": 2})
    moved = change(staff, f"sessions/{taught.session}", number=2)
    unplanned = change(staff, f"sessions/{second['id']}", held_at=None, title="연속")

    assert renamed.json()["title"] == "미적분 II"
    assert second["number"] == 2
    assert datetime.fromisoformat(second["held_at"]) == datetime.fromisoformat("2026-03-04T10:00:00+00:00")
    for answer in (taken, moved):
        assert (answer.status_code, answer.json()["code"]) == (409, "session_number_taken")
    assert (unplanned.json()["held_at"], unplanned.json()["title"]) == (None, "연속")
    shown = staff.get(f"/api/v1/{path}/sessions").json()["items"]
    assert [(each["number"], each["title"]) for each in shown] == [(1, "극한"), (2, "연속")]
    assert [each["title"] for each in staff.get("/api/v1/lectures").json()["items"]] == ["기하", "미적분 II"]
    of_ours = staff.get("/api/v1/lectures", params={"class_id": taught.ours}).json()["items"]
    assert [each["id"] for each in of_ours] == [taught.lecture]
    for wish in ({"number": 0}, {"held_at": "2026-03-04T19:00:00"}, {"held_at": "0001-01-01T00:00:00+09:00"}):
        assert staff.post(f"/api/v1/{path}/sessions", json=wish).status_code == 400


def test_attendance_is_noted_and_corrected(taught: Taught) -> None:
    staff, path = taught.school.teacher, f"/api/v1/sessions/{taught.session}/attendance"
    first = [{"student_id": taught.hana, "status": "late", "note": "10분"}]
    rest = [
        {"student_id": taught.hana, "status": "present"},
        {"student_id": taught.duri, "status": "absent"},
    ]
    key = {"Idempotency-Key": uuid.uuid4().hex}

    assert staff.get(path).json() == {"items": []}
    noted = staff.post(path, json={"items": first}).json()["items"]
    assert [(each["status"], each["note"], each["by"]) for each in noted] == [("late", "10분", staff.viewer)]
    whole = staff.post(path, json={"items": rest}, headers=key)
    again = staff.post(path, json={"items": rest}, headers=key)

    assert whole.json() == again.json() == staff.get(path).json()
    assert {each["student_id"]: each["status"] for each in whole.json()["items"]} == {
        taught.hana: "present",
        taught.duri: "absent",
    }
    wrong = staff.post(path, json={"items": [{"student_id": taught.hana, "status": "asleep"}]})
    assert problems(wrong) == {"items.0.status": "literal_error"}


def test_scores_stay_within_their_exam(taught: Taught) -> None:
    staff, path = taught.school.teacher, f"/api/v1/exams/{taught.exam}/scores"
    outsider = make(staff, "students", name="밖", phone="01055556666")["id"]

    def note(student_id: str, score: str) -> httpx2.Response:
        content = f'{{"items": [{{"student_id": "{student_id}", "score": {score}}}]}}'
        return staff.post(path, content=content, headers={"Content-Type": "application/json"})

    assert [note(taught.hana, score).status_code for score in ("0", "99.5", "100", "null", "87.5")] == [
        200
    ] * 5
    for score, code in (
        ("100.01", "score_out_of_range"),
        ("-1", "score_out_of_range"),
        ("NaN", "finite_number"),
        ("1e999", "finite_number"),
        ('"90"', "float_type"),
    ):
        answer = note(taught.hana, score)
        assert (answer.status_code, problems(answer)) == (400, {"items.0.score": code}), score
    assert problems(note(outsider, "50")) == {"items.0.student_id": "not_in_class"}
    (kept,) = staff.get(path).json()["items"]
    assert (kept["student_id"], kept["score"], kept["by"]) == (taught.hana, 87.5, staff.viewer)
    below = change(staff, f"exams/{taught.exam}", max_score=80)
    assert (below.status_code, below.json()["code"]) == (409, "max_score_below_scores")
    assert (
        change(staff, f"exams/{taught.exam}", max_score=90, held_on="2026-03-02").json()["max_score"] == 90.0
    )
    for maximum in (0, -1, "100", 1e300):
        assert change(staff, f"exams/{taught.exam}", max_score=maximum).status_code == 400
    of_hana = staff.get(f"/api/v1/students/{taught.hana}/scores").json()["items"]
    assert [(each["exam"]["title"], each["score"]) for each in of_hana] == [("1회", 87.5)]
    assert change(staff, f"exams/{taught.exam}", held_on=None).json()["held_on"] is None


@pytest.mark.requirement("API-2")
def test_students_and_parents_see_what_is_their_own(taught: Taught) -> None:
    staff = taught.school.teacher
    both = (taught.hana, taught.duri)
    came = [{"student_id": each, "status": "late", "note": "비밀"} for each in both]
    staff.post(f"/api/v1/sessions/{taught.session}/attendance", json={"items": came})
    scored = [{"student_id": each, "score": 90} for each in both]
    staff.post(f"/api/v1/exams/{taught.exam}/scores", json={"items": scored})

    for person in (taught.school.student, taught.school.parent):

        def items(path: str, person: Person = person) -> list[dict[str, Any]]:
            answer = person.get(f"/api/v1/{path}")
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()["items"]
            return found

        assert [each["id"] for each in items("classes")] == [taught.ours]
        assert [each["id"] for each in items(f"classes/{taught.ours}/students")] == [taught.hana]
        assert [each["id"] for each in items("lectures")] == [taught.lecture]
        assert [each["id"] for each in items(f"lectures/{taught.lecture}/sessions")] == [taught.session]
        assert [each["id"] for each in items("exams")] == [taught.exam]
        assert items(f"lectures?class_id={taught.other}") == items(f"exams?class_id={taught.other}") == []
        (attended,) = items(f"sessions/{taught.session}/attendance")
        assert (attended["student_id"], attended["note"], attended["by"]) == (taught.hana, None, None)
        (score,) = items(f"exams/{taught.exam}/scores")
        assert (score["student_id"], score["score"], score["by"]) == (taught.hana, 90.0, None)
        assert [each["score"] for each in items(f"students/{taught.hana}/scores")] == [90.0]
        for path in (
            f"classes/{taught.other}",
            f"classes/{taught.other}/students",
            f"students/{taught.duri}",
            f"students/{taught.duri}/scores",
        ):
            assert person.get(f"/api/v1/{path}").status_code == 404, path


@pytest.mark.requirement("API-2")
def test_only_staff_changes_classes_and_operators_see_nothing(taught: Taught) -> None:
    school = taught.school
    reads = [
        "classes",
        f"classes/{taught.ours}",
        f"classes/{taught.ours}/students",
        "lectures",
        f"lectures/{taught.lecture}",
        f"lectures/{taught.lecture}/sessions",
        f"sessions/{taught.session}/attendance",
        "exams",
        f"exams/{taught.exam}",
        f"exams/{taught.exam}/scores",
    ]
    writes = [
        ("POST", "classes"),
        ("PATCH", f"classes/{taught.ours}"),
        ("POST", f"classes/{taught.ours}/enrolments"),
        ("POST", f"classes/{taught.ours}/departures"),
        ("POST", "lectures"),
        ("PATCH", f"lectures/{taught.lecture}"),
        ("POST", f"lectures/{taught.lecture}/sessions"),
        ("PATCH", f"sessions/{taught.session}"),
        ("POST", f"sessions/{taught.session}/attendance"),
        ("POST", "exams"),
        ("PATCH", f"exams/{taught.exam}"),
        ("POST", f"exams/{taught.exam}/scores"),
    ]

    for person in (school.student, school.parent, school.operator):
        for method, path in writes:
            answer = person.http.request(method, f"/api/v1/{path}", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed"), path
    for path in reads:
        assert school.operator.get(f"/api/v1/{path}").status_code == 403, path
        assert school.owner.get(f"/api/v1/{path}").status_code == 200, path
