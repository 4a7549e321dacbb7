"""What cannot be ordered of a graph is said at once, by field and in both languages, and to whom (API-1, API-2, GRA-1)."""

from dataclasses import replace
from typing import Any

import pytest
from tests.integration.api.study import KOREAN, Study
from tests.support.academics import problems
from tests.support.api import Api

from academy.application.ports.database import Transaction

ROUTES = {
    "graphs": {"user_id": "u"},
    "graphs/nodes": {"user_id": "u"},
    "graphs/summary": {"user_id": "u"},
    "graphs/search": {"user_id": "u", "text": "?"},
    "microscope/documents": {"user_id": "u"},
    "microscope/questions": {"user_id": "u", "question": "?"},
    "microscope/syntheses": {"user_id": "u"},
    "microscope/related-questions": {"user_id": "u"},
}


@pytest.fixture(scope="module")
def study(api: Api) -> Study:
    """An academy."""
    return Study(api)


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("path", "wish", "field", "code"),
    [
        ("graphs", {"document_ids": ["x"]}, "user_id", "missing"),
        ("graphs", {"user_id": "", "document_ids": ["x"]}, "user_id", "string_too_short"),
        ("graphs", {"user_id": "a\nb", "document_ids": ["x"]}, "user_id", "string_pattern_mismatch"),
        ("graphs", {"user_id": 7, "document_ids": ["x"]}, "user_id", "string_type"),
        ("graphs", {"user_id": "u", "seed": -1}, "seed", "greater_than_equal"),
        ("graphs", {"user_id": "u", "language": "jp"}, "language", "literal_error"),
        ("graphs", {"user_id": "u", "bucket": "b"}, "bucket", "extra_forbidden"),
        ("graphs", {"user_id": "u", "keys": ["k"] * 2001}, "keys", "too_long"),
        ("graphs/search", {"user_id": "u"}, "text", "missing"),
        ("graphs/search", {"user_id": "u", "text": ""}, "text", "string_too_short"),
        ("graphs/search", {"user_id": "u", "text": "?", "limit": 51}, "limit", "less_than_equal"),
        ("microscope/questions", {"user_id": "u"}, "question", "missing"),
        ("microscope/questions", {"user_id": "u", "question": ""}, "question", "string_too_short"),
        ("microscope/questions", {"user_id": "u", "question": "?", "limit": 21}, "limit", "less_than_equal"),
        ("microscope/syntheses", {"user_id": "u", "sentences": 0}, "sentences", "greater_than_equal"),
    ],
)
def test_a_field_that_is_wrong(study: Study, path: str, wish: dict[str, Any], field: str, code: str) -> None:
    answer = study.teacher.post(f"/api/v1/{path}", json=wish)

    assert answer.status_code == 400, answer.text
    assert problems(answer)[field] == code


@pytest.mark.requirement("GRA-1")
@pytest.mark.requirement("API-2")
@pytest.mark.parametrize(
    ("path", "wish", "status", "field", "code"),
    [
        ("graphs", {}, 422, "document_ids", "nothing_named"),
        ("graphs", {"keys": ["tenants/other/notes/a.md"]}, 422, "keys.0", "foreign_key"),
        ("graphs", {"keys": ["notes/a.md"]}, 422, "keys.0", "foreign_key"),
        ("graphs", {"prefixes": ["tenants/"]}, 422, "prefixes.0", "foreign_key"),
        ("graphs", {"prefixes": ["tenants/{us}/notes"]}, 422, "prefixes.0", "prefix_without_slash"),
        ("graphs", {"keys": ["tenants/{us}/../x"]}, 422, "keys.0", "foreign_key"),
        ("graphs", {"document_ids": ["no-such"]}, 404, "document_ids.0", "document_not_found"),
        ("graphs/nodes", {"document_ids": ["no-such"]}, 404, "user_id", "graph_not_found"),
        ("graphs/summary", {}, 404, "user_id", "graph_not_found"),
        ("graphs/search", {"text": "조선"}, 404, "user_id", "graph_not_found"),
        ("microscope/documents", {}, 422, "key", "one_source"),
        ("microscope/documents", {"key": "a", "document_id": "b"}, 422, "document_id", "one_source"),
        ("microscope/documents", {"key": "tenants/other/a.md"}, 422, "key", "foreign_key"),
        ("microscope/documents", {"document_id": "no-such"}, 404, "document_id", "document_not_found"),
        ("microscope/questions", {"question": "?"}, 404, "user_id", "microscope_document_not_found"),
        (
            "microscope/syntheses",
            {"document_ids": ["none"]},
            404,
            "document_ids.0",
            "microscope_document_not_found",
        ),
    ],
)
def test_what_is_not_ours_or_not_there(
    study: Study, path: str, wish: dict[str, Any], status: int, field: str, code: str
) -> None:
    own = {
        name: [each.replace("{us}", study.school.id) for each in value] if isinstance(value, list) else value
        for name, value in wish.items()
    }
    answer = study.teacher.post(f"/api/v1/{path}", json={"user_id": "nobody", **own})

    assert answer.status_code == status, answer.text
    assert problems(answer)[field] == code
    assert study.teacher.get("/api/v1/jobs", params={"subject": "graph:nobody"}).json()["items"] == []


