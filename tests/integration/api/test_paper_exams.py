"""An exam on paper over HTTP, from the sheet to the scores (OMR-1 to OMR-5, API-1)."""

import io
import json
import uuid

import pytest
from PIL import Image
from tests.integration.api.paper import NAMES, Paper, filled, put, single_key
from tests.support.academics import problems
from tests.support.api import Api

from academy.domain.omr.standard import standard_sheet

pytestmark = pytest.mark.timeout(180)
SPEC = standard_sheet(10)
RIGHT = {str(at): "3" for at in range(1, 11)}


@pytest.mark.requirement("OMR-1")
@pytest.mark.requirement("OMR-4")
@pytest.mark.requirement("OMR-5")
@pytest.mark.requirement("AI-1")
def test_from_the_sheet_to_the_scores(api: Api) -> None:
    paper = Paper(api)
    shown = paper.sheet()
    assert (shown["questions"], shown["has_key"], shown["revision"]) == (list(RIGHT), False, 1)
    key = put(paper.teacher, f"{paper.path}/key", single_key(RIGHT))
    assert (key.status_code, key.json()["maximum"]) == (200, 100)

    ordered = paper.teacher.post(f"{paper.path}/sheets", json={})
    assert ordered.headers["location"] == f"/api/v1/jobs/{ordered.json()['id']}"
    printed = paper.done(ordered.json()["id"])
    sheets = paper.fetch(printed["result"]["document"]["id"])
    # Printed in the order of names: the first is all right, the second has one wrong, the last one that nobody can be sure of.
    scan = filled(sheets, SPEC, [RIGHT, RIGHT | {"7": "1"}, RIGHT], faint=frozenset({"4"}))
    read = paper.read_scan(scan)
    assert (read["state"], read["pages"], read["number"]) == ("read", 3, 1)

    queue = paper.teacher.get(f"{paper.path}/review").json()
    (waiting,) = queue["items"]
    assert (queue["waiting"], queue["fields"], queue["pages"]) == (1, 1, 3)
    assert (waiting["page"], [each["field"] for each in waiting["fields"]]) == (3, ["4"])
    assert api.anybody.get(api.at(waiting["overlay_url"])).content[:2] == b"\xff\xd8"
    where = f"/api/v1/scans/{read['id']}/pages/3"
    page = paper.teacher.get(where).json()
    assert (page["score"]["total"], page["waits"], page["match"]["name"]) == (None, True, NAMES[2])
    assert [each["code"] for each in page["score"]["reasons"]] == ["omr_undecided"]
    picture = api.anybody.get(api.at(page["overlay_url"]))
    with Image.open(io.BytesIO(picture.content)) as overlay:
        assert overlay.height > overlay.width > 500

    decided = paper.teacher.post(f"{where}/decisions", json={"fields": {"4": ["3"]}, "seen": 0}).json()
    assert (decided["score"]["total"], decided["waits"]) == (100, False)
    (decision,) = decided["decisions"]
    assert (decision["field"], decision["marked"], decision["by"]) == ("4", ["3"], paper.teacher.viewer)
    assert decision["by_name"] == "이름 teacher"
    late = paper.teacher.post(f"{where}/decisions", json={"fields": {"4": []}, "seen": 0})
    assert (late.status_code, late.json()["code"]) == (409, "decision_taken")

    again = paper.teacher.post(f"/api/v1/scans/{read['id']}/read", json={"tier": "basic"})
    assert paper.done(again.json()["job"]["id"])["status"] == "succeeded"
    kept = paper.teacher.get(where).json()
    assert (kept["score"]["total"], len(kept["decisions"])) == (100, 1), "a rerun never overwrites a person"

    results = paper.teacher.get(f"{paper.path}/results").json()
    assert [(each["name"], each["total"], each["rank"]) for each in results["students"]] == [
        (NAMES[0], 100, 1),
        (NAMES[2], 100, 1),
        (NAMES[1], 90, 3),
    ]
    assert results["students"][0]["noted"] == 100
    assert (results["exam"]["students"], results["exam"]["alpha"], results["waiting"]) == (3, None, [])
    seventh = results["questions"][6]
    assert (seventh["given"]["1"], seventh["difficulty"]) == (1, pytest.approx(2 / 3))
    scores = paper.teacher.get(f"{paper.path}/scores").json()["items"]
    assert sorted(each["score"] for each in scores) == [90, 100, 100]
    assert {(each["by"], each["by_name"]) for each in scores} == {("omr", "")}
    beyond = paper.teacher.get(f"/api/v1/scans/{read['id']}/pages/99", headers={"Accept-Language": "ko"})
    assert (beyond.status_code, "99페이지" in beyond.text) == (404, True), beyond.text

    exported = paper.teacher.post(f"/api/v1/classes/{paper.class_id}/exports/scores", json={})
    book = paper.done(exported.json()["id"])["result"]["document"]
    assert paper.fetch(book["id"])[:2] == b"PK"
    used = paper.teacher.http.delete(f"/api/v1/documents/{read['document_id']}")
    assert (used.status_code, used.json()["code"]) == (409, "document_in_use")
    overlay_url = api.at(paper.teacher.get(where).json()["overlay_url"])
    assert api.anybody.get(overlay_url).status_code == 200
    assert paper.teacher.http.delete(f"/api/v1/scans/{read['id']}").status_code == 204
    assert api.anybody.get(overlay_url).status_code == 404
    assert paper.teacher.get(f"{paper.path}/scores").json()["items"] == []
    assert paper.teacher.http.delete(f"/api/v1/documents/{read['document_id']}").status_code == 204


