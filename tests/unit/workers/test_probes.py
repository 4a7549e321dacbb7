"""What a worker answers to probes, whatever its adapters do (API-4)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from tests.support.jobs import until

from academy.interfaces.workers.runtime.http import Probe, as_json, serve_probes
from academy.interfaces.workers.runtime.probes import Readiness

pytestmark = pytest.mark.requirement("API-4")


async def fine() -> None:
    return None


async def broken() -> None:
    raise ConnectionError("nobody there")


@asynccontextmanager
async def served(**probes: Probe) -> AsyncIterator[str]:
    listener = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    async with serve_probes(f"127.0.0.1:{port}", {f"/{name}": probe for name, probe in probes.items()}):
        yield f"http://127.0.0.1:{port}"


async def test_an_adapter_that_hangs_is_reported_in_time_and_asked_once_only() -> None:
    asked, release = 0, asyncio.Event()

    async def hung() -> None:
        nonlocal asked
        asked += 1
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    readiness = Readiness({"database": fine, "queue": hung, "objects": broken}, seconds=0.1)
    async with asyncio.timeout(5):
        first, second = await readiness.ask(), await readiness.ask()
    assert first["database"] == "ok"
    assert first["queue"] == "no answer within 0.1 s"
    assert "nobody there" in first["objects"]
    assert second["queue"] == first["queue"]
    assert asked == 1
    release.set()
    await until(lambda: not any(task.get_name() == "ready queue" for task in asyncio.all_tasks()))
    assert (await readiness.ask())["queue"] == "ok"


async def test_probes_answer_heads_unknown_paths_and_their_own_faults() -> None:
    async def good() -> tuple[int, str, bytes]:
        return as_json(503, {"왜": "멈춤"})

    async def faulty() -> tuple[int, str, bytes]:
        raise ZeroDivisionError

    async with served(good=good, faulty=faulty) as url, httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/good?x=1")
        assert (answer.status_code, json.loads(answer.content)) == (503, {"왜": "멈춤"})
        head = await client.head(f"{url}/good")
        assert (head.status_code, head.content) == (503, b"")
        assert (await client.get(f"{url}/faulty")).status_code == 500
        assert (await client.get(f"{url}/nothing")).status_code == 404
        assert (await client.post(f"{url}/good")).status_code == 405


async def test_a_caller_who_says_nothing_keeps_nobody_else_from_an_answer() -> None:
    async def good() -> tuple[int, str, bytes]:
        return as_json(200, {"alive": True})

    async with served(good=good) as url, httpx2.AsyncClient(trust_env=False) as client:
        host, _, port = url.removeprefix("http://").partition(":")
        silent = [await asyncio.open_connection(host, int(port)) for _ in range(5)]
        assert (await client.get(f"{url}/good")).status_code == 200
        for _, writer in silent:
            writer.close()
