"""Watching (VID-7): whoever holds the signed addresses plays; nobody else gets a byte (SEC-3)."""

import sqlite3
import time
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from tests.support.api import SEGMENT, Api, School

from academy.domain.tenant.tenant import hls_prefix
from academy.domain.video.playback import PlaybackSigner, content_key
from academy.domain.video.video import AccessMode, Video


def opened(school: School, video: Video) -> dict[str, Any]:
    answer = school.student.post(f"/api/v1/videos/{video.id}/playback")
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def master(school: School, video: Video) -> str:
    return school.api.at(str(opened(school, video)["master_url"]))


def _long_ago(api: Api, session_id: str) -> None:
    """Let the last beat of a session be two minutes past, as if somebody had played since."""
    with sqlite3.connect(api.settings.data_dir / "academy.sqlite3", timeout=20) as database:
        past = "coalesce(last_beat_at, created_at) - 120000"
        database.execute(f"UPDATE playback_sessions SET last_beat_at = {past} WHERE id = ?", (session_id,))
        its_video = "video_id = (SELECT video_id FROM playback_sessions WHERE id = ?)"
        database.execute(
            f"UPDATE watched SET updated_at = updated_at - 120000 WHERE {its_video}", (session_id,)
        )
    database.close()


@pytest.mark.requirement("VID-7")
def test_a_player_follows_relative_addresses_to_everything(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    session = opened(school, video)
    url = api.at(session["master_url"])

    playlist = api.anybody.get(url)
    segment = api.anybody.get(urljoin(url, "720p/00001.m4s"))
    key = api.anybody.get(urljoin(url, "key"))
    poster = api.anybody.get(api.at(session["poster_url"]))

    assert (playlist.text, playlist.headers["content-type"]) == ("#EXTM3U\n", "application/vnd.apple.mpegurl")
    assert (segment.content, segment.headers["content-type"]) == (SEGMENT, "video/iso.segment")
    assert "immutable" in segment.headers["cache-control"]
    assert segment.headers["access-control-allow-origin"] == "*"
    secret = api.settings.content_secret.get_secret_value().encode()
    assert key.content == content_key(secret, school.id, video.id, "r1")
    assert key.headers["cache-control"] == "no-store"
    assert poster.headers["content-type"] == "image/jpeg"
    assert (session["heartbeat_seconds"], session["mode"], session["resume_at"]) == (10, "free_review", 0.0)


@pytest.mark.requirement("VID-7")
@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    "name", ["master.m3u8", "720p/00001.m4s", "key", "thumbnails/poster.jpg", "nothing.mp4"]
)
def test_everything_is_refused_without_a_good_token_and_all_refusals_look_alike(api: Api, name: str) -> None:
    school, other = api.school(), api.school()
    video, second = school.ready_video(), school.ready_video()
    path = hls_prefix(school.id, video.id, "r1") + name
    good = master(school, video).split("/media/")[1].split("/")[0]
    prefix = hls_prefix(school.id, video.id, "r1")
    soon = int(time.time()) + 60
    kid, _, viewer, signature = good.split("~")
    tokens = {
        "none": "",
        "nonsense": "x",
        "of another video": master(school, second).split("/media/")[1].split("/")[0],
        "of another academy": api.playback_signer.sign(hls_prefix(other.id, video.id, "r1"), "v", soon),
        "of another revision": api.playback_signer.sign(hls_prefix(school.id, video.id, "r2"), "v", soon),
        "past": api.playback_signer.sign(prefix, "v", int(time.time()) - 1),
        "of another key": PlaybackSigner({"k1": b"x" * 32}, "k1").sign(prefix, "v", soon),
        "of an unknown key id": f"k9~{soon}~{viewer}~{signature}",
        "prolonged": f"{kid}~{soon + 10**6}~{viewer}~{signature}",
        "for another viewer": "~".join([good.split("~")[0], good.split("~")[1], "other", signature]),
    }
    answers = {what: api.anybody.get(f"/media/{token}/{path}") for what, token in tokens.items()}
    answers["unsigned"] = api.anybody.get(f"/media/{path}")
    answers["dotted"] = api.anybody.get(f"/media/{good}/{prefix}%2e%2e/r1/{name}")

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(answers, 403)
    for answer in answers.values():
        assert answer.json()["code"] == "media_refused"
        assert answer.headers["cache-control"] == "no-store"
    variable = {"date", "content-length"}
    seen = {
        tuple(sorted((key, value) for key, value in answer.headers.items() if key not in variable))
        for answer in answers.values()
    }
    assert len(seen) == 1
    assert api.anybody.get(f"/media/{good}/{prefix}master.m3u8").status_code == 200


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, len(SEGMENT)),
        ("bytes=-5", 206, len(SEGMENT) - 5, len(SEGMENT)),
        ("bytes=10000-99999999", 206, 10_000, len(SEGMENT)),
        ("bytes=5-2", 200, 0, len(SEGMENT)),
        ("bytes=0-1,4-5", 200, 0, len(SEGMENT)),
        ("lines=0-1", 200, 0, len(SEGMENT)),
    ],
)
def test_ranges_of_a_segment(api: Api, asked: str, status: int, start: int, end: int) -> None:
    school = api.school()
    url = urljoin(master(school, school.ready_video()), "720p/00001.m4s")

    answer = api.anybody.get(url, headers={"Range": asked})

    assert (answer.status_code, answer.content) == (status, SEGMENT[start:end])
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(SEGMENT)}"


