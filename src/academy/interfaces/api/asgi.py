"""The ASGI application: files, events and probes natively, everything else to Django in its pool of threads."""

import logging
import re
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from django.db import close_old_connections, connection, connections
from django.urls import get_resolver

from academy.application.ports.telemetry import in_trace
from academy.bootstrap.api import ApiServices, open_api_services
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.settings import Role, load_settings
from academy.interfaces.api import kinds
from academy.interfaces.api.configure import configure, wsgi_application
from academy.interfaces.api.console.pages import is_console, serve_console
from academy.interfaces.api.delivery.media import serve_media
from academy.interfaces.api.delivery.objects import serve_objects
from academy.interfaces.api.errors import RETRY_SECONDS, log_crash, trouble_of
from academy.interfaces.api.http import (
    Answer,
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    header,
    send_answer,
)
from academy.interfaces.api.intake import Intake, IntakeFull
from academy.interfaces.api.jobs.events import send_events
from academy.interfaces.api.jobs.feed import JobFeed
from academy.interfaces.api.language import language_of
from academy.interfaces.api.middleware import ROUTE_KEY, TRACE_KEY, VIEWER_KEY
from academy.interfaces.api.operations.probes import healthz, metrics, readyz
from academy.interfaces.api.portal import Portal
from academy.interfaces.api.problems import Trouble, problem_answer
from academy.interfaces.api.runtime import RUNTIME_KEY, Runtime
from academy.interfaces.api.trace import trace_id, traceparent_of
from academy.interfaces.api.wsgi_pool import MAX_BODY_BYTES, PoolBusy, WsgiPool, environ_of

__all__ = ["NATIVE_ROUTES", "ApiApplication", "application"]

log = logging.getLogger(__name__)
NATIVE_ROUTES = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/objects/{bucket}/{key}",
    "/media/{token}/{path}",
    "/api/v1/jobs/{job_id}/events",
)
_EVENTS = re.compile(r"/api/v1/jobs/([^/]+)/events")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MOST_OPEN = 2048
"""Requests under way, event streams and media among them."""
STRANGERS_BODY_BYTES = 16 << 10
_CLOSE = (("Connection", "close"),)
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
Opener = Callable[[], AbstractAsyncContextManager[ApiServices]]


