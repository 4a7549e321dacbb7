"""The HTTP API as a browser uses it: log in, upload, follow a job, open a playback."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

import httpx2
from pydantic import BaseModel

from academy.contracts.rest.accounts import LoginAnswer
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.playback import BeatAnswer, PlaybackOpened, ViewerPage
from academy.contracts.rest.videos import TicketView, UploadStarted, VideoAndJob, VideoView

__all__ = ["AcademyClient", "Refusal"]

M = TypeVar("M", bound=BaseModel)
PIECE_BYTES = 256 << 10
SECONDS = 60.0
RECONNECTS = 20


class Refusal(Exception):
    """The API answered with a problem (RFC 9457); the text is its code and what it says."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    id: str
    data: str


class AcademyClient:
    """One person's session. Methods raise Refusal, and httpx2.HTTPError when the server cannot be reached."""

    def __init__(
        self, base_url: str, language: str = "en", *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        """Talk to the API at `base_url` ("http://127.0.0.1:8000"), by way of `transport` if one is given."""
        own = {"Accept-Language": language}
        self._http = httpx2.Client(
            base_url=base_url, timeout=SECONDS, headers=own, trust_env=False, transport=transport
        )
        # Signed addresses need no credentials and must not be sent any.
        self.media = httpx2.Client(timeout=SECONDS, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self.media.close()

    def log_in(self, username: str, password: str) -> LoginAnswer:
        """Log in; every later call is this person's."""
        answer = self._ask(
            LoginAnswer, "POST", "/api/v1/auth/login", {"username": username, "password": password}
        )
        self._http.headers["Authorization"] = f"Bearer {answer.token}"
        return answer

    def upload(
        self,
        file: Path,
        title: str,
        content_type: str,
        *,
        access_mode: str = "free_review",
        on_progress: Callable[[int], None] = lambda _bytes: None,
    ) -> tuple[VideoView, JobView]:
        """Begin an upload, send the file to its signed addresses, complete it; `on_progress` gets the bytes sent so far."""
        total = file.stat().st_size
        wish = {
            "title": title,
            "file_name": file.name,
            "size": total,
            "content_type": content_type,
            "access_mode": access_mode,
        }
        started = self._ask(UploadStarted, "POST", "/api/v1/videos", wish, once=True)
        whole = {"parts": self._send(file, started.upload, on_progress)}
        done = self._ask(VideoAndJob, "POST", f"/api/v1/videos/{started.video.id}/complete", whole, once=True)
        return done.video, done.job

    def follow(self, job_id: str) -> Iterator[JobView]:
        """Yield a job as it goes on, by server-sent events, until it has ended; reconnects as browsers do."""
        last = ""
        for _ in range(RECONNECTS):
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
            with self._http.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=headers) as answer:
                if answer.status_code != httpx2.codes.OK:
                    answer.read()
                _check(answer)
                for event in _events(answer.iter_lines()):
                    last = event.id
                    yield JobView.model_validate_json(event.data)
                    if event.name == "end":
                        return
        raise Refusal(0, "stream_ended", f"the events of job {job_id} broke off again and again")

    def video(self, video_id: str) -> VideoView:
        """Show a video."""
        return self._ask(VideoView, "GET", f"/api/v1/videos/{video_id}")

    def change_access(self, video_id: str, access_mode: str) -> VideoView:
        """Change who may watch a video and how."""
        return self._ask(VideoView, "PATCH", f"/api/v1/videos/{video_id}", {"access_mode": access_mode})

    def open_playback(self, video_id: str) -> PlaybackOpened:
        """Open a playback session."""
        return self._ask(PlaybackOpened, "POST", f"/api/v1/videos/{video_id}/playback", {})

    def beat(self, session_id: str, position: float, played_from: float, rate: float = 1.0) -> BeatAnswer:
        """Send a heartbeat."""
        body = {"position": position, "played_from": played_from, "rate": rate}
        return self._ask(BeatAnswer, "POST", f"/api/v1/playback/{session_id}/beats", body)

    def viewers(self, video_id: str) -> ViewerPage:
        """Show who watched how much."""
        return self._ask(ViewerPage, "GET", f"/api/v1/videos/{video_id}/viewers")

    def fetch(self, url: str) -> bytes:
        """Return what a signed address serves."""
        answer = self.media.get(url)
        _check(answer)
        return answer.content

    def _send(
        self, file: Path, ticket: TicketView, on_progress: Callable[[int], None]
    ) -> list[dict[str, object]]:
        """Send a file to the signed addresses of an upload; return its parts as completing it names them."""
        total, sent = file.stat().st_size, 0
        parts: list[dict[str, object]] = []
        with file.open("rb") as source:
            for number, url in enumerate(ticket.urls, 1):
                size = min(ticket.part_size, total - sent) if ticket.upload_id else total
                body = _pieces(source, size, sent, on_progress)
                headers = {**ticket.headers, "Content-Length": str(size)}
                answer = self.media.put(url, content=body, headers=headers)
                _check(answer)
                sent += size
                parts.append({"number": number, "etag": answer.headers["ETag"]})
        return parts if ticket.upload_id else []

    def _ask(
        self,
        model: type[M],
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        once: bool = False,
    ) -> M:
        headers = {"Idempotency-Key": uuid.uuid4().hex} if once else {}
        answer = self._http.request(method, path, json=body, headers=headers)
        _check(answer)
        return model.model_validate_json(answer.content)


def _check(answer: httpx2.Response) -> None:
    if answer.is_success:
        return
    try:
        problem = json.loads(answer.content)
        raise Refusal(answer.status_code, str(problem["code"]), str(problem["detail"]))
    except (ValueError, KeyError, TypeError):
        raise Refusal(answer.status_code, "no_problem_document", answer.text[:200]) from None


def _pieces(source: BinaryIO, size: int, before: int, on_progress: Callable[[int], None]) -> Iterator[bytes]:
    left = size
    while left:
        piece: bytes = source.read(min(left, PIECE_BYTES))
        if not piece:
            raise Refusal(0, "file_changed", "the file became shorter while it was sent")
        left -= len(piece)
        yield piece
        on_progress(before + size - left)


def _events(lines: Iterator[str]) -> Iterator[_Event]:
    """Read an event stream (HTML Living Standard, 9.2.6)."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield _Event(fields.get("event", "message"), fields.get("id", ""), fields["data"])
            fields = {}
        else:
            fields = {}
