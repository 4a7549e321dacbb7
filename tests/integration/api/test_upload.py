"""A lecture's way in: begin, send, complete (VID-1), and what must not get in (SEC-2, SEC-3)."""

import json
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.support.api import Api, School

from academy.application.ports.database import JobFilter
from academy.application.ports.object_store import UploadTicket
from academy.domain.signing import ObjectGrant
from academy.domain.upload import UploadPlan
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.video import VideoState
from academy.infrastructure.filesystem.uploads import FolderUploadGateway

_HOUR = timedelta(hours=1)
CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(5000)


def wish(**changes: object) -> dict[str, object]:
    size = len(CLIP)
    return {"title": "1강", "file_name": "a.mp4", "size": size, "content_type": "video/mp4"} | changes


def begin(school: School, content: bytes = CLIP) -> tuple[str, str]:
    started = school.teacher.post("/api/v1/videos", json=wish(size=len(content)))
    assert started.status_code == 201, started.text
    body = started.json()
    return body["video"]["id"], school.api.at(body["upload"]["urls"][0])


@pytest.mark.requirement("VID-1")
@pytest.mark.requirement("JOB-6")
def test_an_upload_becomes_a_job_and_its_message_in_one_transaction(api: Api) -> None:
    school = api.school()
    video_id, url = begin(school)

    assert api.anybody.put(url, content=CLIP).status_code == 200
    done = school.teacher.post(f"/api/v1/videos/{video_id}/complete", json={})

    assert done.status_code == 202, done.text
    assert done.json()["video"]["state"] == "UPLOADED"
    job = done.json()["job"]
    assert (job["state"], job["status"]) == ("PENDING", "queued")
    stored = api.backends.database.read_sync(lambda tx: tx.jobs.list(JobFilter(tenant_id=school.id), "", 10))
    assert [found.id for found in stored.items] == [job["id"]]
    announced = api.backends.database.run_sync(lambda tx: [row.body for row in tx.outbox.take(1000, _HOUR)])
    assert [json.loads(body)["id"] for body in announced].count(job["id"]) == 1
    assert school.teacher.get(f"/api/v1/jobs/{job['id']}").json()["subject"] == f"video:{video_id}"


@pytest.mark.requirement("API-4")
def test_the_trace_of_a_request_goes_on_in_the_message(api: Api) -> None:
    school = api.school()
    video_id, url = begin(school)
    api.anybody.put(url, content=CLIP)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    job = school.teacher.post(f"/api/v1/videos/{video_id}/complete", headers=headers).json()["job"]

    stored = api.backends.database.read_sync(lambda tx: tx.jobs.get(job["id"]))
    assert stored is not None
    assert stored.trace.split("-")[1] == trace


