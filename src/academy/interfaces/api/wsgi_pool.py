"""Django behind ASGI: a fixed pool of threads, fed by the loop.

The loop reads a request whole before a thread is taken and sends the answer after the thread is free, so slow clients
hold no thread. Both are small here: files go by the native endpoints.
"""

import asyncio
import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from academy.interfaces.api.http import Answer, Scope

__all__ = [
    "MAX_BODY_BYTES",
    "Environ",
    "PoolBusy",
    "StartResponse",
    "WsgiApplication",
    "WsgiPool",
    "environ_of",
]

MAX_BODY_BYTES = 1 << 20
LEAVE_SECONDS = 15.0
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


class PoolBusy(Exception):
    """As many requests wait as may."""


class WsgiPool:
    """Runs a WSGI application on `threads` threads; at most `waiting` further requests queue up."""

    def __init__(self, application: WsgiApplication, *, threads: int, waiting: int = 512) -> None:
        self._application = application
        self._size = threads
        self._threads = ThreadPoolExecutor(threads, "api")
        self._free = threads + waiting

    @property
    def free(self) -> int:
        """How many more requests would be taken now."""
        return self._free

    async def run(self, environ: Environ) -> Answer:
        """Answer one request. Raises PoolBusy, and what the application raises."""
        if self._free <= 0:
            raise PoolBusy
        self._free -= 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._call, environ)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    async def call(self, work: Callable[[], None]) -> None:
        """Call a function on one of the threads."""
        await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self, leave: Callable[[], None]) -> None:
        """Let the requests under way finish, and call `leave` on every thread before it ends."""
        together = threading.Barrier(self._size)

        def last() -> None:
            # Each thread waits for the others, so none of them gets two of these.
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait(LEAVE_SECONDS)
            leave()

        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, last) for _ in range(self._size)))
        self._threads.shutdown()

    def _done(self, future: "asyncio.Future[Answer]") -> None:
        self._free += 1
        if not future.cancelled():
            # The caller may be gone; the error was logged where it arose.
            future.exception()

    def _call(self, environ: Environ) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: object
        ) -> Callable[[bytes], None]:
            started[:] = [(status, headers)]
            return _no_write

        pieces = self._application(environ, start_response)
        try:
            body = b"".join(pieces)
        finally:
            # Django gives its database connections back in here.
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        status, headers = started[0]
        kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
        return Answer(int(status[:3]), body, kept)


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("the write callable of WSGI is not supported")


def environ_of(scope: Scope, body: bytes) -> Environ:
    """Return the WSGI environment of an ASGI request (PEP 3333); headers with an underscore are dropped, they could pose as others."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 80),
        "REMOTE_ADDR": str(client[0]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name or name in {"content-length", "transfer-encoding"}:
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        joint = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ
