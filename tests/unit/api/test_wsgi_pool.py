"""The pool of threads behind the loop."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from academy.interfaces.api.http import BodyTooLarge, ClientGone, read_body
from academy.interfaces.api.wsgi_pool import PoolBusy, WsgiPool, environ_of

Start = Callable[..., Any]


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "method": "POST",
        "path": "/한글",
        "query_string": b"a=1",
        "http_version": "1.1",
        "headers": [(b"host", b"x"), (b"accept", b"a"), (b"accept", b"b"), (b"x_poses", b"evil")],
    } | changes


def hello(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("201 Created", [("X-Thread", threading.current_thread().name), ("Content-Length", "5")])
    return [b"hel", environ["wsgi.input"].read()]


async def test_a_request_runs_on_a_thread_of_the_pool() -> None:
    pool = WsgiPool(hello, threads=2)
    answer = await pool.run(environ_of(scope(), b"lo"))
    await pool.close(lambda: None)

    assert (answer.status, answer.body) == (201, b"hello")
    assert dict(answer.headers)["X-Thread"].startswith("api")
    assert "Content-Length" not in dict(answer.headers)


async def test_more_than_may_wait_are_turned_away_at_once() -> None:
    gate = threading.Event()

    def slow(_environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        gate.wait(20)
        start("200 OK", [])
        return [b"done"]

    pool = WsgiPool(slow, threads=1, waiting=1)
    first, second = (asyncio.create_task(pool.run(environ_of(scope(), b""))) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(PoolBusy):
        await pool.run(environ_of(scope(), b""))
    gate.set()
    assert [answer.body for answer in await asyncio.gather(first, second)] == [b"done", b"done"]
    assert pool.free == 2
    await pool.close(lambda: None)


async def test_an_iterable_is_closed_even_when_it_breaks() -> None:
    closed: list[bool] = []

    class Broken:
        def __iter__(self) -> "Broken":
            return self

        def __next__(self) -> bytes:
            raise OSError("broken")

        def close(self) -> None:
            closed.append(True)

    def breaking(_environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return Broken()

    pool = WsgiPool(breaking, threads=1)
    with pytest.raises(OSError, match="broken"):
        await pool.run(environ_of(scope(), b""))
    await pool.close(lambda: None)

    assert closed == [True]


async def test_every_thread_is_told_to_leave_once() -> None:
    names: list[str] = []
    pool = WsgiPool(hello, threads=3)

    await pool.close(lambda: names.append(threading.current_thread().name))

    assert len(names) == len(set(names)) == 3


def test_the_environment_joins_headers_and_drops_those_that_pose() -> None:
    environ = environ_of(scope(), b"abc")

    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["CONTENT_LENGTH"] == "3"
    assert "HTTP_X_POSES" not in environ
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/한글"


@pytest.mark.requirement("SEC-2")
async def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("nothing should be read")

    with pytest.raises(BodyTooLarge):
        await read_body(scope(headers=[(b"content-length", b"11")]), never, 10)


@pytest.mark.requirement("SEC-2")
async def test_a_body_that_does_not_say_its_size_is_cut_off_at_the_limit() -> None:
    sent = 0

    async def endless() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        return {"type": "http.request", "body": b"12345", "more_body": True}

    with pytest.raises(BodyTooLarge):
        await read_body(scope(), endless, 10)
    assert sent == 3


async def test_a_client_that_is_gone_is_no_short_body() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        await read_body(scope(), gone, 10)
