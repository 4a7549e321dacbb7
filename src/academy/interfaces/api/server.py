"""Run the API: in this process beside other roles, or on its own."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator

import uvicorn

from academy.bootstrap.api import open_api_services
from academy.bootstrap.backends import Backends
from academy.bootstrap.settings import Settings
from academy.interfaces.api.asgi import ApiApplication
from academy.interfaces.api.connection import BoundedConnection

__all__ = ["listening", "serve"]

BACKLOG = 1024


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to others and lets event streams go before it waits for connections."""

    def __init__(self, config: uvicorn.Config, application: ApiApplication) -> None:
        super().__init__(config)
        self._application = application

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: event streams first."""
        await self._application.close_streams()
        await super().shutdown(sockets)


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    *,
    backends: Backends | None = None,
    started: Callable[[int], None] | None = None,
) -> None:
    """Serve until `stop` is set, then finish the requests under way.

    Args:
        settings: where to bind and everything else.
        stop: set by whoever handles signals.
        backends: adapters that are open already, when one process holds several roles.
        started: called with the port once requests are answered.

    Raises:
        OSError: the address is taken.
    """
    application = ApiApplication(lambda: open_api_services(settings, backends))
    # Opened here and not by uvicorn's lifespan, which ends the process when it fails.
    async with application.running():
        with listening(settings.bind) as listener:
            server = _Server(_config(settings, application), application)
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="api")
            others = [
                asyncio.create_task(_stop(server, stop), name="api stop"),
                asyncio.create_task(_announce(server, listener, started), name="api start"),
            ]
            try:
                await serving
            finally:
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)


def _config(settings: Settings, application: ApiApplication) -> uvicorn.Config:
    # Addresses hold tokens and signatures (SEC-3); our own log of requests names routes.
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        application,
        http=BoundedConnection,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=settings.drain_seconds,
        timeout_keep_alive=75,
        backlog=BACKLOG,
    )


@contextlib.contextmanager
def listening(bind: str) -> Iterator[socket.socket]:
    """Hold an address ("127.0.0.1:8000", "[::1]:0"). Raises OSError when it is taken."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP: without it every answer, which goes out as
    # head and body, waits 40 ms for the client's delayed acknowledgement.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), int(port)))
        listener.listen(BACKLOG)
        yield listener


async def _stop(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


async def _announce(
    server: uvicorn.Server, listener: socket.socket, started: Callable[[int], None] | None
) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    if started is not None:
        started(listener.getsockname()[1])
