"""`/api/v1/jobs/{id}/events`: server-sent events (HTML Living Standard, 9.2) of one job, native ASGI (API-3)."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, aclosing, contextmanager

from academy.domain.job.job import Job
from academy.interfaces.api import kinds
from academy.interfaces.api.http import SAFE_HEADERS, Receive, Scope, Send, header, raw_headers
from academy.interfaces.api.jobs.feed import JobFeed, News, TooManyListeners
from academy.interfaces.api.jobs.present import job_view
from academy.interfaces.api.language import Language, language_of
from academy.interfaces.api.problems import Trouble

__all__ = ["send_events"]

HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 15 * 60.0
"""Then the client comes again by itself, and its token is looked at again."""
RECONNECT_MILLISECONDS = 3000
RETRY_SECONDS = 5
_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-store"),
    # Proxies of the nginx family would otherwise keep events back.
    ("x-accel-buffering", "no"),
    *SAFE_HEADERS,
)


async def send_events(
    scope: Scope,
    receive: Receive,
    send: Send,
    feed: JobFeed,
    job: Job,
    viewer: str,
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> None:
    """Stream a job to somebody who may see it, until it has ended or the client hangs up. Raises Trouble before the first byte.

    Each event is the whole job as `GET …/jobs/{id}` shows it: `progress` while it goes on, `end` as the last one.
    """
    language = language_of(header(scope, "accept-language"))
    seen = header(scope, "last-event-id")
    with _place(feed, job, viewer, heartbeat) as news:
        await send({"type": "http.response.start", "status": 200, "headers": raw_headers(_HEADERS)})
        sending = asyncio.create_task(_send_all(send, _pieces(news, seen, language)))
        hung_up = asyncio.create_task(_disconnect(receive))
        try:
            await asyncio.wait(
                {sending, hung_up}, timeout=STREAM_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (sending, hung_up):
                task.cancel()
            await asyncio.gather(sending, hung_up, return_exceptions=True)
    if not hung_up.done() or hung_up.cancelled():
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def _place(
    feed: JobFeed, job: Job, viewer: str, heartbeat: float
) -> Iterator[AsyncGenerator[News | None, None]]:
    with ExitStack() as stack:
        try:
            news = stack.enter_context(feed.listening(job.tenant_id, viewer, job.id, heartbeat))
        except TooManyListeners:
            raise Trouble(kinds.TOO_MANY_LISTENERS, retry_after=RETRY_SECONDS) from None
        yield news


async def _send_all(send: Send, pieces: AsyncGenerator[bytes, None]) -> None:
    async with aclosing(pieces):
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pieces(
    listening: AsyncGenerator[News | None, None], seen: str, language: Language
) -> AsyncGenerator[bytes, None]:
    async with aclosing(listening):
        yield f"retry: {RECONNECT_MILLISECONDS}\n\n".encode()
        async for news in listening:
            if news is None:
                yield b": still here\n\n"
            elif news.version != seen or news.job.finished:
                yield _event(news, language)


def _event(news: News, language: Language) -> bytes:
    name = "end" if news.job.finished else "progress"
    data = job_view(news.job, news.progress, language, news.starts_at).model_dump_json()
    return f"id: {news.version}\nevent: {name}\ndata: {data}\n\n".encode()