@pytest.mark.requirement("VID-7")
def test_conditions_heads_and_preflights(api: Api) -> None:
    school = api.school()
    url = urljoin(master(school, school.ready_video()), "720p/00001.m4s")
    whole = api.anybody.get(url)
    etag = whole.headers["etag"]

    beyond = api.anybody.get(url, headers={"Range": f"bytes={len(SEGMENT)}-"})
    head = api.anybody.head(url)
    same = api.anybody.get(url, headers={"If-None-Match": etag})
    changed = api.anybody.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    preflight = api.anybody.options(
        url, headers={"Origin": "https://x", "Access-Control-Request-Method": "GET"}
    )
    missing = api.anybody.get(urljoin(url, "99999.m4s"))

    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(SEGMENT)}")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(SEGMENT)))
    assert (same.status_code, same.content) == (304, b"")
    assert (changed.status_code, len(changed.content)) == (200, len(SEGMENT))
    assert (preflight.status_code, "Range" in preflight.headers["access-control-allow-headers"]) == (
        204,
        True,
    )
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.requirement("VID-7")
def test_a_blocked_video_opens_no_session_and_gives_no_key(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    url = master(school, video)
    assert (
        school.teacher.http.patch(f"/api/v1/videos/{video.id}", json={"access_mode": "blocked"}).json()[
            "playable"
        ]
        is False
    )

    refused = school.student.post(f"/api/v1/videos/{video.id}/playback")
    key = api.anybody.get(urljoin(url, "key"))

    assert (refused.status_code, refused.json()["code"]) == (403, "playback_blocked")
    assert (key.status_code, key.json()["code"]) == (403, "media_refused")


@pytest.mark.requirement("VID-7")
def test_beats_add_up_and_a_proctored_viewer_may_not_jump(api: Api) -> None:
    school = api.school()
    video = school.ready_video(duration=10.0, mode=AccessMode.PROCTORED)
    session = opened(school, video)
    path = f"/api/v1/playback/{session['session_id']}/beats"

    _long_ago(api, session["session_id"])
    watched = school.student.post(path, json={"position": 3.0, "played_from": 0.0})
    fast = school.student.post(path, json={"position": 3.5, "played_from": 3.0, "rate": 2.0})
    jumped = school.student.post(path, json={"position": 900.0, "played_from": 899.0})
    _long_ago(api, session["session_id"])
    done = school.student.post(path, json={"position": 10.0, "played_from": 3.0})

    assert (watched.json()["code"], watched.json()["watched_seconds"]) == ("ok", 3.0)
    assert fast.json()["code"] == "rate_not_allowed"
    assert (jumped.json()["code"], jumped.json()["watched_seconds"]) == ("seek_not_allowed", 3.0)
    assert (done.json()["code"], done.json()["completed"]) == ("ok", True)
    viewers = school.teacher.get(f"/api/v1/videos/{video.id}/viewers").json()["items"]
    assert [
        (each["viewer"], each["name"], each["role"], each["share"], each["completed"]) for each in viewers
    ] == [(school.student.viewer, "이름 student", "student", 1.0, True)]


@pytest.mark.requirement("VID-7")
def test_watching_goes_on_where_it_ended(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    session = opened(school, video)
    _long_ago(api, session["session_id"])
    path = f"/api/v1/playback/{session['session_id']}/beats"
    school.student.post(path, json={"position": 4.0, "played_from": 0.0})

    assert opened(school, video)["resume_at"] == 4.0


@pytest.mark.requirement("VID-3")
@pytest.mark.requirement("SEC-3")
def test_a_list_shows_posters_that_only_their_signature_opens(api: Api) -> None:
    school = api.school()
    video, blocked = school.ready_video(), school.ready_video(mode=AccessMode.BLOCKED)
    waiting = school.video()

    lists = [who.get("/api/v1/videos").json()["items"] for who in (school.student, school.teacher)]
    posters = [{each["id"]: each["poster_url"] for each in items} for items in lists]
    url = api.at(posters[0][video.id])
    head, _, rest = url.partition("/media/")
    token, _, path = rest.partition("/")
    kid, expires, viewer, signature = token.split("~")
    spoilt = signature[:-2] + ("BA" if signature.endswith("AB") else "AB")
    tampered = [
        f"{kid}~{int(expires) + 1}~{viewer}~{signature}",
        f"{kid}~{expires}~other~{signature}",
        f"{kid}~{expires}~{viewer}~{spoilt}",
    ]

    assert posters[0].keys() == {video.id, blocked.id}
    assert posters[1][video.id]
    assert {posters[0][blocked.id], posters[1][blocked.id], posters[1][waiting.id]} == {None}
    assert api.anybody.get(url).headers["content-type"] == "image/jpeg"
    assert int(expires) >= time.time() + 3600 - 60
    assert [api.anybody.get(f"{head}/media/{each}/{path}").status_code for each in tampered] == [403] * 3
    of_another = path.replace(video.id, blocked.id)
    assert api.anybody.get(f"{head}/media/{token}/{of_another}").status_code == 403


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    "body", [{"position": -1, "played_from": 0}, {"position": "1", "played_from": 0}, {}]
)
def test_beats_that_make_no_sense(api: Api, body: dict[str, object]) -> None:
    answer: httpx2.Response = api.school().student.post("/api/v1/playback/x/beats", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.requirement("VID-8")
def test_a_deleted_video_is_gone_at_once_and_its_purge_is_queued(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    url = master(school, video)

    deleted = school.teacher.http.delete(f"/api/v1/videos/{video.id}")
    again = school.teacher.http.delete(f"/api/v1/videos/{video.id}")

    assert (deleted.status_code, deleted.json()["type"]) == (202, "video.purge")
    assert again.json()["id"] == deleted.json()["id"]
    assert school.teacher.get(f"/api/v1/videos/{video.id}").status_code == 404
    assert school.student.get("/api/v1/videos").json()["items"] == []
    assert school.student.post(f"/api/v1/videos/{video.id}/playback").status_code == 404
    assert api.anybody.get(url).status_code in {200, 403}


@pytest.mark.requirement("VID-7")
def test_who_opens_again_and_again_goes_on_with_one_session(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    path = f"/api/v1/videos/{video.id}/playback"

    mine = {school.student.post(path).json()["session_id"] for _ in range(5)}
    parents = school.parent.post(path).json()["session_id"]

    assert len(mine) == 1
    assert parents not in mine
