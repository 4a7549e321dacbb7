"""The worker's own small address for probes: /healthz, /readyz, /metrics (API-4)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

__all__ = ["Probe", "serve_probes"]

Probe = Callable[[], Awaitable[tuple[int, str, bytes]]]
"""Answers one path: status, content type, body."""

HEAD_LIMIT = 8192
READ_SECONDS = 5.0


async def _answer(
    probes: Mapping[str, Probe], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_SECONDS)
        path = head.split(b" ", 2)[1].decode("ascii", "replace").partition("?")[0]
        probe = probes.get(path)
        status, kind, body = await probe() if probe else (404, "text/plain", b"not found\n")
        text = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(text.encode() + body)
        await writer.drain()
    except (
        TimeoutError,
        asyncio.IncompleteReadError,
        asyncio.LimitOverrunError,
        IndexError,
        ConnectionError,
    ):
        # A probe that breaks off or talks nonsense gets no answer; there is nobody to tell.
        return
    finally:
        writer.close()


@asynccontextmanager
async def serve_probes(bind: str, probes: Mapping[str, Probe]) -> AsyncIterator[None]:
    """Serve probes on `bind` ("host:port") while the context lasts; nothing when it is empty."""
    if not bind:
        yield
        return
    host, _, port = bind.rpartition(":")
    server = await asyncio.start_server(lambda r, w: _answer(probes, r, w), host, int(port), limit=HEAD_LIMIT)
    async with server:
        yield


def as_json(status: int, body: Mapping[str, object]) -> tuple[int, str, bytes]:
    """Return a JSON answer."""
    return status, "application/json", json.dumps(body).encode() + b"\n"
