"""Errors as problem details (API-1): stable codes, words in two languages, nothing of the inside."""

import logging
import socket
from urllib.parse import urlsplit

import pytest
from tests.support.api import Api

from academy.interfaces.api.wsgi_pool import MAX_BODY_BYTES

WISH = b'{"title":"a","file_name":"a","size":1,"content_type":"video/mp4"}'


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_request"),
        (b"[]", "application/json", 400, "invalid_request"),
        (b"null", "application/json", 400, "invalid_request"),
        (b'"x"', "application/json", 400, "invalid_request"),
        (b"\xff\xfe{}", "application/json", 400, "invalid_request"),
        (b"[" * 100_000, "application/json", 400, "invalid_request"),
        (b'{"title":' * 50_000, "application/json", 400, "invalid_request"),
        (WISH.replace(b'"a"', b'"\\ud800"', 1), "application/json", 400, "invalid_request"),
        (WISH.replace(b'"a"', b'"\\u0000"', 1), "application/json", 400, "invalid_request"),
        (WISH.replace(b":1,", b":NaN,"), "application/json", 400, "invalid_request"),
        (WISH.replace(b":1,", b":1e400,"), "application/json", 400, "invalid_request"),
        (WISH.replace(b":1,", b":" + b"9" * 5000 + b","), "application/json", 400, "invalid_request"),
        (WISH.replace(b":1,", b':"1",'), "application/json", 400, "invalid_request"),
        (WISH, "text/plain", 415, "not_json"),
        (WISH, "application/x-www-form-urlencoded", 415, "not_json"),
        (WISH, "", 415, "not_json"),
        (b" " * (MAX_BODY_BYTES + 1), "application/json", 413, "body_too_large"),
    ],
)
def test_bodies_that_are_not_what_they_should_be(
    api: Api, content: bytes, content_type: str, status: int, code: str
) -> None:
    teacher = api.school().teacher
    headers = {"Content-Type": content_type} if content_type else {}

    answer = teacher.post("/api/v1/videos", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/videos/no-such", 404, "not_found"),
        ("GET", "/api/v1/videos/a%00b", 404, "not_found"),
        ("GET", "/api/v1/videos/%ff%fe", 404, "not_found"),
        ("GET", "/api/v1/videos/..%2f..%2fetc", 404, "not_found"),
        ("GET", "/api/v1/jobs/" + "a" * 5000, 404, "not_found"),
        ("PUT", "/api/v1/videos", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/videos", 405, "method_not_allowed"),
        ("TRACE", "/api/v1/videos", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("POST", "/media/x/y", 405, "method_not_allowed"),
        ("DELETE", "/objects/x/y", 405, "method_not_allowed"),
        ("POST", "/api/v1/jobs/x/events", 404, "not_found"),
        ("GET", "/api/v1/videos?limit=0", 400, "invalid_request"),
        ("GET", "/api/v1/videos?limit=x", 400, "invalid_request"),
        ("GET", "/api/v1/videos?limit=101", 400, "invalid_request"),
        ("GET", "/api/v1/videos?page=2", 400, "invalid_request"),
        ("GET", "/api/v1/videos?cursor=x", 400, "cursor_invalid"),
        ("GET", "/api/v1/videos?cursor=%00", 400, "invalid_request"),
        ("GET", "/api/v1/jobs?cursor=bm90IG91cnM", 400, "cursor_invalid"),
        ("GET", "/api/v1/jobs?state=LOST", 400, "invalid_request"),
    ],
)
def test_addresses_that_lead_nowhere(api: Api, method: str, path: str, status: int, code: str) -> None:
    answer = api.school().teacher.http.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert status != 405 or "allow" in answer.headers


@pytest.mark.requirement("API-1")
def test_a_problem_names_every_field_in_the_language_asked_for(api: Api) -> None:
    teacher = api.school().teacher
    wrong = {"title": "", "size": "1", "content_type": "video/mp4", "more": 1}

    english = teacher.post("/api/v1/videos", json=wrong, headers={"Accept-Language": "en-GB"}).json()
    korean = teacher.post(
        "/api/v1/videos", json=wrong, headers={"Accept-Language": "fr, ko;q=0.9, en;q=0.1"}
    ).json()

    found = {error["field"]: error["code"] for error in english["errors"]}
    assert found == {
        "title": "string_too_short",
        "file_name": "missing",
        "size": "int_type",
        "more": "extra_forbidden",
    }
    assert {error["field"]: error["message"] for error in korean["errors"]}["file_name"] == "필수 항목입니다."
    assert (english["title"], korean["title"]) == ("Bad request", "잘못된 요청")


@pytest.mark.requirement("API-1", "SEC-2")
def test_a_field_name_that_was_sent_comes_back_short_and_clean(api: Api) -> None:
    wrong = {"x" * 200_000: 1, "a\0b\n": 1}

    answer = api.school().teacher.post("/api/v1/videos", json=wrong)

    fields = [error["field"] for error in answer.json()["errors"] if error["code"] == "extra_forbidden"]
    assert fields == ["x" * 100 + "…", "a\ufffdb\ufffd"]
    assert len(answer.content) < 2_000


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(("language", "word"), [("en", "less at once"), ("ko", "나누어 보내")])
def test_a_body_that_is_too_large_is_told_how_large_it_may_be(api: Api, language: str, word: str) -> None:
    headers = {"Content-Type": "application/json", "Accept-Language": language}
    teacher = api.school().teacher
    known = teacher.post("/api/v1/videos", content=b" " * (MAX_BODY_BYTES + 1), headers=headers).json()
    stranger = api.anybody.post("/api/v1/auth/login", content=b" " * 20_000, headers=headers).json()

    assert (known["code"], stranger["code"]) == ("body_too_large", "body_too_large")
    assert "1,024" in known["detail"]
    assert word in known["detail"]
    assert " 16" in stranger["detail"]
    assert ("log in" if language == "en" else "로그인") in stranger["detail"]


@pytest.mark.requirement("API-1")
def test_a_refusal_of_a_use_case_speaks_korean(api: Api) -> None:
    school = api.school()
    video = school.video()

    answer = school.student.http.post(
        f"/api/v1/videos/{school.ready_video().id}/playback", headers={"Accept-Language": "ko"}
    )
    refused = school.teacher.post(f"/api/v1/videos/{video.id}/playback", headers={"Accept-Language": "ko"})

    assert answer.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "video_not_ready")
    assert refused.json()["detail"].startswith("아직 재생할 수 없는")
    assert refused.headers["content-language"] == "ko"