@pytest.mark.requirement("OMR-5")
def test_a_key_comes_back_as_it_was_given(api: Api) -> None:
    paper = Paper(api)
    paper.sheet(questions=5, numbers=1, digits=2)
    items = [
        {
            "question": "1",
            "kind": "single",
            "answers": ["2"],
            "points": 12.5,
            "penalty": 0.25,
            "explanation": "첫 줄\n$x < 3$ 이므로 ②",
        },
        {"question": "2", "kind": "either", "answers": ["1", "2"]},
        {
            "question": "3",
            "kind": "all_required",
            "answers": ["1", "4"],
            "points": 4.0,
            "partial": {"per_right": 2.0, "per_wrong": 1.0, "least": -1.0},
        },
        {"question": "4", "kind": "void", "void": "full_points"},
        {"question": "5", "kind": "void", "void": "not_counted", "points": 7.0},
        {"question": "6", "kind": "number", "answers": ["12", "6.5"], "tolerance": "0.5", "points": 3.0},
    ]

    given = put(paper.teacher, f"{paper.path}/key", {"items": items, "below_zero": True})
    shown = paper.teacher.get(f"{paper.path}/key")

    assert given.status_code == 200, given.text
    assert shown.json() == given.json()
    assert (shown.json()["maximum"], shown.json()["below_zero"]) == (21.5, True)
    for asked, stands in zip(items, shown.json()["items"], strict=True):
        assert stands | asked == stands
    below = paper.teacher.http.patch(paper.path, json={"max_score": 21.0})
    assert (below.status_code, below.json()["code"]) == (409, "max_score_below_key")
    assert paper.teacher.http.delete(f"{paper.path}/key").status_code == 204
    gone = paper.teacher.http.get(f"{paper.path}/key", headers={"Accept-Language": "ko"})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert "정답표" in gone.json()["detail"]


@pytest.mark.requirement("OMR-5")
@pytest.mark.parametrize(
    ("entry", "field", "code"),
    [
        ({"answers": ["1", "2"]}, "items.0.answers", "key_single_answer"),
        ({"answers": []}, "items.0", "key_answer_missing"),
        ({"answers": ["9"]}, "items.0", "key_choice_unknown"),
        ({"answers": ["1"], "tolerance": "1"}, "items.0.tolerance", "key_field_unfit"),
        ({"answers": ["1"], "void": "full_points"}, "items.0.void", "key_field_unfit"),
        ({"kind": "void"}, "items.0.void", "key_void_unsaid"),
        ({"kind": "void", "void": "not_counted", "answers": ["1"]}, "items.0.answers", "key_field_unfit"),
        ({"kind": "number", "answers": ["twelve"]}, "items.0.answers", "key_number_unreadable"),
        ({"kind": "number", "answers": ["12"]}, "items.0", "key_kind"),
        ({"answers": ["1"], "points": 0.0}, "items.0", "key_points"),
        ({"answers": ["1"], "points": 0.001}, "items.0", "key_points"),
        ({"answers": ["1"], "penalty": 2.0}, "items.0", "key_penalty"),
        ({"kind": "best", "answers": ["1"]}, "items.0.kind", "literal_error"),
        ({"answers": ["1"], "points": "1"}, "items.0.points", "float_type"),
        ({"answers": ["1"], "question": "2"}, "items.0", "key_longer"),
        ({"answers": ["1"], "explanation": "가" * 2001}, "items.0.explanation", "string_too_long"),
        ({"answers": ["1"], "explanation": "\a"}, "items.0.explanation", "string_pattern_mismatch"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_at_its_field(
    api: Api, one: Paper, entry: dict[str, object], field: str, code: str
) -> None:
    answer = put(one.teacher, f"{one.path}/key", {"items": [{"question": "1"} | entry]})

    assert answer.status_code == 400, answer.text
    assert problems(answer)[field] == code
    assert one.teacher.get(f"{one.path}/sheet").json()["has_key"] is False


@pytest.fixture(scope="module")
def one(api: Api) -> Paper:
    """An exam whose sheet has one question."""
    paper = Paper(api)
    paper.sheet(questions=1)
    return paper


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "standard", "sheet_one_of"),
        ({"standard": {"questions": 0}}, "standard", "sheet_unknown_layout"),
        ({"standard": {"questions": 101}}, "standard.questions", "less_than_equal"),
        ({"standard": {"questions": 100, "numbers": 40}}, "standard", "sheet_too_full"),
        ({"standard": {"questions": 1}, "threshold": 0}, "threshold", "greater_than"),
        ({"standard": {"questions": 1}, "threshold": 1.5}, "threshold", "less_than_equal"),
        ({"specification": {"v": 2}}, "specification.v", "literal_error"),
    ],
)
def test_a_sheet_that_is_not_possible(one: Paper, body: dict[str, object], field: str, code: str) -> None:
    answer = put(one.teacher, f"{one.path}/sheet", body)

    assert answer.status_code == 400, answer.text
    assert problems(answer)[field] == code


