"""What addresses given out before are worth once a video is complete, blocked or deleted (VID-7, VID-8, SEC-3)."""

from urllib.parse import urljoin

import pytest
from tests.support.api import Api

CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(5000)


@pytest.mark.requirement("VID-8", "SEC-3")
@pytest.mark.parametrize("blocked", [True, False])
def test_the_addresses_of_a_player_end_with_its_video(api: Api, blocked: bool) -> None:
    school = api.school()
    video = school.ready_video()
    url = api.at(school.student.post(f"/api/v1/videos/{video.id}/playback").json()["master_url"])
    if blocked:
        school.teacher.http.patch(f"/api/v1/videos/{video.id}", json={"access_mode": "blocked"})
    else:
        assert school.teacher.http.delete(f"/api/v1/videos/{video.id}").status_code == 202

    answers = [api.anybody.get(urljoin(url, name)) for name in ("", "720p/00001.m4s", "key")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.requirement("VID-1", "SEC-2")
@pytest.mark.parametrize("end", ["complete", "delete"])
def test_the_address_of_an_upload_ends_with_it(api: Api, end: str) -> None:
    school = api.school()
    wish = {"title": "1강", "file_name": "a.mp4", "size": len(CLIP), "content_type": "video/mp4"}
    begun = school.teacher.post("/api/v1/videos", json=wish).json()
    place, url = f"/api/v1/videos/{begun['video']['id']}", api.at(begun["upload"]["urls"][0])
    sent = api.anybody.put(url, content=CLIP)
    assert sent.status_code == 200
    if end == "complete":
        parts = [{"number": 1, "etag": sent.headers["ETag"]}]
        assert school.teacher.post(f"{place}/complete", json={"parts": parts}).status_code == 202
        again = api.anybody.put(url, content=CLIP[::-1])
        assert (again.status_code, again.json()["code"]) == (409, "upload_gone")
    else:
        school.teacher.http.delete(place)
        assert school.teacher.post(f"{place}/complete").status_code == 404
    stored = api.settings.objects_dir / "academy-video" / "tenants" / school.id
    files = [path.read_bytes() for path in stored.rglob("*") if path.is_file()]
    assert files == ([CLIP] if end == "complete" else [])
