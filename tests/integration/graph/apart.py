"""The graph worker as a process of its own, beside a library whose relay and reconciler run here."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.integration.graph.library import TENANT, Library
from tests.support.system import RoleProcess

from academy.bootstrap.background import outbox_relay, reconciler

__all__ = ["LEASE_SECONDS", "environment", "graph_worker", "relaying"]

LEASE_SECONDS = 2


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a worker on the library that was opened in `folder`."""
    return {
        "ACADEMY_DATA_DIR": str(folder / "data"),
        "ACADEMY_WORK_DIR": str(folder / "scratch"),
        "ACADEMY_UPLOAD_SECRET": "s" * 40,
        "ACADEMY_QUEUE_GRAPH_TENANT": TENANT,
        "ACADEMY_GRAPH_KEEP_MINUTES": "0",
        "ACADEMY_GRAPH_REST_SECONDS": "0",
        "ACADEMY_LEASE_SECONDS": str(LEASE_SECONDS),
        "ACADEMY_DRAIN_SECONDS": "3",
    }


@contextmanager
def graph_worker(library: Library, python: str = sys.executable, **more: str) -> Iterator[RoleProcess]:
    """Run the worker; it is drained at the end, unless it was killed before."""
    process = RoleProcess("graph", {**environment(library.folder), **more}, python=python)
    try:
        yield process
    finally:
        process.close()


@asynccontextmanager
async def relaying(library: Library) -> AsyncIterator[None]:
    """Let a relay and a reconciler work here."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(outbox_relay(library.backends).run(stop)),
        asyncio.create_task(reconciler(library.backends).run(stop)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
