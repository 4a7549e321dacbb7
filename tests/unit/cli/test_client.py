"""The API client: what it sends for a large file, and how it follows a job."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from academy.interfaces.cli.client import AcademyClient, Refusal

BASE = "http://academy.test"
NOW = "2026-03-02T09:00:00Z"
VIDEO = {
    "id": "v1",
    "title": "t",
    "state": "PENDING",
    "access_mode": "free_review",
    "playable": False,
    "duration": 0,
    "created_at": NOW,
    "updated_at": NOW,
}


def job(state: str, percent: float | None = None) -> dict[str, object]:
    progress = {
        "step": "probe",
        "step_index": 2,
        "step_count": 6,
        "percent": percent,
        "remaining_seconds": None,
    }
    return {
        "id": "j1",
        "type": "video.transcode",
        "subject": "video:v1",
        "state": state,
        "status": "running",
        "status_text": "…",
        "reason": None,
        "failure": None,
        "progress": None if percent is None else progress,
        "attempt": 1,
        "cancel_requested": False,
        "result": None,
        "created_at": NOW,
        "started_at": None,
        "finished_at": None,
        "next_attempt_at": None,
    }


class Server:
    """Answers like the API and the object store, and remembers what was sent."""

    def __init__(self, part_size: int = 0, streams: list[str] | None = None) -> None:
        self.part_size = part_size
        self.streams = streams or []
        self.puts: dict[str, bytes] = {}
        self.completed: dict[str, object] = {}
        self.resumed_from: list[str] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if request.method == "PUT":
            assert "authorization" not in request.headers
            self.puts[path] = request.content
            return httpx2.Response(200, headers={"ETag": f'"tag-{path[-1]}"'})
        if path.endswith("/complete"):
            self.completed = json.loads(request.content)
            return httpx2.Response(202, json={"video": VIDEO, "job": job("PENDING")})
        if path.endswith("/events"):
            self.resumed_from.append(request.headers.get("last-event-id", ""))
            return httpx2.Response(200, text=self.streams.pop(0))
        return self.begun(json.loads(request.content)["size"])

    def begun(self, size: int) -> httpx2.Response:
        count = -(-size // self.part_size) if self.part_size else 1
        ticket = {
            "upload_id": "u1" if self.part_size else "",
            "part_size": self.part_size or size,
            "urls": [f"{BASE}/objects/{number + 1}" for number in range(count)],
            "headers": {"Content-Type": "video/mp4"},
            "expires_at": NOW,
        }
        return httpx2.Response(201, json={"video": VIDEO, "upload": ticket})


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 10)
    return path


def client_of(server: Server) -> AcademyClient:
    return AcademyClient(BASE, transport=httpx2.MockTransport(server.answer))


@pytest.mark.requirement("VID-1")
def test_a_large_file_goes_up_in_parts_and_names_each_at_the_end(film: Path) -> None:
    server, sent = Server(part_size=1000), list[int]()
    with client_of(server) as client:
        client.upload(film, "t", "video/mp4", on_progress=sent.append)
    assert [len(part) for part in server.puts.values()] == [1000, 1000, 560]
    assert b"".join(server.puts.values()) == film.read_bytes()
    parts = [{"number": n, "etag": f'"tag-{n}"'} for n in (1, 2, 3)]
    assert server.completed == {"parts": parts}
    assert sent == [1000, 2000, 2560]


def test_a_small_file_goes_up_in_one_piece(film: Path) -> None:
    server = Server()
    with client_of(server) as client:
        client.upload(film, "t", "video/mp4")
    assert list(server.puts.values()) == [film.read_bytes()]
    assert server.completed == {"parts": []}


def events(*items: tuple[str, str, dict[str, object]]) -> Iterator[str]:
    yield "retry: 3000\n\n: still here\n\n"
    for name, id_, data in items:
        yield f"id: {id_}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


@pytest.mark.requirement("API-3")
def test_a_broken_event_stream_is_taken_up_where_it_ended() -> None:
    first = "".join(events(("progress", "a", job("RUNNING", 10.0))))
    second = "".join(events(("progress", "b", job("RUNNING", 60.0)), ("end", "c", job("SUCCEEDED"))))
    server = Server(streams=[first, second])
    with client_of(server) as client:
        seen = [(each.state, each.progress and each.progress.percent) for each in client.follow("j1")]
    assert seen == [("RUNNING", 10.0), ("RUNNING", 60.0), ("SUCCEEDED", None)]
    assert server.resumed_from == ["", "a"]


def test_a_problem_of_the_api_is_told_by_its_code() -> None:
    problem = {"code": "login_failed", "detail": "The name or the password is wrong."}
    refuse = httpx2.MockTransport(lambda _request: httpx2.Response(401, json=problem))
    with (
        AcademyClient(BASE, transport=refuse) as client,
        pytest.raises(Refusal, match="login_failed") as told,
    ):
        client.log_in("teacher", "wrong")
    assert told.value.status == 401


def test_an_answer_that_is_no_problem_document_is_told_as_it_is() -> None:
    broken = httpx2.MockTransport(lambda _request: httpx2.Response(502, text="<html>Bad gateway"))
    with AcademyClient(BASE, transport=broken) as client, pytest.raises(Refusal, match=r"502 .*Bad gateway"):
        client.video("v1")
