"""An academy that is ready to send messages, over HTTP."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx2

from tests.support.api import Api, Person, School

__all__ = ["KOREAN", "ask", "credit", "noon", "order", "ready_school", "set_up", "students_of"]

_senders = count(10_000_000)
KOREAN = {"Accept-Language": "ko"}


def ask(person: Person, method: str, path: str, **json: Any) -> httpx2.Response:
    """Send a request with a JSON body, none without fields."""
    return person.http.request(method, f"/api/v1/{path}", json=json or None)


def credit(school: School, amount: int, /, **more: Any) -> httpx2.Response:
    """Let an operator pay in credit."""
    path = f"operator/academies/{school.id}/credits"
    return ask(school.operator, "POST", path, **{"kind": "top_up", "amount": amount, **more})


def set_up(school: School, **change: Any) -> dict[str, Any]:
    """Let the owner enter a sender number of the academy's own and switch messages on."""
    fields = {"enabled": True, "sender": f"02{next(_senders)}", **change}
    answer = ask(school.owner, "PATCH", "messaging/settings", **fields)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ready_school(api: Api, won: int = 100_000) -> School:
    """Make an academy with settings, prices of 10, 30 and 7 won, and credit."""
    school = api.school()
    set_up(school)
    prices = ask(
        school.operator, "PATCH", f"operator/academies/{school.id}/prices", sms=10, lms=30, alimtalk=7
    )
    assert prices.status_code == 200, prices.text
    if won:
        assert credit(school, won).status_code == 201
    return school


def students_of(school: School, class_name: str, *students: dict[str, Any]) -> tuple[str, list[str]]:
    """Make a class and students in it; return its id and theirs."""
    made = ask(school.teacher, "POST", "classes", name=class_name).json()
    ids = [
        ask(school.teacher, "POST", "students", **each, class_names=[class_name]).json()["id"]
        for each in students
    ]
    return made["id"], ids


def order(school: School, **wish: Any) -> dict[str, Any]:
    """Order messages and return the order as it was answered."""
    answer = ask(school.teacher, "POST", "messages/orders", **wish)
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()["order"]
    return made


def noon(days: int = 1) -> str:
    """Return noon in Korea, some days from now."""
    day = datetime.now(UTC) + timedelta(days=days)
    return f"{day:%Y-%m-%d}T12:00:00+09:00"
