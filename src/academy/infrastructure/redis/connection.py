"""One connection to a Redis server that everybody of a process shares.

Commands are answered in the order in which they were sent, so those of many callers follow one another without waiting. What is
read and written is left to hiredis. Source: "Redis serialization protocol specification" and "Redis pipelining" (redis.io).

    RedisUnavailable
    ├─ RedisLost     no connection, or it was lost before the answer
    └─ RedisRefused  the server answered with an error
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from hiredis import ProtocolError, Reader, ReplyError, pack_command

__all__ = ["RedisAddress", "RedisConnection", "RedisLost", "RedisRefused", "RedisUnavailable"]

Command = tuple[str | int | float | bytes, ...]


class RedisUnavailable(Exception):
    """Root of what this module raises; the text names the server and holds no password."""


class RedisLost(RedisUnavailable):
    """There is no connection, the server was silent, or what came was not its protocol."""


class RedisRefused(RedisUnavailable):
    """The server answered with an error."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a server is and who we are to it. `user` and `password` may be empty."""

    host: str
    port: int
    tls: bool
    database: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "RedisAddress":
        """Read "redis://user:password@host:port/database" (rediss: with TLS). Raises ValueError, without showing the password."""
        try:
            parts = urlsplit(url)
            database = int(parts.path.strip("/") or 0)
            port = parts.port or 6379
        except ValueError:
            raise ValueError(
                "the address of a Redis server ends with a port and the number of a database"
            ) from None
        if parts.scheme not in {"redis", "rediss"} or not parts.hostname or parts.query:
            raise ValueError(
                "the address of a Redis server is redis://host:port or rediss://host:port, without options"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port, parts.scheme == "rediss", database, user, password)

    def greeting(self, name: str) -> list[Command]:
        """Return what a new connection says first, `name` being shown to operators."""
        who: tuple[str, ...] = (self.user, self.password) if self.user else (self.password,)
        login: list[Command] = [("AUTH", *who)] if self.password else []
        chosen: list[Command] = [("SELECT", self.database)] if self.database else []
        return [*login, *chosen, ("CLIENT", "SETNAME", name)]


class RedisConnection:
    """Connects at the first call, and again after a loss."""

    def __init__(self, address: RedisAddress, *, name: str, timeout_seconds: float) -> None:
        """Prepare; nothing is sent.

        Args:
            address: of the server.
            name: shown in CLIENT LIST, without spaces.
            timeout_seconds: limit of a connect, and of an answer.
        """
        self._address = address
        self._name = name
        self._timeout = timeout_seconds
        self._connecting: asyncio.Task[_Link] | None = None
        self._link: _Link | None = None
        self._where = f"Redis {address.host}:{address.port}"

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together and return their answers. Raises RedisUnavailable; RedisRefused when any was refused.

        Commands must bear being run twice: a connection that was found closed gets one second try on a new one.
        """
        kept = self._link
        if kept is not None and not kept.closed:
            try:
                return await self._ask(kept, commands)
            except _Closed:
                pass
        return await self._ask(await self._connected(), commands)

    async def aclose(self) -> None:
        """Close; a later call would connect again."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._link is not None:
            self._link.abort()
            await self._link.ended

    async def _connected(self) -> "_Link":
        if self._link is not None and not self._link.closed:
            return self._link
        # Callers share one attempt and its failure: in a line, the n-th would wait out n time-outs. It is a task of its own, so
        # that no caller who stops waiting ends it for the others.
        attempt = self._connecting
        if attempt is None:
            attempt = self._connecting = asyncio.create_task(self._greeted())
            attempt.add_done_callback(self._attempted)
        await asyncio.wait([attempt])
        if attempt.cancelled():
            raise RedisLost(f"{self._where}: closed while it was being connected")
        return attempt.result()

    def _attempted(self, attempt: "asyncio.Task[_Link]") -> None:
        self._connecting = None
        if not attempt.cancelled() and attempt.exception() is None:
            self._link = attempt.result()

    async def _greeted(self) -> "_Link":
        link = await self._connect()
        try:
            await self._ask(link, self._address.greeting(self._name))
        except BaseException:
            link.abort()
            raise
        return link

    async def _connect(self) -> "_Link":
        trust = ssl.create_default_context() if self._address.tls else None
        try:
            async with asyncio.timeout(self._timeout):
                _, link = await asyncio.get_running_loop().create_connection(
                    lambda: _Link(self._where), self._address.host, self._address.port, ssl=trust
                )
        except TimeoutError:
            raise RedisLost(f"{self._where}: no connection in {self._timeout} s") from None
        except OSError as error:
            raise RedisLost(f"{self._where}: no connection: {error}") from error
        return link

    async def _ask(self, link: "_Link", commands: Sequence[Command]) -> list[Any]:
        try:
            async with asyncio.timeout(self._timeout):
                answers = await link.send(commands)
        except TimeoutError:
            # Whoever else waits on this connection waits in vain as well.
            link.abort()
            raise RedisLost(f"{self._where}: no answer in {self._timeout} s") from None
        for answer in answers:
            if isinstance(answer, ReplyError):
                raise RedisRefused(f"{self._where}: {answer}")
        return answers


class _Closed(RedisLost):
    """The connection was closed, maybe long ago."""


class _Link(asyncio.Protocol):
    """One connection: answers to their commands, in order."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._transport: asyncio.Transport | None = None
        self._reader = Reader(encoding="utf-8", errors="replace", notEnoughData=_NOTHING)
        self._waiting: deque[tuple[asyncio.Future[list[Any]], int]] = deque()
        self._answers: list[Any] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def closed(self) -> bool:
        """Return whether nothing can be sent any more."""
        return self._transport is None or self._transport.is_closing()

    def send(self, commands: Sequence[Command]) -> "asyncio.Future[list[Any]]":
        """Write commands; the future gets as many answers. One that is cancelled is answered to nobody."""
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            future.set_exception(_Closed(f"{self._where}: connection closed"))
        else:
            self._waiting.append((future, len(commands)))
            self._transport.write(b"".join(map(_packed, commands)))
        return future

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        because = f" ({exc})" if exc else ""
        while self._waiting:
            future, _ = self._waiting.popleft()
            if not future.done():
                future.set_exception(_Closed(f"{self._where}: connection closed{because}"))
        self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not _NOTHING:
                self._take(answer)
        except (ProtocolError, IndexError) as error:
            self._refuse(error)

    def _take(self, answer: Any) -> None:  # noqa: ANN401 - whatever a command answers
        future, wanted = self._waiting[0]
        self._answers.append(answer)
        if len(self._answers) == wanted:
            self._waiting.popleft()
            answers, self._answers = self._answers, []
            if not future.done():
                future.set_result(answers)

    def _refuse(self, error: Exception) -> None:
        """Tell everybody who waits that what came was no answer; a second try would bring no other."""
        while self._waiting:
            future, _ = self._waiting.popleft()
            if not future.done():
                future.set_exception(RedisLost(f"{self._where}: not the protocol of Redis: {error}"))
        self.abort()


def _packed(command: Command) -> bytes:
    packed: bytes = pack_command(command)  # type: ignore[arg-type]  # its stub knows tuples of one word
    return packed


_NOTHING = object()