@pytest.mark.requirement("OMR-3")
def test_another_vendors_sheet_is_described_by_its_specification(api: Api) -> None:
    paper = Paper(api)
    given = paper.sheet(questions=5)["specification"]
    given["id"], given["code"] = "vendor", None
    overlapping = {
        **given,
        "blocks": [*given["blocks"], {**given["blocks"][-1], "name": "b", "fields": ["x"]}],
    }

    taken = put(paper.teacher, f"{paper.path}/sheet", {"specification": given})
    refused = put(paper.teacher, f"{paper.path}/sheet", {"specification": overlapping})

    assert (taken.status_code, taken.json()["specification"]) == (200, given)
    assert (refused.status_code, problems(refused)) == (400, {"specification": "sheet_overlap"})
    assert paper.teacher.get(f"{paper.path}/sheet").json()["specification"] == given


@pytest.mark.requirement("API-2")
def test_only_those_who_manage_get_at_any_of_it(api: Api, one: Paper) -> None:
    school = one.school
    for person in (school.student, school.parent, school.operator):
        answers = [
            person.get(f"{one.path}/sheet"),
            put(person, f"{one.path}/key", {"items": []}),
            person.post(f"{one.path}/sheets"),
            person.get(f"{one.path}/results"),
            person.get(f"{one.path}/review"),
            person.post("/api/v1/documents", json={}),
            person.get("/api/v1/documents"),
            person.get("/api/v1/ai/job-types"),
            person.post("/api/v1/ai/jobs", json={}),
            person.post(f"/api/v1/classes/{one.class_id}/exports/attendance"),
        ]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "role_not_allowed")}
    assert api.anybody.get(f"{one.path}/sheet").status_code == 401
    assert school.owner.get(f"{one.path}/sheet").status_code == 200


@pytest.mark.requirement("AI-1")
def test_the_registry_says_what_may_be_ordered_and_nothing_else_is(one: Paper) -> None:
    kinds = {each["name"]: each for each in one.teacher.get("/api/v1/ai/job-types").json()["items"]}
    grading = kinds["omr_grading"]
    assert (grading["tiers"], grading["isolated"], grading["steps"]) == (
        ["basic", "premium"],
        True,
        ["fetch", "read", "store"],
    )
    assert grading["memory_limit"] > 0 < grading["time_limit"]
    assert "scan_id" in grading["payload"]["properties"]

    def order(**wish: object) -> tuple[int, str]:
        answer = one.teacher.post("/api/v1/ai/jobs", json=wish)
        return answer.status_code, answer.json().get("code", answer.json().get("type"))

    class_id = one.class_id
    assert order(type="score_excel_export", payload={"class_id": class_id}, tier="lite") == (
        202,
        "score_excel_export",
    )
    assert order(type="video.transcode", payload={}) == (422, "job_type_unknown")
    assert order(type="no_such", payload={}) == (422, "job_type_unknown")
    assert order(type="omr_grading", payload={"scan_id": "x"}, tier="lite") == (422, "tier_not_allowed")
    assert order(type="omr_grading", payload={"scan_id": "x"}, tier="gold") == (422, "tier_not_allowed")
    assert order(type="score_excel_export", payload={"class": class_id}) == (422, "payload_invalid")
    assert order(type="score_excel_export", payload=[]) == (400, "invalid_request")
    wrong = {"type": "score_excel_export", "payload": {"class": class_id}}
    korean = one.teacher.post("/api/v1/ai/jobs", json=wrong, headers={"Accept-Language": "ko"}).json()
    assert "required" not in str(korean)
    assert "class_id" in str(korean)


@pytest.mark.requirement("OMR-4")
def test_a_scan_that_is_read_is_not_read_a_second_time_at_once(one: Paper) -> None:
    paper = Paper(one.api)
    paper.sheet()
    scan = paper.teacher.post(f"{paper.path}/scans", json={"document_id": paper.upload()}).json()["scan"]
    wish = {"type": "omr_grading", "payload": {"scan_id": scan["id"]}}
    twice = paper.teacher.post("/api/v1/ai/jobs", json=wish)
    assert (twice.status_code, twice.json()["code"]) == (409, "scan_reading")


@pytest.mark.requirement("OMR-5")
def test_scores_name_who_noted_them_and_a_stranger_is_told_of_no_class(one: Paper) -> None:
    paper = Paper(one.api)
    student = paper.students[NAMES[0]]
    noted = paper.teacher.post(
        f"{paper.path}/scores", json={"items": [{"student_id": student, "score": 7}]}
    ).json()["items"]
    assert [(each["by"], each["by_name"]) for each in noted] == [(paper.teacher.viewer, "이름 teacher")]
    pupil = paper.school.student
    missing = pupil.http.get(f"{paper.path}/scores", headers={"Accept-Language": "ko"})
    assert (missing.status_code, "시험을 찾을 수 없습니다" in missing.text) == (404, True)


@pytest.mark.requirement("XLS-1")
def test_a_roster_is_previewed_and_taken_over_http(one: Paper) -> None:
    paper = Paper(one.api)
    content = "이름,식별번호,반\n새얼굴,10203077,수학 A\n".encode()
    document = paper.upload(content, "roster", name="roster.csv", kind="text/csv")
    ordered = paper.teacher.post("/api/v1/rosters/previews", json={"document_id": document})
    preview = json.loads(paper.fetch(paper.done(ordered.json()["id"])["result"]["document"]["id"]))
    assert (preview["new"], preview["ready"]) == (1, True)
    wish = {"document_id": document, "digest": preview["digest"], "choice": preview["choice"]}
    applied = paper.teacher.post("/api/v1/rosters/applications", json=wish)
    assert (applied.status_code, applied.headers["location"][:13]) == (202, "/api/v1/jobs/"), applied.text
    result = paper.done(applied.json()["id"])["result"]
    assert (result["added"], result["enrolments"]) == (1, 1)
    again = paper.teacher.post("/api/v1/rosters/applications", json=wish)
    assert (again.status_code, again.json()["code"]) == (409, "roster_applied")
    unknown = paper.teacher.post("/api/v1/rosters/applications", json={**wish, "document_id": "no-such"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@pytest.mark.requirement("AI-1")
@pytest.mark.requirement("API-2")
def test_a_job_sees_nothing_of_another_academy(api: Api, one: Paper) -> None:
    stranger = api.school().teacher
    wish = {"type": "score_excel_export", "payload": {"class_id": one.class_id}}

    ordered = stranger.post("/api/v1/ai/jobs", json=wish)
    one.done(ordered.json()["id"], person=stranger)

    job = stranger.get(f"/api/v1/jobs/{ordered.json()['id']}").json()
    assert (ordered.status_code, job["status"], job["result"]) == (202, "failed", None)
    assert stranger.get("/api/v1/documents").json()["items"] == []


@pytest.mark.requirement("API-1")
def test_an_order_that_is_repeated_is_one_order(one: Paper) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    wish = {"copies": 2}

    first = one.teacher.post(f"{one.path}/sheets", json=wish, headers=key)
    again = one.teacher.post(f"{one.path}/sheets", json=wish, headers=key)
    other = one.teacher.post(f"{one.path}/sheets", json={"copies": 3}, headers=key)

    assert (first.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("number", ["0", "-1", "x", "٣", "1000000000000000000000", "1.0", "2"])
@pytest.mark.requirement("API-1")
def test_a_page_that_there_is_not(one: Paper, number: str) -> None:
    for answer in (
        one.teacher.get(f"/api/v1/scans/no-such/pages/{number}"),
        one.teacher.post(f"/api/v1/scans/no-such/pages/{number}/decisions", json={"student": None}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
