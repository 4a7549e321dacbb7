"""Logging in, roles, and the walls between academies (SEC-1, API-2)."""

import sqlite3
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx2
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.db import connections
from django.test import RequestFactory, override_settings
from tests.support.api import PASSWORD, Api

from academy.domain.tenant.tenant import Role
from academy.interfaces.api.accounts.throttling import MOST_FAILURES
from academy.interfaces.api.configure import BUSY_SECONDS
from academy.interfaces.api.demo import ensure_demo, ensure_member


@pytest.fixture
def username(api: Api) -> str:
    """A teacher with a password, whose name no other test uses."""
    cache.clear()
    name = f"user-{uuid.uuid4().hex[:10]}"
    ensure_member(api.school().id, Role.TEACHER, name, PASSWORD, "이선생")
    connections.close_all()
    return name


def log_in(api: Api, username: str, password: str = PASSWORD) -> tuple[int, dict[str, str], dict[str, str]]:
    answer = api.anybody.post("/api/v1/auth/login", json={"username": username, "password": password})
    return answer.status_code, answer.json(), dict(answer.headers)


@pytest.mark.requirement("SEC-1")
def test_a_token_lets_in_until_logout_and_is_kept_only_as_a_hash(api: Api, username: str) -> None:
    status, body, _ = log_in(api, username)
    assert status == 200
    person = api.client(body["token"])
    me = person.get("/api/v1/auth/me").json()
    assert (me["username"], me["memberships"][0]["role"]) == (username, "teacher")

    with sqlite3.connect(api.settings.data_dir / "academy.sqlite3") as database:
        everything = "\n".join(database.iterdump())
    database.close()
    assert username in everything
    assert body["token"] not in everything
    assert PASSWORD not in everything
    assert "argon2" in everything

    assert person.post("/api/v1/auth/logout").status_code == 204
    assert person.get("/api/v1/auth/me").status_code == 401


@pytest.mark.requirement("SEC-1")
def test_five_wrong_passwords_lock_the_name_even_for_the_right_one(api: Api, username: str) -> None:
    wrong = [log_in(api, username, "not the password") for _ in range(5)]
    assert [status for status, _, _ in wrong][:4] == [401] * 4

    status, body, headers = log_in(api, username)

    assert (status, body["code"]) == (429, "too_many_logins")
    assert int(headers["retry-after"]) > 0


@pytest.mark.requirement("SEC-1")
def test_a_login_that_succeeds_clears_the_failures_before(api: Api, username: str) -> None:
    statuses = []
    for _ in range(2):
        statuses += [log_in(api, username, "x")[0] for _ in range(4)]
        statuses.append(log_in(api, username)[0])

    assert statuses == [401] * 4 + [200] + [401] * 4 + [200]


def fail_from_this_address(count: int) -> None:
    """Count failures as the server does, without the cost of a password each."""
    request = RequestFactory(REMOTE_ADDR="127.0.0.1").post("/api/v1/auth/login")
    for n in range(count):
        user_login_failed.send(sender=__name__, credentials={"username": f"nobody-{n}"}, request=request)


def in_admin(api: Api, username: str, password: str) -> httpx2.Response:
    with httpx2.Client(base_url=api.url, timeout=30, trust_env=False, verify=False) as browser:
        browser.get("/admin/login/")
        form = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        return browser.post("/admin/login/", data=form)


@pytest.fixture
def uncounted() -> Iterator[None]:
    """Nobody failed before, and nobody suffers afterwards."""
    cache.clear()
    with override_settings(AXES_ENABLED=False):
        yield
    cache.clear()


@pytest.mark.requirement("SEC-1")
def test_failures_of_a_whole_school_do_not_keep_out_a_right_password(
    api: Api, username: str, uncounted: None
) -> None:
    fail_from_this_address(60)

    assert log_in(api, username)[0] == 200


@pytest.mark.requirement("SEC-1")
def test_over_the_ceiling_of_an_address_only_who_was_there_before_is_heard(
    api: Api, username: str, uncounted: None
) -> None:
    assert log_in(api, username)[0] == 200
    fail_from_this_address(MOST_FAILURES)

    known = log_in(api, username)[0]
    guess = log_in(api, f"{username}-x", "x")
    page = in_admin(api, f"{username}-x", "x")

    assert known == 200
    assert (guess[0], guess[1]["code"]) == (429, "too_many_requests")
    assert 0 < int(guess[2]["retry-after"]) <= 60
    assert (page.status_code, page.json()["code"]) == (429, "too_many_requests")


@pytest.mark.requirement("SEC-1")
def test_failures_in_the_admin_count_as_well(api: Api, username: str, uncounted: None) -> None:
    fail_from_this_address(MOST_FAILURES - 1)
    assert in_admin(api, f"{username}-x", "x").status_code == 200

    assert in_admin(api, f"{username}-y", "y").status_code == 429


