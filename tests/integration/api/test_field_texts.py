"""Every kind of wrong field is told in Korean and English, with the limit or the values that are allowed (API-1)."""

from typing import Any

import pytest
from tests.support.api import Api, Person
from tests.support.messaging import KOREAN

pytestmark = pytest.mark.requirement("API-1")
ORDERS = "messages/orders"
FINE: dict[str, Any] = {"text": "안내", "to": [{"phone": "01012345678"}]}


def told(person: Person, path: str, body: bytes | dict[str, Any] | None) -> list[dict[str, str]]:
    """Return the one problem of a field in English and in Korean."""
    found = []
    for headers in ({"Accept-Language": "en"}, KOREAN):
        if body is None:
            answer = person.get(f"/api/v1/{path}", headers=headers)
        elif isinstance(body, bytes):
            kind = {"Content-Type": "application/json"}
            answer = person.post(f"/api/v1/{path}", content=body, headers=headers | kind)
        else:
            answer = person.post(f"/api/v1/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
        (problem,) = answer.json()["errors"]
        found.append(problem)
    return found


@pytest.mark.parametrize(
    ("path", "body", "field", "code", "english", "korean"),
    [
        (ORDERS, b"{", "", "json_invalid", "line 1 column 1", "line 1 column 1"),
        (ORDERS, b'{"text": "a", "text": "b"}', "", "json_name_twice", "stands twice", "두 번"),
        (ORDERS, {**FINE, "send_at": "1900000000"}, "send_at", "datetime_parsing", "+09:00", "+09:00"),
        (ORDERS, b"[]", "", "model_type", "JSON object", "JSON 객체"),
        (ORDERS, {**FINE, "more": 1}, "more", "extra_forbidden", "no such field", "알 수 없는 항목"),
        ("messages/templates", {"name": "가"}, "text", "missing", "required", "필수 항목"),
        (ORDERS, {**FINE, "text": 1}, "text", "string_type", "A text", "문자열"),
        (ORDERS, {**FINE, "text": "가" * 4001}, "text", "string_too_long", "at most 4,000", "4,000자 이하"),
        (
            "messages/templates",
            {"name": "", "text": "가"},
            "name",
            "string_too_short",
            "at least 1",
            "1자 이상",
        ),
        (
            ORDERS,
            {**FINE, "title": "가\n나"},
            "title",
            "string_pattern_mismatch",
            "line breaks",
            "줄바꿈",
        ),
        (ORDERS, {**FINE, "text": "가\u0007"}, "text", "string_pattern_mismatch", "control", "제어 문자"),
        (
            "messages/templates",
            {"name": "가", "text": "가", "kakao_template_id": "a b"},
            "kakao_template_id",
            "string_pattern_mismatch",
            "A-Za-z0-9",
            "A-Za-z0-9",
        ),
        (
            ORDERS,
            {**FINE, "skip_invalid": "yes"},
            "skip_invalid",
            "bool_type",
            "true or false",
            "true 또는 false",
        ),
        (
            ORDERS,
            {**FINE, "audience": "teachers"},
            "audience",
            "literal_error",
            "parents, students, both",
            "parents, students, both",
        ),
        (ORDERS, {**FINE, "to": {}}, "to", "list_type", "A list", "목록"),
        (ORDERS, {**FINE, "to": [1]}, "to.0", "model_type", "JSON object", "JSON 객체"),
        (ORDERS, {**FINE, "variables": []}, "variables", "dict_type", "JSON object", "JSON 객체"),
        (ORDERS, {**FINE, "student_ids": ["x"] * 10_001}, "student_ids", "too_long", "10,000", "10,000개"),
        ("students/bulk", {"students": []}, "students", "too_short", "at least 1", "1개 이상"),
        (
            ORDERS,
            {**FINE, "send_at": "2027-01-01T00:00:00"},
            "send_at",
            "timezone_aware",
            "+09:00",
            "+09:00",
        ),
        (
            ORDERS,
            {**FINE, "send_at": "tomorrow"},
            "send_at",
            "datetime_parsing",
            "+09:00",
            "+09:00",
        ),
        (ORDERS, {**FINE, "send_at": 1}, "send_at", "datetime_type", "+09:00", "+09:00"),
        (
            ORDERS,
            {**FINE, "send_at": "0001-01-01T00:00:00Z"},
            "send_at",
            "year_out_of_range",
            "2000 to 2199",
            "2000년부터 2199년",
        ),
        (ORDERS, {**FINE, "on": "tomorrow"}, "on", "date_parsing", "2026-11-20", "2026-11-20"),
        (ORDERS, {**FINE, "on": 1.5}, "on", "date_type", "2026-11-20", "2026-11-20"),
        ("messages/log?since=2026-11-20", None, "since", "timezone_aware", "+09:00", "+09:00"),
        (
            "messages/log?since=2026-11-20T00:00:00+09:00",
            None,
            "since",
            "datetime_from_date_parsing",
            "%2B",
            "%2B",
        ),
        (
            "messages/log?since=9999-01-01T00:00:00Z",
            None,
            "since",
            "year_out_of_range",
            "2000 to 2199",
            "2000년부터 2199년",
        ),
        ("messages/log?state=LOST", None, "state", "literal_error", "QUEUED, SENDING", "QUEUED, SENDING"),
        ("messages/log?limit=0", None, "limit", "greater_than_equal", "1 or more", "1 이상"),
        ("messages/log?limit=101", None, "limit", "less_than_equal", "100 or less", "100 이하"),
        ("messages/log?limit=x", None, "limit", "int_parsing", "whole number", "정수"),
        (
            "messages/log?limit=" + "9" * 5000,
            None,
            "limit",
            "int_parsing_size",
            "digits",
            "숫자가 너무 깁니다",
        ),
        (
            "students?include_inactive=maybe",
            None,
            "include_inactive",
            "bool_parsing",
            "true or false",
            "true 또는",
        ),
        (
            "exams",
            {"class_id": "x", "title": "가", "max_score": "x"},
            "max_score",
            "float_type",
            "A number",
            "숫자",
        ),
        (
            "exams",
            {"class_id": "x", "title": "가", "max_score": 0},
            "max_score",
            "greater_than",
            "more than 0",
            "0보다",
        ),
        (
            "videos",
            {"title": "a", "file_name": "a", "size": 1.5, "content_type": "video/mp4"},
            "size",
            "int_type",
            "whole number",
            "정수",
        ),
        (
            "videos",
            {"title": "a", "file_name": "a", "size": "1", "content_type": "video/mp4"},
            "size",
            "int_type",
            "whole number",
            "정수",
        ),
    ],
)
def test_a_wrong_field_says_what_is_wanted(
    api: Api, path: str, body: bytes | dict[str, Any] | None, field: str, code: str, english: str, korean: str
) -> None:
    in_english, in_korean = told(api.school().teacher, path, body)

    assert [(each["field"], each["code"]) for each in (in_english, in_korean)] == [(field, code)] * 2
    assert english in in_english["message"]
    assert korean in in_korean["message"]
    assert in_korean["message"] != in_english["message"]


def test_what_was_sent_is_not_repeated(api: Api) -> None:
    secret = "비밀" * 2500
    teacher = api.school().teacher

    for body in ({**FINE, "text": secret}, {**FINE, "audience": secret}, {**FINE, "send_at": secret}):
        assert all("비밀" not in each["message"] for each in told(teacher, ORDERS, body))
