"""RedisConnection: answers find those who asked, and a server that misbehaves is an outage."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.integration.aws.raw_server import certificate
from tests.support.servers.process import ServerSpec, accepts, shared_server
from tests.support.servers.valkey import valkey_binary, valkey_command

from academy.infrastructure.redis.connection import RedisAddress, RedisConnection, RedisLost, RedisRefused

pytestmark = pytest.mark.requirement("JOB-9")


@asynccontextmanager
async def _connected(url: str, timeout_seconds: float = 5.0) -> AsyncIterator[RedisConnection]:
    connection = RedisConnection(RedisAddress.of(url), name="test", timeout_seconds=timeout_seconds)
    try:
        yield connection
    finally:
        await connection.aclose()


class Scripted:
    """Greets as a server does, then answers each request as told: with bytes, or by closing (None)."""

    def __init__(self, reply: Callable[[int], bytes | None], greets: bool) -> None:
        self.reply = reply
        self.greets = greets
        self.connections = self.requests = 0
        self.called = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.connections += 1
        self.called.set()
        with suppress(ConnectionError, asyncio.CancelledError):
            await reader.readuntil(b"test\r\n")
            writer.write(b"+OK\r\n" if self.greets else b"")
            while await reader.read(65_536):
                self.requests += 1
                answer = self.reply(self.requests)
                if answer is None:
                    break
                writer.write(answer)
        writer.close()


@asynccontextmanager
async def _scripted(reply: Callable[[int], bytes | None], *, greets: bool = True) -> AsyncIterator[Scripted]:
    scripted = Scripted(reply, greets)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        for task in scripted.tasks:
            task.cancel()
        await asyncio.gather(*scripted.tasks, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def _mute() -> AsyncIterator[Scripted]:
    """Take connections and say nothing, not even to the greeting."""
    async with _scripted(lambda _: b"", greets=False) as scripted:
        yield scripted


async def test_answers_find_who_asked_also_when_somebody_stops_waiting(valkey_url: str) -> None:
    async with _connected(valkey_url) as connection:

        async def ask(number: int) -> list[str]:
            return await connection.run([("ECHO", f"{number}-{part}") for part in range(number % 5 + 1)])

        asking = [asyncio.create_task(ask(number)) for number in range(200)]
        # Once the first is answered all are on their way.
        await asking[0]
        for task in asking[1::3]:
            task.cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
    for number, answer in enumerate(answers):
        if not isinstance(answer, asyncio.CancelledError):
            assert answer == [f"{number}-{part}" for part in range(number % 5 + 1)]


async def test_a_refused_command_is_told_and_leaves_the_connection_as_it_is(valkey_url: str) -> None:
    key = secrets.token_hex(8)
    async with _connected(valkey_url) as connection:
        with pytest.raises(RedisRefused, match="NOSUCH"):
            await connection.run([("SET", key, 7, "EX", 60), ("NOSUCH",), ("PING",)])
        assert await connection.run([("GET", key), ("DEL", key)]) == ["7", 1]


@pytest.mark.requirement("SEC-3")
async def test_a_password_opens_and_a_wrong_one_is_told_without_being_shown(tmp_path: Path) -> None:
    spec = ServerSpec(
        name=f"valkey-locked-{secrets.token_hex(4)}",
        command=lambda _, port: [
            *valkey_command(valkey_binary(), tmp_path, port),
            "--requirepass",
            "open sesame",
        ],
        ready=lambda _, port: accepts(port),
    )
    with shared_server(spec) as server:
        at = f"127.0.0.1:{server.port}"
        async with _connected(f"redis://:open%20sesame@{at}/3") as connection:
            assert await connection.run([("SET", "k", "v"), ("GET", "k")]) == ["OK", "v"]
        async with _connected(f"redis://default:open%20sesame@{at}") as connection:
            assert await connection.run([("GET", "k")]) == [None]
        for url in (f"redis://:wrong-password@{at}", f"redis://{at}"):
            async with _connected(url) as connection:
                with pytest.raises(RedisRefused) as caught:
                    await connection.run([("PING",)])
                assert "wrong-password" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+PONG\r\n+PONG\r\n", b"\x15\x03\x01"]
)
async def test_what_is_no_answer_is_an_outage_and_the_next_call_connects_anew(answer: bytes) -> None:
    async with _scripted(lambda number: answer if number == 1 else b"+PONG\r\n") as server:
        async with _connected(server.url) as connection:
            with suppress(RedisLost):
                assert await connection.run([("PING",)]) == ["PONG"]
            assert await connection.run([("PING",)]) == ["PONG"]
        assert server.connections == 2


async def test_a_connection_that_was_closed_meanwhile_costs_a_second_try_and_a_new_one_does_not() -> None:
    async with _scripted(lambda number: None if number in {2, 4, 5} else b"+PONG\r\n") as server:
        async with _connected(server.url) as connection:
            assert await connection.run([("PING",)]) == ["PONG"]
            assert await connection.run([("PING",)]) == ["PONG"]
            with pytest.raises(RedisLost):
                await connection.run([("PING",)])
        assert server.requests == 5


@pytest.mark.parametrize("before", [b"", b"$5\r\nab", b"*2\r\n+OK\r\n"])
async def test_silence_ends_at_the_limit_for_everybody_who_waits(before: bytes) -> None:
    async with (
        _scripted(lambda number: before if number == 1 else b"") as server,
        _connected(server.url, 0.2) as connection,
    ):
        results = await asyncio.gather(
            *(connection.run([("PING",)]) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(result, RedisLost) for result in results)


async def test_callers_share_one_attempt_to_connect_and_its_failure() -> None:
    async with _mute() as server, _connected(server.url, 0.2) as connection:
        results = await asyncio.gather(
            *(connection.run([("PING",)]) for _ in range(20)), return_exceptions=True
        )
        assert all(isinstance(result, RedisLost) for result in results)
        assert server.connections == 1


async def test_who_stops_waiting_for_a_connection_ends_it_for_nobody_else() -> None:
    async with _scripted(lambda _: b"+PONG\r\n") as server, _connected(server.url) as connection:
        first, second = (asyncio.create_task(connection.run([("PING",)])) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ["PONG"]
        assert server.connections == 1


async def test_closing_ends_an_attempt_to_connect_and_tells_who_waits() -> None:
    async with _mute() as server, _connected(server.url, 30) as connection:
        asking = asyncio.create_task(connection.run([("PING",)]))
        await asyncio.wait_for(server.called.wait(), 5)
        await connection.aclose()
        with pytest.raises(RedisLost, match="closed"):
            await asking


@pytest.mark.requirement("SEC-3")
async def test_a_server_without_a_trusted_certificate_is_told_no_password(tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        async with _connected(f"rediss://:secret@127.0.0.1:{port}") as connection:
            with pytest.raises(RedisLost, match="certificate"):
                await connection.run([("PING",)])
    assert heard == []