@pytest.mark.requirement("API-1")
def test_the_problem_names_the_trace(api: Api) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}

    assert api.anybody.get("/x", headers=headers).json()["instance"] == f"urn:academy:trace:{trace}"
    for bad in ("", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "x" * 5000):
        instance = api.anybody.get("/x", headers={"traceparent": bad}).json()["instance"]
        assert len(instance) == len(f"urn:academy:trace:{trace}")


@pytest.mark.requirement("SEC-3")
def test_every_answer_carries_the_headers_of_safety(api: Api) -> None:
    teacher = api.school().teacher
    for path in ("/api/v1/videos", "/x", "/healthz", "/media/x/y", "/objects/x/y", "/api/v1/openapi.json"):
        headers = teacher.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "server" not in headers, path


@pytest.mark.requirement("API-1")
def test_lists_go_on_where_the_last_page_ended(api: Api) -> None:
    school = api.school()
    made = [school.video().id for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = school.teacher.get("/api/v1/videos", params={"limit": 2, "cursor": cursor}).json()
        seen += [video["id"] for video in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(seen) == sorted(made)
    assert cursor == ""


def test_a_header_with_an_underscore_cannot_pose_as_another(api: Api) -> None:
    school, other = api.school(), api.school()
    parts = urlsplit(api.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0)) as line:
        request = (
            "GET /api/v1/videos HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {school.teacher.token}\r\nX_Academy_Tenant: {other.id}\r\n\r\n"
        )
        line.sendall(request.encode())
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200")


def test_an_unknown_host_is_refused_without_noise(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = api.school().teacher.get("/api/v1/videos", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert [each for each in caplog.records if each.exc_info or each.levelno > logging.WARNING] == []
    assert [each.levelname for each in caplog.records if each.getMessage() == "request_refused"] == [
        "WARNING"
    ]
