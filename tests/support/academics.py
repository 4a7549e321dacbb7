"""Asking the API about people and classes."""

from typing import Any

import httpx2

from tests.support.api import Person

__all__ = ["FATHER", "HANEUL", "MOTHER", "change", "make", "problems"]

MOTHER = {"name": "이엄마", "phone": "010-2222-3333", "relation": "mother"}
FATHER = {"name": "김아빠", "phone": "010-4444-5555", "relation": "father"}
HANEUL = {
    "name": " 김하늘 ",
    "phone": "+82 10-1234-5678",
    "note": "알레르기\n있음",
    "parents": [MOTHER, FATHER],
}


def make(person: Person, folder: str, **wish: Any) -> dict[str, Any]:
    """Make something that must succeed."""
    answer = person.post(f"/api/v1/{folder}", json=wish)
    assert answer.status_code in {200, 201}, answer.text
    made: dict[str, Any] = answer.json()
    return made


def change(person: Person, path: str, **wish: Any) -> httpx2.Response:
    """Change something."""
    return person.http.patch(f"/api/v1/{path}", json=wish)


def problems(answer: httpx2.Response) -> dict[str, str]:
    """Return the codes of what is wrong by field."""
    return {each["field"]: each["code"] for each in answer.json()["errors"]}
