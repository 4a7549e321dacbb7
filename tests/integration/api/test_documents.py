"""Documents over HTTP: upload, look, fetch, remove (SEC-2, API-1)."""

import uuid

import pytest
from tests.integration.api.paper import PDF, Paper
from tests.support.academics import problems
from tests.support.api import Api

WISH = {"purpose": "scan", "file_name": "3반.pdf", "size": len(PDF), "content_type": "application/pdf"}


@pytest.fixture(scope="module")
def paper(api: Api) -> Paper:
    """A school."""
    return Paper(api)


@pytest.mark.requirement("SEC-2")
def test_what_was_uploaded_is_listed_and_fetched_until_it_is_removed(paper: Paper) -> None:
    document = paper.upload(purpose="blank_sheet", name="빈 답안지.pdf")

    listed = paper.teacher.get("/api/v1/documents?purpose=blank_sheet").json()["items"]
    (shown,) = (each for each in listed if each["id"] == document)
    assert (shown["file_name"], shown["size"], shown["state"]) == ("빈 답안지.pdf", len(PDF), "ready")
    assert shown["made_by"] == paper.teacher.viewer
    assert paper.fetch(document) == PDF
    assert all(
        each["id"] != document for each in paper.teacher.get("/api/v1/documents?purpose=note").json()["items"]
    )
    assert paper.teacher.http.delete(f"/api/v1/documents/{document}").status_code == 204
    gone = paper.teacher.get(f"/api/v1/documents/{document}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


@pytest.mark.requirement("SEC-2")
def test_a_file_of_another_kind_is_refused_by_its_first_bytes(api: Api, paper: Paper) -> None:
    content = b"MZ" + bytes(len(PDF) - 2)
    begun = paper.teacher.post("/api/v1/documents", json=WISH).json()
    where = f"/api/v1/documents/{begun['document']['id']}"
    early = paper.teacher.post(f"{where}/complete", json={})
    api.anybody.put(api.at(begun["upload"]["urls"][0]), content=content, headers=begun["upload"]["headers"])

    refused = paper.teacher.post(f"{where}/complete", json={})

    assert early.json()["code"] == "upload_not_found"
    assert (refused.status_code, refused.json()["code"]) == (415, "document_kind")
    failed = paper.teacher.get(where).json()
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "document_kind")
    assert paper.teacher.get(f"{where}/url").status_code == 409
    scan = paper.teacher.post(f"{paper.path}/scans", json={"document_id": begun["document"]["id"]})
    assert scan.status_code in {404, 409}


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"purpose": "note"}, "purpose", "literal_error"),
        ({"file_name": ""}, "file_name", "string_too_short"),
        ({"size": -1}, "size", "greater_than_equal"),
        ({"size": 0}, "size", "document_empty"),
        ({"size": 1 << 40}, "size", "document_too_large"),
        ({"content_type": "pdf"}, "content_type", "string_pattern_mismatch"),
        ({"subject": "a\nb"}, "subject", "string_pattern_mismatch"),
        ({"folder": "x"}, "folder", "extra_forbidden"),
    ],
)
def test_a_wish_that_cannot_be(paper: Paper, change: dict[str, object], field: str, code: str) -> None:
    answer = paper.teacher.post("/api/v1/documents", json=WISH | change)

    assert answer.status_code == 400, answer.text
    assert problems(answer)[field] == code


@pytest.mark.requirement("API-1")
def test_an_upload_that_is_begun_twice_with_one_key_is_one(paper: Paper) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}

    first = paper.teacher.post("/api/v1/documents", json=WISH, headers=key)
    again = paper.teacher.post("/api/v1/documents", json=WISH, headers=key)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.requirement("XLS-1")
def test_a_document_serves_its_own_purpose_only(paper: Paper) -> None:
    paper.sheet(questions=1)
    scan = paper.upload()

    preview = paper.teacher.post("/api/v1/rosters/previews", json={"document_id": scan})
    nowhere = paper.teacher.post("/api/v1/rosters/previews", json={"document_id": "no-such"})

    assert (preview.status_code, problems(preview)) == (400, {"document_id": "document_wrong_purpose"})
    assert (nowhere.status_code, problems(nowhere)) == (404, {"document_id": "document_not_found"})
