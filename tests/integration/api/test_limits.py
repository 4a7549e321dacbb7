"""What a client may hold of this process: bodies, heads, connections, and for how long (SEC-2)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from tests.support.api import Api

from academy.interfaces.api import asgi
from academy.interfaces.api.connection import MOST_HEAD_BYTES, BoundedConnection
from academy.interfaces.api.http import BodyTooSlow, ClientGone, paced_body
from academy.interfaces.api.intake import Intake, IntakeFull


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}


class Client:
    """The receiving end of a request: these pieces, and then nothing for ever."""

    def __init__(self, pieces: Sequence[bytes], *, ends: bool = False) -> None:
        self._pieces = list(pieces)
        self._ends = ends

    async def __call__(self) -> dict[str, Any]:
        if not self._pieces:
            await asyncio.Event().wait()
        piece = self._pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces) or not self._ends}


@pytest.mark.requirement("SEC-2")
async def test_a_body_that_is_not_finished_in_time_is_given_up_and_holds_nothing() -> None:
    intake = Intake(seconds=0.05, bodies=1, total=100)

    for _ in range(2):
        with pytest.raises(BodyTooSlow):
            async with intake.body(scope(), Client([b"half"]), 1000):
                pass

    assert intake.room == 100


@pytest.mark.requirement("SEC-2")
async def test_bodies_in_memory_are_bounded_together_until_their_requests_are_answered() -> None:
    intake = Intake(total=10)
    async with intake.body(scope(), Client([b"123456"], ends=True), 1000) as body:
        assert body == b"123456"
        with pytest.raises(IntakeFull):
            async with intake.body(scope(), Client([b"12345"], ends=True), 1000):
                pass

    async with intake.body(scope(), Client([b"1234567890"], ends=True), 1000) as body:
        assert body == b"1234567890"


@pytest.mark.requirement("SEC-2")
async def test_bodies_on_their_way_are_bounded_in_number() -> None:
    intake = Intake(seconds=5, bodies=1)

    async def slow() -> None:
        async with intake.body(scope(), Client([b"half"]), 1000):
            pass

    first = asyncio.create_task(slow())
    await asyncio.sleep(0)
    with pytest.raises(IntakeFull):
        async with intake.body(scope(), Client([b""], ends=True), 1000):
            pass
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    async with intake.body(scope(), Client([b"x"], ends=True), 1000) as body:
        assert body == b"x"


@pytest.mark.requirement("SEC-2")
async def test_an_upload_slower_than_the_least_rate_is_given_up() -> None:
    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def all_of(receive: Any, **pace: Any) -> int:
        return sum([len(piece) async for piece in paced_body(receive, **pace)])

    with pytest.raises(BodyTooSlow):
        await all_of(trickle, patience=0.1, rate=1000)
    with pytest.raises(BodyTooSlow):
        await all_of(Client([b"stalled"]), patience=0.05, rate=1)
    assert await all_of(Client([b"abc", b"de"], ends=True), patience=0.05, rate=1) == 5

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        await all_of(gone)


@pytest.mark.requirement("SEC-2")
def test_a_stranger_has_little_to_say(api: Api) -> None:
    big = b"[" + b" " * 20_000 + b"]"

    stranger = api.anybody.post("/api/v1/auth/login", content=big)
    member = api.school().teacher.post("/api/v1/videos", content=big)

    assert (stranger.status_code, stranger.json()["code"]) == (413, "body_too_large")
    assert member.status_code == 415


@pytest.mark.requirement("SEC-2")
def test_requests_under_way_are_bounded_and_probes_still_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "MOST_OPEN", 0)

    refused = api.anybody.get("/api/v1/videos")
    probe = api.anybody.get("/healthz")

    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    assert probe.status_code == 200


@asynccontextmanager
async def bounded_server() -> AsyncIterator[int]:
    """Uvicorn with our connections, in a hurry."""

    class Hurried(BoundedConnection):
        head_seconds = 0.2

    async def hello(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        loop = asyncio.get_running_loop()
        config = uvicorn.Config(hello, http=Hurried, lifespan="off", log_config=None, ws="none")
        config.load()
        state = uvicorn.server.ServerState()
        server = await loop.create_server(
            lambda: Hurried(config=config, server_state=state, app_state={}), sock=listener
        )
        async with server:
            yield listener.getsockname()[1]


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize("head", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_who_does_not_finish_the_head_of_a_request_is_hung_up_on(head: bytes) -> None:
    async with bounded_server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.requirement("SEC-2")
async def test_a_head_without_end_is_refused_and_requests_after_one_another_are_served() -> None:
    async with bounded_server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        writer.write(b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * (MOST_HEAD_BYTES + 1))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.requirement("SEC-3")
def test_a_media_path_that_no_store_could_hold_is_just_not_there(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    master = school.student.post(f"/api/v1/videos/{video.id}/playback").json()["master_url"]
    base = api.at(master).removesuffix("master.m3u8")

    answers: list[httpx2.Response] = [
        api.anybody.get(base + name) for name in ("a" * 300, "a" * 60_000, "master.m3u8/x")
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} <= {
        (404, "not_found"),
        (403, "media_refused"),
    }
