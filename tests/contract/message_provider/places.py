"""The providers that the suite of this folder runs on, and what arrives on the phones behind them."""

import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers.solapi import API_KEY, API_SECRET, solapi_server

from academy.application.ports.message_provider import MessageProvider
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.console.provider import ConsoleMessageProvider
from academy.infrastructure.solapi.provider import SolapiMessageProvider

__all__ = ["Place", "names", "open_place"]

names = ("console", "solapi")


@dataclass(frozen=True, slots=True)
class Place:
    """A provider, how to make another one beside it as another process would, and how often each text has gone out."""

    provider: MessageProvider
    another: Callable[[], MessageProvider]
    out: Callable[[], Counter[str]]


@asynccontextmanager
async def _console(folder: Path) -> AsyncIterator[Place]:
    printed = io.StringIO()

    def make() -> MessageProvider:
        return ConsoleMessageProvider(folder / "messages", printed)

    def out() -> Counter[str]:
        return Counter(line.split(" ", 2)[2] for line in printed.getvalue().splitlines())

    yield Place(make(), make, out)


@asynccontextmanager
async def _solapi(folder: Path) -> AsyncIterator[Place]:
    made: list[MessageProvider] = []
    async with solapi_server() as server:

        def make() -> MessageProvider:
            made.append(SolapiMessageProvider(server.url, API_KEY, API_SECRET, SystemClock()))
            return made[-1]

        yield Place(make(), make, lambda: Counter(out.text for out in server.account.went_out))
        for one in made:
            await one.close()


def open_place(name: str, folder: Path) -> AbstractAsyncContextManager[Place]:
    """Open a provider by its name."""
    return {"console": _console, "solapi": _solapi}[name](folder)