@pytest.mark.requirement("API-1")
def test_refusals_are_told_in_korean_too(study: Study) -> None:
    korean = {"Accept-Language": "ko"}
    wish = {"user_id": "u", "keys": ["tenants/other/a.md"]}
    refused = study.teacher.post("/api/v1/graphs", json=wish, headers=korean)
    missing = study.teacher.post("/api/v1/graphs/summary", json={"user_id": "u"}, headers=korean)
    unread = study.teacher.post(
        "/api/v1/microscope/questions", json={"user_id": "u", "question": "?"}, headers=korean
    )

    assert "학원의 파일이 아니므로" in refused.json()["detail"]
    assert "그래프를 찾을 수 없습니다" in missing.json()["detail"]
    assert "현미경" in unread.json()["detail"]


@pytest.mark.requirement("SEC-2")
def test_an_open_upload_and_a_document_of_another_purpose_are_no_material(study: Study) -> None:
    wish = {"purpose": "study", "file_name": "a.md", "size": 3, "content_type": "text/markdown"}
    begun = study.teacher.post("/api/v1/documents", json=wish).json()["document"]["id"]
    paper = study.upload("a.pdf", b"%PDF-1.7\n%%EOF\n", kind="application/pdf", purpose="paper")

    early = study.teacher.post("/api/v1/graphs", json={"user_id": "u", "document_ids": [begun]})
    other = study.teacher.post("/api/v1/graphs", json={"user_id": "u", "document_ids": [paper]})

    assert (early.status_code, problems(early)) == (409, {"document_ids.0": "document_not_ready"})
    assert (other.status_code, problems(other)) == (422, {"document_ids.0": "document_wrong_purpose"})


@pytest.mark.requirement("API-2")
def test_students_and_parents_see_no_graph_and_order_none(study: Study) -> None:
    for person in (study.school.student, study.school.parent):
        for path, wish in ROUTES.items():
            assert person.post(f"/api/v1/{path}", json=wish).status_code == 403, path
        user = {"user_id": "u"}
        for path in ("graphs", "graphs/one", "graphs/summary", "graphs/picture", "microscope/documents"):
            assert person.get(f"/api/v1/{path}", params=user).status_code == 403, path
        for path in ("graphs", "microscope/documents"):
            assert person.http.delete(f"/api/v1/{path}", params=user).status_code == 403, path
    for person in (study.school.owner, study.school.operator):
        assert person.get("/api/v1/graphs").status_code == 200


@pytest.mark.requirement("API-2")
def test_a_user_of_the_same_name_in_another_academy_is_somebody_else(api: Api, study: Study) -> None:
    key = study.upload("조선.md", KOREAN["조선.md"])
    ordered = study.order("graphs", user_id="same", document_ids=[key])
    stranger = Study(api).teacher

    assert stranger.post("/api/v1/graphs", json={"user_id": "same", "document_ids": [key]}).status_code == 404
    assert stranger.get(f"/api/v1/jobs/{ordered['id']}").status_code == 404
    erased = stranger.http.delete("/api/v1/graphs", params={"user_id": "same"})
    assert erased.status_code == 202
    ours = study.teacher.get(f"/api/v1/jobs/{ordered['id']}").json()
    assert (ours["status"], ours["cancel_requested"]) == ("queued", False)


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize("query", [{}, {"user_id": ""}, {"user_id": "u", "all": "1"}])
def test_an_erasure_names_one_user_and_nothing_else(study: Study, query: dict[str, str]) -> None:
    assert study.teacher.http.delete("/api/v1/graphs", params=query).status_code == 400


@pytest.mark.requirement("API-1")
def test_lists_are_turned_page_by_page_whatever_users_are_called(api: Api) -> None:
    study = Study(api)
    users = sorted([f"{letter * 199}/" for letter in ("가", "나", "A")] + ["😀" * 200, "a b&c=d#e?f"])

    def work(tx: Transaction) -> None:
        for user in users:
            graph = tx.graphs.reserve(study.school.id, user, "job")
            assert graph is not None
            tx.graphs.publish(
                replace(graph, build="job", prefix=f"tenants/{study.school.id}/graph/x/", nodes=1)
            )

    api.backends.database.run_sync(work)

    seen, cursor = [], ""
    while True:
        page = study.teacher.get("/api/v1/graphs", params={"limit": 2, "cursor": cursor}).json()
        seen += [each["user_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break

    assert sorted(seen) == users
    for user in users:
        assert study.graph(user)["user_id"] == user
    assert study.teacher.get("/api/v1/graphs", params={"cursor": "x"}).json()["code"] == "cursor_invalid"
    assert study.teacher.get("/api/v1/graphs/one?user_id=%00").status_code == 400
