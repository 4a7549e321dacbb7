"""The little of ASGI that our own, non-Django endpoints need."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "SAFE_HEADERS",
    "Answer",
    "Application",
    "BodyTooLarge",
    "BodyTooSlow",
    "ClientGone",
    "Receive",
    "Scope",
    "Send",
    "header",
    "paced_body",
    "read_body",
    "send_answer",
    "stream_body",
]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

SAFE_HEADERS: Headers = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
)
"""On everything that is not a page of ours: no browser runs or frames it."""


PATIENCE_SECONDS = 30.0
LEAST_RATE = 16 << 10
"""Bytes a second, below which an upload is not worth its connection: a part of 8 MiB in over eight minutes."""


class BodyTooLarge(Exception):
    """A request body is over the limit."""


class BodyTooSlow(Exception):
    """A request body did not come in time."""


class ClientGone(Exception):
    """The client hung up before its request was complete."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes = b""
    headers: Iterable[tuple[str, str]] = field(default_factory=tuple)


def header(scope: Scope, name: str) -> str:
    """Return a request header, "" without one; `name` in lower case."""
    wanted = name.encode()
    for key, value in scope["headers"]:
        if key == wanted:
            text: str = value.decode("latin-1")
            return text
    return ""


def raw_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    """Send a whole answer; the body is left out of the answer to HEAD."""
    bodiless = answer.status in {204, 304}
    length = () if bodiless else (("content-length", str(len(answer.body))),)
    headers = raw_headers((*answer.headers, *length))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" or bodiless else answer.body
    await send({"type": "http.response.body", "body": body})


async def stream_body(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the request body as it comes. Raises ClientGone."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        if piece:
            yield piece
        if not message.get("more_body", False):
            return


async def paced_body(
    receive: Receive, *, patience: float = PATIENCE_SECONDS, rate: int = LEAST_RATE
) -> AsyncIterator[bytes]:
    """Yield a body of any size that comes at `rate` bytes a second or faster, after `patience` seconds.

    Time that the reader takes for a piece is not the client's. Raises BodyTooSlow, ClientGone.
    """
    loop = asyncio.get_running_loop()
    left = patience
    pieces = stream_body(receive)
    while True:
        waiting_since = loop.time()
        try:
            async with asyncio.timeout(left):
                piece = await anext(pieces, b"")
        except TimeoutError:
            raise BodyTooSlow from None
        if not piece:
            return
        left = min(patience, left - (loop.time() - waiting_since) + len(piece) / rate)
        yield piece


async def read_body(
    scope: Scope, receive: Receive, limit: int, take: Callable[[int], None] = lambda _size: None
) -> bytes:
    """Return the whole request body; `take` is told of each piece and may refuse it.

    Raises BodyTooLarge (as soon as it is known), ClientGone, and what `take` raises.
    """
    announced = header(scope, "content-length")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge
    pieces: list[bytes] = []
    size = 0
    async for piece in stream_body(receive):
        size += len(piece)
        if size > limit:
            raise BodyTooLarge
        take(len(piece))
        pieces.append(piece)
    return b"".join(pieces)
