"""Every endpoint, one by one: another academy gets 404 (API-2). A new endpoint fails here until it is covered."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import pytest
from django.urls import get_resolver
from tests.support.api import Api, Person, School

from academy.interfaces.api.asgi import NATIVE_ROUTES


@dataclass
class Foreign:
    """What the other academy has."""

    video: str
    job: str
    session: str


Ask = Callable[[Person, Foreign], httpx2.Response]
WISH = {"title": "x", "file_name": "x", "size": 1, "content_type": "video/mp4"}
BEAT = {"position": 1.0, "played_from": 0.0}

# Route → a request about the other academy's thing that has to end in 404.
REFUSED: dict[str, list[Ask]] = {
    "/api/v1/videos/<str:video_id>": [
        lambda us, it: us.get(f"/api/v1/videos/{it.video}"),
        lambda us, it: us.http.patch(f"/api/v1/videos/{it.video}", json={"title": "ours now"}),
        lambda us, it: us.http.delete(f"/api/v1/videos/{it.video}"),
    ],
    "/api/v1/videos/<str:video_id>/complete": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/complete")],
    "/api/v1/videos/<str:video_id>/retry": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/retry")],
    "/api/v1/videos/<str:video_id>/cancel": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/cancel")],
    "/api/v1/videos/<str:video_id>/playback": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/playback")],
    "/api/v1/videos/<str:video_id>/viewers": [lambda us, it: us.get(f"/api/v1/videos/{it.video}/viewers")],
    "/api/v1/playback/<str:session_id>/beats": [
        lambda us, it: us.post(f"/api/v1/playback/{it.session}/beats", json=BEAT)
    ],
    "/api/v1/jobs/<str:job_id>": [lambda us, it: us.get(f"/api/v1/jobs/{it.job}")],
    "/api/v1/jobs/<str:job_id>/cancel": [lambda us, it: us.post(f"/api/v1/jobs/{it.job}/cancel")],
    "/api/v1/jobs/{job_id}/events": [lambda us, it: us.get(f"/api/v1/jobs/{it.job}/events")],
}
# Every route with another academy named in the header.
NAMED: dict[str, Ask] = {
    "/api/v1/videos": lambda us, _: us.get("/api/v1/videos"),
    "/api/v1/jobs": lambda us, _: us.get("/api/v1/jobs"),
}
# Lists hold only what is ours; these hold nothing of an academy, or are for operators, who look across (tested elsewhere).
ELSEWHERE = {
    "/api/v1/openapi.json",
    "/api/v1/auth/login",
    "/api/v1/auth/logout",
    "/api/v1/auth/me",
    "/api/v1/operator/jobs",
    "/api/v1/operator/jobs/<str:job_id>",
    "/api/v1/operator/jobs/<str:job_id>/retry",
    "/api/v1/operator/queues",
    "/admin/",
    "/healthz",
    "/readyz",
    "/metrics",
    # Not by membership but by signature: test_upload, test_playback.
    "/objects/{bucket}/{key}",
    "/media/{token}/{path}",
}
CASES = [(route, number) for route, asks in REFUSED.items() for number in range(len(asks))]


@pytest.fixture(scope="module")
def ours(api: Api) -> School:
    return api.school()


@pytest.fixture(scope="module")
def theirs(api: Api) -> Foreign:
    school = api.school()
    video = school.ready_video()
    session = school.student.post(f"/api/v1/videos/{video.id}/playback").json()["session_id"]
    return Foreign(video.id, school.job().id, session)


@pytest.mark.requirement("API-2")
def test_every_route_is_covered_here(api: Api) -> None:
    routes = {f"/{entry.pattern}" for entry in get_resolver().url_patterns} | set(NATIVE_ROUTES)

    assert routes == set(REFUSED) | set(NAMED) | ELSEWHERE


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize(("route", "number"), CASES)
def test_another_academys_thing_is_not_there(route: str, number: int, ours: School, theirs: Foreign) -> None:
    answer = REFUSED[route][number](ours.teacher, theirs)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize("route", sorted(NAMED))
def test_lists_hold_only_what_is_ours(api: Api, route: str, theirs: Foreign) -> None:
    school = api.school()
    mine = {school.job().id, *(video.id for video in [school.ready_video()])}

    text = NAMED[route](school.teacher, theirs).text

    assert theirs.video not in text
    assert theirs.job not in text
    assert any(identity in text for identity in mine)


@pytest.mark.requirement("API-2")
def test_nothing_changed_over_there(api: Api, ours: School, theirs: Foreign) -> None:
    for asks in REFUSED.values():
        for ask in asks:
            ask(ours.teacher, theirs)

    job = api.backends.database.read_sync(lambda tx: tx.jobs.get(theirs.job))
    assert job is not None
    video = api.backends.database.read_sync(lambda tx: tx.videos.get(job.tenant_id, theirs.video))
    assert video is not None
    assert (job.state.value, job.cancel_requested, video.state.value, video.title) == (
        "PENDING",
        False,
        "READY",
        "강의",
    )


@pytest.mark.requirement("API-2")
def test_a_viewer_cannot_beat_for_another(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    session = school.student.post(f"/api/v1/videos/{video.id}/playback").json()["session_id"]

    assert school.parent.post(f"/api/v1/playback/{session}/beats", json=BEAT).status_code == 404
    assert school.student.post(f"/api/v1/playback/{session}/beats", json=BEAT).status_code == 200
