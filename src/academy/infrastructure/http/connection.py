"""One HTTP/1.1 connection, as a client sees it.

| seen                                                              | raised           |
|-------------------------------------------------------------------|------------------|
| no address, refused, no certificate that is trusted, connect late | ConnectionFailed |
| closed in the middle of an answer                                 | ConnectionFailed |
| closed before a byte of the answer                                | ConnectionClosed |
| no whole answer in time                                           | AnswerLate       |
| not HTTP, over the limits, without a length                       | AnswerRefused    |

    HttpFailed
    ├─ ConnectionFailed
    │  └─ ConnectionClosed
    ├─ AnswerLate
    └─ AnswerRefused

Sources: RFC 9112 (messages, chunks, connections), RFC 9110 (HEAD, 1xx, 204, 304).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

__all__ = [
    "AnswerLate",
    "AnswerRefused",
    "Connection",
    "ConnectionClosed",
    "ConnectionFailed",
    "HttpAnswer",
    "HttpFailed",
]

MAX_HEAD_BYTES = 1 << 16
"""Status line and headers of an answer, all together."""
_NO_BODY = frozenset({204, 304})
_LENGTHS = frozenset({"content-length", "transfer-encoding"})


class HttpFailed(Exception):
    """Root of what this module raises: there is no answer. The text names the server."""


class ConnectionFailed(HttpFailed):
    """No connection, or it was lost."""


class ConnectionClosed(ConnectionFailed):
    """The server closed the connection before the first byte of an answer."""


class AnswerLate(HttpFailed):
    """The answer was not whole in time."""


class AnswerRefused(HttpFailed):
    """What came is no answer that we take."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers by name in lower case (of a repeated one the last), and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """One connection; one request at a time, so its user has to wait for the answer or abort."""

    def __init__(self, host: str, max_body: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._host = host
        self._max_body = max_body
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._head_only = False
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self.reusable = False
        self.idle_since = 0.0

    @property
    def closing(self) -> bool:
        """Return whether the connection is closed or about to be."""
        return self._transport is None or self._transport.is_closing()

    def send(self, message: bytes, *, head_only: bool) -> "asyncio.Future[HttpAnswer]":
        """Write a request; the future gets its answer, or HttpFailed."""
        self.reusable = False
        self._head_only = head_only
        # A parser for each answer: nothing of one can reach the next, and one that HEAD leaves in its middle is dropped.
        self._parser = HttpResponseParser(self)
        self._refusal = ""
        self._received = 0
        self._begin_answer()
        self._waiter = waiter = self._loop.create_future()
        if self._transport is None or self._transport.is_closing():
            waiter.set_exception(ConnectionClosed(f"{self._host}: connection closed"))
        else:
            self._transport.write(message)
        return waiter

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def _begin_answer(self) -> None:
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._head_done = self._whole = self._keeps = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        self.closed.set_result(None)
        because = f" ({exc})" if exc else ""
        if self._waiter is None or not self._received:
            self._fail(ConnectionClosed(f"{self._host}: closed the connection without an answer{because}"))
        else:
            self._fail(ConnectionFailed(f"{self._host}: closed the connection within an answer{because}"))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._waiter is None or self._waiter.done():
            # Bytes nobody asked for would be taken for the next answer.
            self.abort()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._fail(AnswerRefused(f"{self._host}: wants another protocol"))
        except HttpParserError as error:
            self._fail(AnswerRefused(f"{self._host}: {self._refusal or f'answer is not HTTP: {error}'}"))
        else:
            if self._whole:
                self._finish(self._waiter)
            elif not self._head_done and self._received > MAX_HEAD_BYTES:
                self._fail(AnswerRefused(f"{self._host}: headers of over {MAX_HEAD_BYTES} bytes"))

    def _finish(self, waiter: "asyncio.Future[HttpAnswer]") -> None:
        transport = self._transport
        # An answer that came before the whole request was sent leaves the rest of it on the way.
        self.reusable = (
            transport is not None
            and not transport.is_closing()
            and transport.get_write_buffer_size() == 0
            and self._keeps
        )
        waiter.set_result(HttpAnswer(self._parser.get_status_code(), self._headers, b"".join(self._pieces)))

    def _fail(self, error: HttpFailed) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        self.abort()

    def _refuse(self, reason: str) -> None:
        # Raised through the parser, which replaces what a callback raises by its own error.
        self._refusal = reason
        raise AnswerRefused(reason)

    def on_message_begin(self) -> None:
        """Refuse a second answer."""
        if self._whole:
            self._refuse("more than one answer to a request")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Refuse what cannot be read to a certain end."""
        self._head_done = True
        # Asked once the answer is whole, the parser says no.
        self._keeps = self._parser.should_keep_alive()
        if self._received > MAX_HEAD_BYTES and sum(map(len, self._headers.values())) > MAX_HEAD_BYTES:
            self._refuse(f"headers of over {MAX_HEAD_BYTES} bytes")
        status = self._parser.get_status_code()
        if self._head_only and status >= 200:
            self._whole = True
        elif status >= 200 and status not in _NO_BODY and not _LENGTHS & self._headers.keys():
            self._refuse(f"answer {status} without a length, so that half of it would pass for the whole")

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._size += len(body)
        if self._head_only:
            self._refuse("a body in the answer to HEAD")
        if self._size > self._max_body:
            self._refuse(f"body of over {self._max_body} bytes")
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Tell that the answer is whole."""
        if self._parser.get_status_code() < 200:
            # Only announces the answer that follows.
            self._begin_answer()
        else:
            self._whole = True
