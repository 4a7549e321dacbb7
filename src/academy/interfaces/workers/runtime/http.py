"""The worker's own small address for probes: /healthz, /readyz, /metrics (API-4)."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

__all__ = ["Probe", "as_json", "serve_probes"]

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[tuple[int, str, bytes]]]
"""Answers one path: status, content type, body."""

HEAD_LIMIT = 8192
READ_SECONDS = 5.0
WRITE_SECONDS = 5.0
MOST_OPEN = 64
"""Probes at once; more are turned away, so that nobody can use up this process's files."""
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
_TEXT = "text/plain; charset=utf-8"


class _Probes:
    """Answers one request a connection."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._open = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= MOST_OPEN:
            writer.close()
            return
        self._open += 1
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_SECONDS)
            method, path = head.split(b" ", 2)[:2]
            status, kind, body = await self._ask(method, path.decode("ascii", "replace").partition("?")[0])
            writer.write(_head(status, kind, len(body)) + (b"" if method == b"HEAD" else body))
            await asyncio.wait_for(writer.drain(), WRITE_SECONDS)
        except (TimeoutError, EOFError, asyncio.LimitOverrunError, ValueError, ConnectionError):
            # A probe that breaks off or talks nonsense gets no answer; there is nobody to tell.
            return
        finally:
            self._open -= 1
            writer.close()

    async def _ask(self, method: bytes, path: str) -> tuple[int, str, bytes]:
        if method not in {b"GET", b"HEAD"}:
            return 405, _TEXT, b"only GET and HEAD\n"
        probe = self._probes.get(path)
        if probe is None:
            return 404, _TEXT, b"not found\n"
        try:
            return await probe()
        except Exception:
            log.exception("probe_failed", extra={"path": path})
            return 500, _TEXT, b"the probe itself failed; the log says why\n"


def _head(status: int, kind: str, length: int) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Service Unavailable')}",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def serve_probes(bind: str, probes: Mapping[str, Probe]) -> AsyncIterator[None]:
    """Serve probes on `bind` ("host:port", "[::1]:port") while the context lasts; nothing when it is empty.

    Raises OSError when the address is taken.
    """
    if not bind:
        yield
        return
    host, _, port = bind.rpartition(":")
    answers = _Probes(probes)
    server = await asyncio.start_server(answers.answer, host.strip("[]"), int(port), limit=HEAD_LIMIT)
    async with server:
        yield


def as_json(status: int, body: Mapping[str, object]) -> tuple[int, str, bytes]:
    """Return a JSON answer."""
    return status, "application/json", json.dumps(body, ensure_ascii=False).encode() + b"\n"