@pytest.mark.requirement("API-4")
def test_a_locked_database_is_an_outage_and_not_a_long_wait(api: Api, username: str) -> None:
    with closing(sqlite3.connect(api.settings.data_dir / "academy.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(2) as both:
            login = {"username": username, "password": PASSWORD}
            page = both.submit(in_admin, api, username, "x")
            # Patience for one wait, with a margin, and no more.
            answer = api.anybody.post("/api/v1/auth/login", json=login, timeout=BUSY_SECONDS + 3)
        other.rollback()

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert page.result().status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.requirement("SEC-1")
def test_an_unknown_name_and_a_wrong_password_look_alike(api: Api, username: str) -> None:
    _, unknown, _ = log_in(api, f"{username}-nobody")
    _, wrong, _ = log_in(api, username, "x")

    assert (unknown["code"], unknown["detail"]) == (wrong["code"], wrong["detail"])


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x y", "Bearer \xff\xfe", "Token abc", "Basic dTpw", f"Bearer {'a' * 500}"],
)
def test_what_is_no_token(api: Api, header: str) -> None:
    answer = api.anybody.get("/api/v1/auth/me", headers={b"Authorization": header.encode("latin-1").strip()})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.requirement("API-2")
def test_a_member_of_several_academies_names_one(api: Api) -> None:
    first, second, foreign = api.school(), api.school(), api.school()
    teacher = first.teacher
    get_user_model().objects.get(username=teacher.username).memberships.create(
        tenant_id=second.id, role="student"
    )
    connections.close_all()
    ready, hidden = second.ready_video(), second.video()

    unnamed = teacher.get("/api/v1/videos")
    named = teacher.get("/api/v1/videos", headers={"X-Academy-Tenant": second.id})
    elsewhere = teacher.get("/api/v1/videos", headers={"X-Academy-Tenant": foreign.id})
    nowhere = teacher.get("/api/v1/videos", headers={"X-Academy-Tenant": "no-such"})

    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "academy_required")
    assert [video["id"] for video in named.json()["items"]] == [ready.id]
    assert hidden.id not in named.text
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "academy_not_found")
    assert elsewhere.json()["detail"] == nowhere.json()["detail"]


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize("role", [Role.STUDENT, Role.PARENT])
def test_students_and_parents_see_what_is_ready_and_change_nothing(api: Api, role: Role) -> None:
    school = api.school()
    viewer = school.student if role is Role.STUDENT else school.parent
    ready, hidden = school.ready_video(), school.video()
    job = school.job()

    listed = viewer.get("/api/v1/videos").json()["items"]
    assert [video["id"] for video in listed] == [ready.id]
    assert (listed[0]["job_id"], listed[0]["file_name"], listed[0]["failure"]) == (None, None, None)
    assert viewer.get(f"/api/v1/videos/{ready.id}").status_code == 200
    assert viewer.get(f"/api/v1/videos/{hidden.id}").status_code == 404
    assert viewer.post(f"/api/v1/videos/{hidden.id}/playback").status_code == 404
    wish = {"title": "x", "file_name": "x", "size": 1, "content_type": "video/mp4"}
    refused = [
        viewer.post("/api/v1/videos", json=wish),
        viewer.http.patch(f"/api/v1/videos/{ready.id}", json={"title": "x"}),
        viewer.http.delete(f"/api/v1/videos/{ready.id}"),
        viewer.post(f"/api/v1/videos/{ready.id}/retry"),
        viewer.get(f"/api/v1/videos/{ready.id}/viewers"),
        viewer.get("/api/v1/jobs"),
        viewer.http.head("/api/v1/jobs"),
        viewer.get(f"/api/v1/jobs/{job.id}"),
        viewer.get(f"/api/v1/jobs/{job.id}/events"),
        viewer.get("/api/v1/operator/jobs"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert {answer.json()["code"] for answer in refused if answer.content} == {"role_not_allowed"}


@pytest.mark.requirement("API-2")
def test_only_an_operator_looks_across_academies(api: Api) -> None:
    ours, theirs = api.school(), api.school()
    job = theirs.job()

    seen = ours.operator.get(f"/api/v1/operator/jobs?tenant_id={theirs.id}").json()["items"]
    queues = ours.operator.get("/api/v1/operator/queues").json()["items"]

    assert [(found["id"], found["tenant_id"]) for found in seen] == [(job.id, theirs.id)]
    assert ours.operator.get(f"/api/v1/operator/jobs/{job.id}").json()["queue"] == "academy-video-jobs"
    video = next(queue for queue in queues if queue["name"] == "academy-video-jobs")
    assert (video["exists"], video["dead"]) == (True, 0)
    assert len(queues) == 7
    assert ours.operator.get(f"/api/v1/jobs/{job.id}").status_code == 404
    for person in (ours.owner, ours.teacher, ours.student):
        assert person.get("/api/v1/operator/queues").status_code == 403


@pytest.mark.requirement("OPS-5")
def test_an_operator_gives_a_cancelled_job_a_new_life(api: Api) -> None:
    school = api.school()
    job = school.job()
    assert school.teacher.post(f"/api/v1/jobs/{job.id}/cancel").json()["status"] == "cancelled"

    revived = school.operator.post(f"/api/v1/operator/jobs/{job.id}/retry", headers={"Idempotency-Key": "k"})
    again = school.operator.post(f"/api/v1/operator/jobs/{job.id}/retry")

    assert (revived.status_code, revived.json()["state"]) == (202, "PENDING")
    assert (again.status_code, again.json()["code"]) == (409, "state_conflict")


def test_the_demo_academy_can_be_made_twice(api: Api) -> None:
    cache.clear()
    first = ensure_demo(api.settings, api.backends.database)
    second = ensure_demo(api.settings, api.backends.database)

    assert first == second
    status, body, _ = log_in(api, "teacher", first.logins["teacher"])
    assert status == 200
    assert api.client(body["token"]).get("/api/v1/videos").status_code == 200
    kept = api.settings.data_dir / "demo-logins.json"
    assert kept.stat().st_mode & 0o077 == 0
