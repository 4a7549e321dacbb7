"""Send an object from the store, whole or in part, in constant memory."""

from collections.abc import Sequence
from contextlib import aclosing

from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.interfaces.api import kinds
from academy.interfaces.api.delivery.ranges import Span, Unsatisfiable, matches, span_of
from academy.interfaces.api.http import Answer, Scope, Send, header, raw_headers, send_answer
from academy.interfaces.api.problems import Trouble

__all__ = ["send_object"]


async def send_object(
    scope: Scope, send: Send, store: ObjectStore, key: str, headers: Sequence[tuple[str, str]]
) -> None:
    """Answer GET or HEAD with an object; `headers` go with every good answer.

    Raises Trouble (416), ObjectMissing and what else the store raises, all before the first byte.
    """
    try:
        head = await store.head(key)
    except ValueError:
        # No store could hold it, so it is not there.
        raise ObjectMissing(key) from None
    etag = f'"{head.etag.strip(chr(34))}"'
    shared = (*headers, ("etag", etag), ("accept-ranges", "bytes"))
    if header(scope, "if-none-match") and matches(header(scope, "if-none-match"), etag):
        await send_answer(scope, send, Answer(304, headers=shared))
        return
    condition = header(scope, "if-range")
    asked = header(scope, "range") if condition in {"", etag} else ""
    try:
        span = span_of(asked, head.size)
    except Unsatisfiable:
        raise Trouble(kinds.RANGE_INVALID, headers=(("Content-Range", f"bytes */{head.size}"),)) from None
    await _send_span(scope, send, store, key, span, head.size, shared)


async def _send_span(
    scope: Scope,
    send: Send,
    store: ObjectStore,
    key: str,
    span: Span,
    size: int,
    headers: Sequence[tuple[str, str]],
) -> None:
    own = [*headers, ("content-length", str(span.length))]
    if span.partial:
        own.append(("content-range", f"bytes {span.start}-{span.start + span.length - 1}/{size}"))
    start = {
        "type": "http.response.start",
        "status": 206 if span.partial else 200,
        "headers": raw_headers(own),
    }
    if scope["method"] == "HEAD" or span.length == 0:
        await send(start)
        await send({"type": "http.response.body", "body": b""})
        return
    pieces = store.stream(key, start=span.start, length=span.length)
    async with aclosing(pieces):  # type: ignore[type-var]
        # The first piece comes before the status: an object that vanished meanwhile is still a 404.
        piece = await anext(pieces, b"")
        await send(start)
        while piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await anext(pieces, b"")
    await send({"type": "http.response.body", "body": b""})