class _Exchange:
    """One request with what is to be known of it afterwards."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.route = ""
        self.status = 0
        self.viewer = ""
        self.measured = True
        self.traceparent = traceparent_of(header(scope, "traceparent"))
        self._send = send

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Pass a message on and remember the status."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class ApiApplication:
    """The HTTP API of one process; `lifespan` (or `running`) opens and closes what it needs."""

    def __init__(self, open_services: Opener) -> None:
        """Take how to open the services; nothing is opened yet."""
        self._open_services = open_services
        self._runtime: Runtime | None = None
        self._pool: WsgiPool | None = None
        self._feed: JobFeed | None = None
        self._intake = Intake()
        self._open = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Runtime]:
        """Hold the application open."""
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(self._open_services())
            configure(services.settings)
            self._pool = WsgiPool(wsgi_application(), threads=services.settings.api_threads)
            # Every view is imported now: a mistake shows at the start, not at the first request.
            _ = get_resolver().url_patterns
            stack.push_async_callback(self._pool.close, connections.close_all)
            self._feed = JobFeed(services.database, services.progress, services.types)
            stack.push_async_callback(self._feed.close)
            self._runtime = Runtime(services, Portal())
            stack.callback(self._forget)
            yield self._runtime

    async def close_streams(self) -> None:
        """Let listeners go, so that a server that waits for its connections need not wait for them."""
        if self._feed is not None:
            await self._feed.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def _forget(self) -> None:
        self._runtime = None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self.running())
            except Exception as error:  # noqa: BLE001 - the server prints the message and ends
                await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime = self._runtime
        assert runtime is not None, "the server must support lifespan"
        exchange = _Exchange(scope, send)
        clock = runtime.services.clock
        begun = clock.monotonic()
        self._open += 1
        try:
            await self._traced(exchange, receive, runtime)
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - the last resort of a request
            await self._failed(exchange, error)
        finally:
            self._open -= 1
            self._record(exchange, runtime, clock.monotonic() - begun)

    async def _traced(self, exchange: _Exchange, receive: Receive, runtime: Runtime) -> None:
        """Answer within a span of the caller's trace; what is only looked at or played makes none."""
        if not exchange.scope["path"].startswith("/api/"):
            await self._route(exchange, receive, runtime)
            return
        given, method = header(exchange.scope, "traceparent"), exchange.scope["method"]
        with runtime.services.tracer.span("request", given, method=method) as span:
            exchange.traceparent = span.traceparent or exchange.traceparent
            with in_trace(exchange.traceparent):
                await self._route(exchange, receive, runtime)

    async def _route(self, exchange: _Exchange, receive: Receive, runtime: Runtime) -> None:
        scope, send, path = exchange.scope, exchange.send, exchange.scope["path"]
        if _CONTROL.search(path):
            raise Trouble(kinds.NOT_FOUND)
        if self._open > MOST_OPEN and path not in _PROBES:
            raise Trouble(kinds.OVERLOADED, retry_after=RETRY_SECONDS, headers=_CLOSE)
        if path.startswith("/media/"):
            exchange.route = "/media"
            await serve_media(scope, send, runtime)
        elif path.startswith("/objects/"):
            exchange.route = "/objects"
            exchange.measured = False
            await serve_objects(scope, receive, send, runtime)
        elif path in _PROBES:
            exchange.route = path
            await self._probe(exchange, runtime)
        elif (events := _EVENTS.fullmatch(path)) and scope["method"] == "GET":
            exchange.route = "/api/v1/jobs/<str:job_id>/events"
            exchange.measured = False
            await self._events(exchange, receive, runtime, events[1])
        elif is_console(path):
            exchange.route = "/watch"
            await serve_console(scope, send, runtime.services.settings)
        else:
            await send_answer(scope, send, await self._django(exchange, scope, receive, runtime))

    async def _probe(self, exchange: _Exchange, runtime: Runtime) -> None:
        scope = exchange.scope
        if scope["method"] not in {"GET", "HEAD"}:
            raise Trouble(kinds.METHOD_NOT_ALLOWED, headers=(("Allow", "GET, HEAD"),))
        if exchange.route == "/healthz":
            answer = await healthz()
        elif exchange.route == "/metrics":
            answer = await metrics(runtime, scope)
        else:
            assert self._pool is not None
            answer = await readyz(runtime, self._check_accounts)
        await send_answer(scope, exchange.send, answer)

    async def _check_accounts(self) -> None:
        assert self._pool is not None
        await self._pool.call(_read_accounts)

    async def _events(self, exchange: _Exchange, receive: Receive, runtime: Runtime, job_id: str) -> None:
        scope = exchange.scope
        # Whoever may see the job may listen to it: the same view decides.
        asked = {**scope, "path": f"/api/v1/jobs/{job_id}", "query_string": b""}
        seen = await self._django(exchange, asked, None, runtime)
        if seen.status != 200:
            await send_answer(scope, exchange.send, seen)
            return
        job = await runtime.services.database.read(lambda tx: tx.jobs.get(job_id))
        if job is None:
            raise Trouble(kinds.NOT_FOUND)
        assert self._feed is not None
        await send_events(scope, receive, exchange.send, self._feed, job, exchange.viewer)

    async def _django(
        self, exchange: _Exchange, scope: Scope, receive: Receive | None, runtime: Runtime
    ) -> Answer:
        if receive is None:
            return await self._ask_django(exchange, scope, b"", runtime)
        # Who shows no token has little to say: a name and a password.
        known = header(scope, "authorization") or header(scope, "cookie")
        limit = MAX_BODY_BYTES if known else STRANGERS_BODY_BYTES
        try:
            async with self._intake.body(scope, receive, limit) as body:
                return await self._ask_django(exchange, scope, body, runtime)
        except BodyTooLarge:
            raise Trouble(kinds.body_too_large(limit, stranger=not known), headers=_CLOSE) from None
        except BodyTooSlow:
            raise Trouble(kinds.BODY_TOO_SLOW, headers=_CLOSE) from None
        except IntakeFull:
            raise Trouble(kinds.OVERLOADED, retry_after=RETRY_SECONDS, headers=_CLOSE) from None

    async def _ask_django(self, exchange: _Exchange, scope: Scope, body: bytes, runtime: Runtime) -> Answer:
        environ = environ_of(scope, body)
        environ[RUNTIME_KEY] = runtime
        environ[TRACE_KEY] = exchange.traceparent
        assert self._pool is not None
        try:
            answer = await self._pool.run(environ)
        except PoolBusy:
            raise Trouble(kinds.OVERLOADED, retry_after=RETRY_SECONDS) from None
        exchange.viewer = environ.get(VIEWER_KEY, "")
        exchange.route = exchange.route or environ.get(ROUTE_KEY, "")
        return answer

    async def _failed(self, exchange: _Exchange, error: Exception) -> None:
        language = language_of(header(exchange.scope, "accept-language"))
        trouble = trouble_of(error, language)
        if trouble is None:
            log_crash("request_crashed", error, trace_id=trace_id(exchange.traceparent))
            trouble = Trouble(kinds.INTERNAL)
        if exchange.status:
            # Too late for a problem: the connection ends short of what was announced, which no client takes for whole.
            return
        answer = problem_answer(trouble, language, exchange.traceparent)
        await send_answer(exchange.scope, exchange.send, answer)

    def _record(self, exchange: _Exchange, runtime: Runtime, seconds: float) -> None:
        method = exchange.scope["method"] if exchange.scope["method"] in _METHODS else "OTHER"
        route = exchange.route or "none"
        telemetry = runtime.services.telemetry
        telemetry.count(
            "academy_http_requests_total", route=route, method=method, status=str(exchange.status)
        )
        if exchange.measured:
            telemetry.observe("academy_http_request_seconds", seconds, route=route, method=method)
        fields = {
            "method": method,
            "route": route,
            "status": exchange.status,
            "milliseconds": round(seconds * 1000, 1),
            "trace_id": trace_id(exchange.traceparent),
        }
        loud = exchange.status >= 500 or method not in {"GET", "HEAD", "OPTIONS"}
        log.log(logging.INFO if loud else logging.DEBUG, "request", extra=fields)


def _read_accounts() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_membership LIMIT 1")
    finally:
        close_old_connections()


def _from_environment() -> AbstractAsyncContextManager[ApiServices]:
    settings = load_settings(Role.API)
    configure_logs(settings)
    return open_api_services(settings)


application = ApiApplication(_from_environment)
"""For an external server: `gunicorn -k asgi academy.interfaces.api.asgi:application`. Reads the environment at its start."""
