"""RedisProgressStore on a real server: what only Redis has to show."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis
from tests.support.fault_server import SILENCE, fault_server
from tests.support.servers.process import ServerSpec, accepts, shared_server
from tests.support.servers.valkey import valkey_binary, valkey_command

from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress
from academy.infrastructure.redis.progress import RedisProgressStore

pytestmark = pytest.mark.requirement("JOB-9")


def _update(job_id: str, token: int, percent: float) -> ProgressUpdate:
    return ProgressUpdate(job_id, token, Progress("transcode", 2, 6, percent, 12.5))


@pytest.fixture
def prefix() -> str:
    return f"test:{secrets.token_hex(8)}:"


@pytest.fixture
async def store(valkey_url: str, prefix: str) -> AsyncIterator[RedisProgressStore]:
    async with RedisProgressStore.open(valkey_url, prefix=prefix, name=prefix) as opened:
        yield opened


async def test_progress_that_nobody_forgot_expires(valkey_url: str, prefix: str) -> None:
    async with (
        RedisProgressStore.open(valkey_url, prefix=prefix, ttl_seconds=100) as store,
        Redis.from_url(valkey_url) as client,
    ):
        await store.write([_update("j", 1, 5)])
        assert 90 < await client.ttl(f"{prefix}j") <= 100


async def test_many_calls_share_one_connection(
    store: RedisProgressStore, valkey_url: str, prefix: str
) -> None:
    async with Redis.from_url(valkey_url) as client:
        await asyncio.gather(*(store.write([_update(f"j{number}", 1, number)]) for number in range(50)))
        # Other tests use the server at the same time: only what bears our name is ours.
        mine = [each for each in await client.client_list() if each["name"] == prefix]
        assert len(mine) == 1
    assert len(await store.read([f"j{number}" for number in range(50)])) == 50


async def test_many_updates_go_in_one_round_trip(store: RedisProgressStore) -> None:
    await store.write([_update(f"j{number}", 3, number % 100) for number in range(1000)])
    await store.write([_update(f"j{number}", number % 5, 0) for number in range(1000)])
    kept = await store.read([f"j{number}" for number in range(1000)])
    assert [number for number in range(1000) if kept[f"j{number}"].percent == 0] == [
        number for number in range(1000) if number % 5 >= 3 or number % 100 == 0
    ]


async def test_stored_nonsense_is_an_error_and_no_progress(
    store: RedisProgressStore, valkey_url: str, prefix: str
) -> None:
    async with Redis.from_url(valkey_url) as client:
        for nonsense in ("no json", "[]", '{"step": 1}'):
            await client.hset(f"{prefix}j", "p", nonsense)
            with pytest.raises(ProgressUnavailable):
                await store.read(["j"])


async def test_an_outage_is_told_and_the_store_recovers_from_a_restart() -> None:
    binary = valkey_binary()
    folder = Path(tempfile.mkdtemp())
    spec = ServerSpec(
        name=f"valkey-restart-{secrets.token_hex(4)}",
        command=lambda _, port: valkey_command(binary, folder, port),
        ready=lambda _, port: accepts(port),
    )
    process: asyncio.subprocess.Process | None = None
    async with AsyncExitStack() as stack:
        with shared_server(spec) as server:
            store = await stack.enter_async_context(
                RedisProgressStore.open(f"redis://127.0.0.1:{server.port}", timeout_seconds=1)
            )
            await store.write([_update("j", 1, 50)])
        await _until(lambda: not accepts(server.port))
        for call in (
            store.write([_update("j", 1, 60)]),
            store.read(["j"]),
            store.forget(["j"]),
            store.ping(),
        ):
            with pytest.raises(ProgressUnavailable):
                await call
        command = valkey_command(binary, folder, server.port)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        try:
            await _until(lambda: accepts(server.port))
            await store.write([_update("j", 1, 70)])
            assert (await store.read(["j"]))["j"].percent == 70
        finally:
            process.terminate()
            await process.wait()
    shutil.rmtree(folder)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 -- another process opens and closes the port
        await asyncio.sleep(0.02)


async def test_a_server_that_is_silent_is_an_outage() -> None:
    async with (
        fault_server(lambda _: SILENCE) as server,
        RedisProgressStore.open(server.url.replace("http", "redis"), timeout_seconds=0.2) as store,
    ):
        with pytest.raises(ProgressUnavailable):
            await store.ping()
