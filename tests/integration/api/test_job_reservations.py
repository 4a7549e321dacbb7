"""The job of a reservation says over HTTP for when it waits: alone, in lists and as news (API-3)."""

import json

import pytest
from tests.support.api import Api
from tests.support.messaging import ask, noon, order, ready_school

pytestmark = [pytest.mark.requirement("API-3"), pytest.mark.requirement("MSG-4")]
ONE = [{"phone": "010-1234-5678"}]


def test_a_reservation_says_for_when_it_waits_wherever_its_job_is_shown(api: Api) -> None:
    school = ready_school(api, won=100)
    later = order(school, text="내일", send_at=noon(), to=ONE)["job_id"]
    now = order(school, text="지금", to=ONE)["job_id"]

    shown = ask(school.teacher, "GET", f"jobs/{later}").json()
    listed = {each["id"]: each for each in ask(school.teacher, "GET", "jobs").json()["items"]}
    with school.teacher.http.stream("GET", f"/api/v1/jobs/{later}/events") as answer:
        news = next(line for line in answer.iter_lines() if line.startswith("data:"))

    assert (shown["status"], shown["status_text"].startswith("Reserved for ")) == ("queued", True)
    assert shown["next_attempt_at"][:10] == noon()[:10]
    for same in (listed[later], json.loads(news.removeprefix("data:"))):
        assert (same["next_attempt_at"], same["status_text"]) == (
            shown["next_attempt_at"],
            shown["status_text"],
        )
    assert (listed[now]["next_attempt_at"], listed[now]["status_text"]) == (None, "Waiting for its turn.")


def test_the_answer_to_a_reservation_says_it_already(api: Api) -> None:
    school = ready_school(api, won=100)
    wish = {"text": "내일", "send_at": noon(), "to": ONE}
    said = ask(school.teacher, "POST", "messages/orders", **wish).json()["job"]
    shown = ask(school.teacher, "GET", f"jobs/{said['id']}").json()
    assert said["status_text"].startswith("Reserved for ")
    assert (said["status_text"], said["next_attempt_at"]) == (shown["status_text"], shown["next_attempt_at"])
