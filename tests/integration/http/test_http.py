"""HttpClient against servers that behave, and servers that do not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.integration.aws.raw_server import RawServer, Reply, certificate, raw_server

from academy.infrastructure.http.client import (
    AnswerLate,
    AnswerRefused,
    ConnectionFailed,
    HttpAnswer,
    HttpClient,
    HttpFailed,
    HttpLimits,
)

pytestmark = pytest.mark.requirement("QUE-6")

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 OK\r\n"
QUICK = HttpLimits(connections=2, connect_seconds=5, answer_seconds=5, body_bytes=1000)


@asynccontextmanager
async def opened(
    reply: bytes | Reply,
    limits: HttpLimits = QUICK,
    tls: ssl.SSLContext | None = None,
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[HttpClient, RawServer]]:
    async with raw_server(reply, tls) as server:
        client = HttpClient(server.url, limits, trust)
        try:
            yield client, server
        finally:
            await client.aclose()


async def _get(client: HttpClient) -> HttpAnswer:
    return await client.request("GET", "/", {})


async def test_one_connection_serves_request_after_request() -> None:
    async with opened(GOOD) as (client, server):
        for _ in range(5):
            assert await client.request("POST", "/a?b=c", {"X-A": "b"}, b"body") == HttpAnswer(
                200, {"content-length": "2"}, b"{}"
            )
    assert server.connections == 1
    head, _, body = server.requests[0][1].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /a?b=c HTTP/1.1"
    assert {b"X-A: b", b"Content-Length: 4", b"Host: " + server.url[7:].encode()} <= {*head.split(b"\r\n")}
    assert body == b"body"


async def test_who_comes_when_all_connections_are_taken_waits() -> None:
    most = 0

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, server.open)
        await asyncio.sleep(0.01)
        writer.write(GOOD)

    async with opened(reply) as (client, server):
        answers = await asyncio.gather(*(_get(client) for _ in range(10)))
    assert [answer.body for answer in answers] == [b"{}"] * 10
    assert (most, server.connections) == (2, 2)


async def test_a_connection_that_was_closed_between_requests_is_replaced_unnoticed() -> None:
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        # The server says that it keeps the connection, and closes it.
        writer.write(GOOD)
        await writer.drain()
        writer.close()

    async with opened(reply) as (client, server):
        for _ in range(5):
            assert (await _get(client)).status == 200
    assert server.connections == 5


async def test_a_kept_connection_that_dies_under_a_request_is_tried_once_more_and_a_new_one_is_not() -> None:
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 1:
            writer.write(GOOD)
        else:
            writer.close()

    async with opened(reply) as (client, server):
        await _get(client)
        with pytest.raises(ConnectionFailed):
            await _get(client)
        assert len(server.requests) == 3
        with pytest.raises(ConnectionFailed):
            await _get(client)
        assert len(server.requests) == 4


async def test_what_the_server_wants_closed_is_not_used_again() -> None:
    async with opened(HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}") as (client, server):
        for _ in range(3):
            assert (await _get(client)).body == b"{}"
    assert server.connections == 3


WHOLE = {
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"),
    "chunks with a trailer": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: y\r\n\r\n",
        b"a",
    ),
    "nothing": (HEAD + b"Content-Length: 0\r\n\r\n", b""),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "a hint before it": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + GOOD, b"{}"),
    "the largest body": (HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000, b"x" * 1000),
}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("step", [1, 7, 100_000])
async def test_an_answer_is_read_in_every_form_and_however_it_is_cut(form: str, step: int) -> None:
    sent, body = WHOLE[form]

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(sent), step):
            writer.write(sent[start : start + step])
            await asyncio.sleep(0)

    async with opened(reply) as (client, server):
        assert [(await _get(client)).body for _ in range(2)] == [body, body]
    assert server.connections == 1


async def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    async with opened(HEAD + b"Content-Length: 5000\r\nETag: x\r\n\r\n") as (client, server):
        for _ in range(2):
            answer = await client.request("HEAD", "/k", {})
            assert (answer.body, answer.headers["etag"]) == (b"", "x")
    assert server.connections == 1


CUT = {
    "half a status": b"HTTP/1.1 20",
    "half the headers": HEAD + b"Content-Le",
    "half a body": HEAD + b"Content-Length: 10\r\n\r\n12345",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nA\r\n12345",
    "chunks without an end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("where", CUT)
async def test_half_an_answer_is_none(where: str) -> None:
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CUT[where])
        await writer.drain()
        writer.close()

    async with opened(reply) as (client, _):
        with pytest.raises(ConnectionFailed):
            await _get(client)


REFUSED = {
    "garbage": b"\x16\x03\x01\x00\xff garbage \x00\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no length": HEAD + b"\r\nhalf or whole?",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no number": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a negative length": HEAD + b"Content-Length: -2\r\n\r\n{}",
    "an upgrade": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "two answers at once": GOOD + GOOD,
    "an endless header": HEAD + b"X: " + b"x" * 300_000,
    "headers without number": HEAD
    + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(200))
    + b"\r\n",
    "too large a body": HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
    "too many chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"64\r\n" + b"x" * 100 + b"\r\n") * 11,
}


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_answer_is_refused_and_its_connection_closed(what: str) -> None:
    async with opened(REFUSED[what]) as (client, server):
        with pytest.raises(AnswerRefused):
            await _get(client)
        await _until_closed(server)


async def test_bytes_that_nobody_asked_for_are_no_answer_to_the_next_request() -> None:
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 1:
            writer.write(GOOD)
            await writer.drain()
            asyncio.get_running_loop().call_later(0.02, writer.write, GOOD.replace(b"{}", b"[]"))
        else:
            writer.write(GOOD)

    async with opened(reply) as (client, server):
        await _get(client)
        await _until_closed(server)
        assert (await _get(client)).body == b"{}"


async def _until_closed(server: RawServer) -> None:
    while server.open:  # noqa: ASYNC110 -- the server is told by its socket alone
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("before", [b"", HEAD, HEAD + b"Content-Length: 5\r\n\r\nab"])
async def test_silence_ends_at_the_limit_and_its_connection_with_it(before: bytes) -> None:
    limits = HttpLimits(answer_seconds=0.1)
    async with opened(before, limits) as (client, server):
        with pytest.raises(AnswerLate, match=r"0\.1 s"):
            await _get(client)
        await _until_closed(server)


async def test_an_answer_that_trickles_does_not_stretch_the_limit() -> None:
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.01)

    async with opened(reply, HttpLimits(answer_seconds=0.1)) as (client, _):
        with pytest.raises(AnswerLate):
            await _get(client)


async def test_a_request_that_is_cancelled_closes_its_connection_and_frees_its_place() -> None:
    asked = asyncio.Event()

    async def reply(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked.set()
        if b"/slow" in request:
            await asyncio.sleep(0.05)
        writer.write(GOOD.replace(b"{}", request[5:7]))

    limits = HttpLimits(connections=1)
    async with opened(reply, limits) as (client, server):
        slow = asyncio.create_task(client.request("GET", "/slow", {}))
        await asked.wait()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert slow.cancelled()
        # Its answer, had the connection been kept, would be taken for this one's.
        assert (await client.request("GET", "/quick", {})).body == b"qu"
    assert [number for number, _ in server.requests] == [1, 2]


async def test_a_closed_client_ends_requests_under_way() -> None:
    asked = asyncio.Event()

    async def reply(_: bytes, _writer: asyncio.StreamWriter) -> None:
        asked.set()

    async with opened(reply) as (client, server):
        waiting = asyncio.create_task(_get(client))
        await asked.wait()
        await client.aclose()
        with pytest.raises(HttpFailed):
            await waiting
        await _until_closed(server)


async def test_an_early_refusal_of_a_large_request_is_read_and_the_rest_kept_apart() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"

    ended = asyncio.Semaphore(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refusal)
        with suppress(ConnectionError):
            while await reader.read(1 << 20):
                pass
        writer.close()
        ended.release()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = HttpClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", QUICK)
        answers = []
        for _ in range(2):
            answers.append(await client.request("POST", "/", {}, bytes(32 << 20)))
            # It ends because the connection was not kept.
            await ended.acquire()
        await client.aclose()
    assert [answer.status for answer in answers] == [413, 413]


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize("header", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b"])
async def test_a_header_cannot_smuggle_another(header: str) -> None:
    async with opened(GOOD) as (client, server):
        with pytest.raises(ValueError, match="line break"):
            await client.request("GET", "/", {"X": header})
        with pytest.raises(ValueError, match="line break"):
            await client.request("GET", f"/{header}", {})
    assert server.requests == []


async def test_nobody_there_is_told_with_the_address() -> None:
    client = HttpClient("http://127.0.0.1:1", QUICK)
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1"):
        await _get(client)
    client = HttpClient("http://no-such-host.invalid", QUICK)
    with pytest.raises(ConnectionFailed, match=r"no-such-host\.invalid"):
        await _get(client)


@pytest.mark.parametrize("url", ["ftp://host", "host:80", "", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        HttpClient(url, QUICK)


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize("fault", ["nobody's certificate", "another's name", "run out"])
async def test_a_server_without_a_trusted_certificate_gets_no_request(fault: str, tmp_path: Path) -> None:
    host, days = (
        ("other.example" if fault == "another's name" else "127.0.0.1"),
        (-1 if fault == "run out" else 1),
    )
    tls, file = certificate(tmp_path, host=host, days=days)
    trust = None if fault == "nobody's certificate" else ssl.create_default_context(cafile=file)
    async with opened(GOOD, tls=tls, trust=trust) as (client, server):
        with pytest.raises(ConnectionFailed, match="certificate"):
            await _get(client)
    assert server.requests == []


async def test_a_server_with_a_trusted_certificate_is_served_over_one_connection(tmp_path: Path) -> None:
    tls, file = certificate(tmp_path)
    async with opened(GOOD, tls=tls, trust=ssl.create_default_context(cafile=file)) as (client, server):
        for _ in range(3):
            assert (await _get(client)).body == b"{}"
    assert server.connections == 1


async def test_a_server_that_speaks_no_tls_is_no_server(tmp_path: Path) -> None:
    async with raw_server(GOOD) as server:
        client = HttpClient(server.url.replace("http:", "https:"), HttpLimits(connect_seconds=0.3))
        with pytest.raises(ConnectionFailed):
            await _get(client)
        await client.aclose()
