"""A small HTTP/1.1 client of one server, for JSON and XML of moderate size. What it raises: see the module `connection`."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from academy.infrastructure.http.connection import (
    AnswerLate,
    AnswerRefused,
    Connection,
    ConnectionClosed,
    ConnectionFailed,
    HttpAnswer,
    HttpFailed,
)

__all__ = [
    "AnswerLate",
    "AnswerRefused",
    "ConnectionClosed",
    "ConnectionFailed",
    "HttpAnswer",
    "HttpClient",
    "HttpFailed",
    "HttpLimits",
]

IDLE_SECONDS = 55.0
"""Connections idle for longer are not used again: a router on the way may have forgotten them and would let us wait."""
_OTHERS_TRY_AFTER = 0.25


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What a client allows itself and its server.

    Attributes:
        connections: open at once; who comes later waits.
        connect_seconds: for address, connection and TLS together.
        answer_seconds: from the request to the last byte of its answer.
        body_bytes: of an answer.
    """

    connections: int = 8
    connect_seconds: float = 5.0
    answer_seconds: float = 30.0
    body_bytes: int = 1 << 20


class HttpClient:
    """Keeps connections to one server. A request that is cancelled closes its connection, so no answer meets a later request."""

    def __init__(self, url: str, limits: HttpLimits, trust: ssl.SSLContext | None = None) -> None:
        """Prepare; nothing is sent.

        Args:
            url: scheme (http or https), host and port; the rest is left aside.
            limits: see there.
            trust: whom to believe to be the server; default: the system's certificates, host name checked.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an address of a web server: {url!r}")
        self.host = parts.netloc.rpartition("@")[2]
        self._hostname = parts.hostname
        self._tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._limits = limits
        self._trust = trust
        self._slots = asyncio.Semaphore(limits.connections)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()

    async def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> HttpAnswer:
        """Send a request and return its answer, whatever the status. Raises HttpFailed.

        A kept connection that the server had closed meanwhile costs one second try on a new one; nothing else is tried twice.

        Args:
            method: "GET".
            target: path and query as they are sent, percent-encoded.
            headers: without Host and Content-Length.
            body: sent with its length; a GET, HEAD or DELETE without one has none.
        """
        message = self._message(method, target, headers, body)
        async with self._slots:
            kept = self._kept()
            if kept is not None:
                try:
                    return await self._exchange(kept, method, message)
                except ConnectionClosed:
                    pass
            return await self._exchange(await self._connect(), method, message)

    async def aclose(self) -> None:
        """Close every connection, also of requests under way."""
        for connection in self._open:
            connection.abort()
        await asyncio.gather(*(connection.closed for connection in self._open))

    def _message(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method in {"POST", "PUT"}:
            lines.append(f"Content-Length: {len(body)}")
        lines += ["", ""]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
            raise ValueError("a header holds a line break")
        return head.encode("ascii") + body

    def _kept(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since >= oldest and not connection.closing:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        if self._tls and self._trust is None:
            self._trust = ssl.create_default_context()
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: Connection(self.host, self._limits.body_bytes),
                    self._hostname,
                    self._port,
                    ssl=self._trust if self._tls else None,
                    happy_eyeballs_delay=_OTHERS_TRY_AFTER,
                )
        except TimeoutError:
            raise ConnectionFailed(
                f"{self.host}: no connection in {self._limits.connect_seconds} s"
            ) from None
        except OSError as error:
            raise ConnectionFailed(f"{self.host}: no connection: {error}") from error
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    async def _exchange(self, connection: Connection, method: str, message: bytes) -> HttpAnswer:
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await connection.send(message, head_only=method == "HEAD")
        except TimeoutError:
            raise AnswerLate(f"{self.host}: no answer in {self._limits.answer_seconds} s") from None
        finally:
            if connection.reusable:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)
            else:
                connection.abort()