@pytest.mark.requirement("VID-1")
@pytest.mark.parametrize(
    ("content", "status", "code", "state"),
    [
        (None, 422, "upload_not_found", "PENDING"),
        (b"#EXTM3U\n" + bytes(100), 415, "not_a_video", "FAILED"),
        (b"just some text, nothing else", 415, "not_a_video", "FAILED"),
    ],
)
def test_complete_refuses_what_is_no_recording(
    api: Api, content: bytes | None, status: int, code: str, state: str
) -> None:
    school = api.school()
    video_id, url = begin(school, content or CLIP)
    if content is not None:
        assert api.anybody.put(url, content=content).status_code == 200

    refused = school.teacher.post(f"/api/v1/videos/{video_id}/complete", json={})

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    shown = school.teacher.get(f"/api/v1/videos/{video_id}").json()
    assert shown["state"] == state
    assert state == "PENDING" or (shown["failure"]["code"], shown["failure"]["retryable"]) == (code, False)
    assert school.teacher.get("/api/v1/jobs").json()["items"] == []


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"size": 0}, 422, "empty_file"),
        ({"size": 21 << 30}, 413, "upload_too_large"),
        ({"content_type": "text/html"}, 415, "content_type_mismatch"),
        ({"size": -1}, 400, "invalid_request"),
        ({"title": " "}, 400, "invalid_request"),
        ({"title": "a\x00b"}, 400, "invalid_request"),
        ({"extra": 1}, 400, "invalid_request"),
        ({"access_mode": "whatever"}, 400, "invalid_request"),
    ],
)
def test_a_wish_that_cannot_be_granted(api: Api, changes: dict[str, object], status: int, code: str) -> None:
    answer = api.school().teacher.post("/api/v1/videos", json=wish(**changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize("content", [CLIP[:-1], CLIP + b"x", b""])
def test_a_put_of_another_size_stores_nothing(api: Api, content: bytes) -> None:
    school = api.school()
    video_id, url = begin(school)

    announced = api.anybody.put(url, content=content)
    chunked = api.anybody.put(url, content=iter([content]))

    assert [announced.status_code, chunked.status_code] == [400, 400]
    assert announced.json()["code"] == "size_wrong"
    assert school.teacher.post(f"/api/v1/videos/{video_id}/complete").json()["code"] == "upload_not_found"


@pytest.mark.requirement("SEC-3")
def test_an_address_opens_only_what_was_signed(api: Api) -> None:
    school = api.school()
    video_id, url = begin(school)
    other_id, _ = begin(school)
    past = ObjectGrant("PUT", "academy-video", f"tenants/{school.id}/a", int(time.time()) - 1, 1, "", 1)
    attempts = {
        "no query": url.partition("?")[0],
        "another key": url.replace(video_id, other_id),
        "another size": url.replace(f"size={len(CLIP)}", "size=1"),
        "a later end": url.replace("expires=1", "expires=2"),
        "a parameter twice": url + "&part=2",
        "no signature": url.partition("&signature")[0],
        "past": api.at(api.url_signer.url("http://x", past)),
    }
    refused = {name: api.anybody.put(address, content=b"x") for name, address in attempts.items()}
    refused["read with it"] = api.anybody.get(url)

    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 403)
    bodies = {answer.json()["code"] for answer in refused.values()}
    assert bodies == {"signature_refused"}


@pytest.mark.requirement("VID-1")
def test_parts_go_to_the_folder_and_are_joined(api: Api) -> None:
    school = api.school()
    gateway = FolderUploadGateway(
        api.settings.objects_dir / "academy-video",
        bucket="academy-video",
        signer=api.url_signer,
        base_url=api.url,
        clock=api.backends.clock,
        plan=UploadPlan(multipart_above=4, part_size=2000),
    )
    video = school.video(size=len(CLIP))
    ticket: UploadTicket = api.await_(gateway.begin(video.file_key, len(CLIP), "video/mp4", 600))
    school.video(id=f"{video.id}m", file_key=video.file_key, upload_id=ticket.upload_id, size=len(CLIP))
    parts = []
    for number, url in enumerate(ticket.urls, 1):
        piece = CLIP[(number - 1) * ticket.part_size : number * ticket.part_size]
        sent = api.anybody.put(url, content=piece)
        parts.append({"number": number, "etag": sent.headers["ETag"]})
    assert len(parts) == 3

    wrong = school.teacher.post(f"/api/v1/videos/{video.id}m/complete", json={"parts": parts[:2]})
    right = school.teacher.post(f"/api/v1/videos/{video.id}m/complete", json={"parts": parts})

    assert (wrong.status_code, wrong.json()["code"]) == (422, "parts_mismatch")
    assert right.status_code == 202, right.text
    assert api.await_(api.backends.video_objects.get(video.file_key)) == CLIP
    gone = api.anybody.put(ticket.urls[0], content=CLIP[: ticket.part_size])
    assert (gone.status_code, gone.json()["code"]) == (409, "upload_gone")


@pytest.mark.requirement("SEC-2")
def test_a_body_is_on_disk_before_it_is_complete(api: Api) -> None:
    """What is sent goes to the folder piece by piece: a 20 GB file never lies in memory."""
    school = api.school()
    content = CLIP + bytes(3 << 20)
    video_id, url = begin(school, content)
    parts = urlsplit(url)
    incoming = api.settings.objects_dir / "academy-video" / ".incoming"
    with socket.create_connection((parts.hostname, parts.port)) as line:
        head = (
            f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        line.sendall(head.encode() + content[: 2 << 20])
        until = time.monotonic() + 20
        while not any(file.stat().st_size > 1 << 20 for file in _files(incoming)):
            assert time.monotonic() < until
            time.sleep(0.01)
        line.sendall(content[2 << 20 :])
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    assert school.teacher.post(f"/api/v1/videos/{video_id}/complete").status_code == 202


def test_a_client_that_hangs_up_leaves_nothing(api: Api) -> None:
    school = api.school()
    _, url = begin(school)
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CLIP)}\r\n\r\n"
        line.sendall(head.encode() + CLIP[:100])
    incoming = api.settings.objects_dir / "academy-video" / ".incoming"
    until = time.monotonic() + 20
    while _files(incoming):
        assert time.monotonic() < until
        time.sleep(0.01)
    again = api.anybody.put(url, content=CLIP)
    assert again.status_code == 200


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.exists()] if folder.is_dir() else []


@pytest.mark.requirement("API-1")
class TestIdempotencyKeys:
    def test_the_same_request_gets_the_same_answer(self, api: Api) -> None:
        school = api.school()
        key = {"Idempotency-Key": "once"}
        first = school.teacher.post("/api/v1/videos", json=wish(), headers=key)
        again = school.teacher.post("/api/v1/videos", json=wish(), headers=key)

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
            None,
            "true",
        )
        assert len(school.teacher.get("/api/v1/videos").json()["items"]) == 1

    def test_another_request_with_the_key_is_refused(self, api: Api) -> None:
        school = api.school()
        key = {"Idempotency-Key": "once"}
        school.teacher.post("/api/v1/videos", json=wish(), headers=key)
        other = school.teacher.post("/api/v1/videos", json=wish(title="2강"), headers=key)

        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    def test_a_key_belongs_to_one_person(self, api: Api) -> None:
        school = api.school()
        key = {"Idempotency-Key": "once"}
        mine = school.teacher.post("/api/v1/videos", json=wish(), headers=key).json()
        theirs = school.owner.post("/api/v1/videos", json=wish(title="2강"), headers=key)

        assert theirs.status_code == 201
        assert theirs.json()["video"]["id"] != mine["video"]["id"]

    def test_requests_at_once_make_one_video(self, api: Api) -> None:
        school = api.school()
        answers: list[httpx2.Response] = []

        def ask() -> None:
            answers.append(
                school.teacher.post("/api/v1/videos", json=wish(), headers={"Idempotency-Key": "k"})
            )

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["video"]["id"] for answer in answers}) == 1
        assert len(school.teacher.get("/api/v1/videos").json()["items"]) == 1

    def test_a_repeated_retry_starts_one_job(self, api: Api) -> None:
        school = api.school()
        video = school.video(state=VideoState.FAILED, failure=video_failure(VideoFailure.DAMAGED_FILE))
        path, key = f"/api/v1/videos/{video.id}/retry", {"Idempotency-Key": "again"}
        first, second = (school.teacher.post(path, headers=key) for _ in range(2))
        third = school.teacher.post(path, headers={"Idempotency-Key": "once-more"})

        assert (first.status_code, second.json()) == (202, first.json())
        assert (third.status_code, third.json()["code"]) == (409, "video_not_failed")
        assert len(school.teacher.get("/api/v1/jobs").json()["items"]) == 1

    def test_a_refused_request_may_be_repeated_with_its_key(self, api: Api) -> None:
        school = api.school()
        video_id, url = begin(school)
        path, key = f"/api/v1/videos/{video_id}/complete", {"Idempotency-Key": "c"}
        refused = school.teacher.post(path, headers=key)
        api.anybody.put(url, content=CLIP)
        taken = school.teacher.post(path, headers=key)

        assert (refused.status_code, taken.status_code) == (422, 202)

    @pytest.mark.parametrize("key", ["", "a" * 201, "a b"])
    def test_a_key_that_is_none(self, api: Api, key: str) -> None:
        answer = api.school().teacher.post("/api/v1/videos", json=wish(), headers={"Idempotency-Key": key})

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
