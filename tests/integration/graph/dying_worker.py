"""`python -m tests.integration.graph.dying_worker POINT`: the graph worker on the settings of its environment, killed at a point by name.

Everything is the real thing; decorators around the ports kill the process at the moment they are named for.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from tests.support.standin.hurry import _Proxy

from academy.application.ports.database import Lease, Settlement, Transaction
from academy.bootstrap.backends import open_backends
from academy.bootstrap.graph_worker import graph_worker_setup, open_vectors
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.models import offline_models
from academy.bootstrap.settings import Role, load_settings
from academy.domain.job.states import JobState
from academy.infrastructure.process import WarmChildProcesses
from academy.infrastructure.sql.database import SqlDatabase
from academy.interfaces.workers.runtime.role import run_worker

__all__ = ["POINTS"]

T = TypeVar("T")
POINTS = (
    "fetching",
    "reading",
    "analysing",
    "uploading",
    "uploaded-not-indexed",
    "indexed-not-settled",
    "settling-not-committed",
    "settled-not-acked",
)
GIVE_UP_SECONDS = 60
IN_THE_MIDDLE = 0.05
"""Seconds after which a child process that was called is at its work."""


def _die(moment: str) -> None:
    if moment == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)


class _Store(_Proxy):
    async def download(self, key: str, target: Path) -> None:
        await self._inner.download(key, target)
        if "/notes/" in key:
            _die("fetching")

    async def put(self, key: str, *given: Any, **named: Any) -> None:
        await self._inner.put(key, *given, **named)
        if key.endswith("graph_final.json"):
            _die("uploading")


class _Index(_Proxy):
    async def replace(self, *given: Any) -> None:
        _die("uploaded-not-indexed")
        await self._inner.replace(*given)
        _die("indexed-not-settled")

    async def upsert(self, *given: Any) -> None:
        _die("uploaded-not-indexed")
        await self._inner.upsert(*given)
        _die("indexed-not-settled")


class _Processes(_Proxy):
    async def call(self, entry: str, *given: Any, **named: Any) -> Any:
        calling = asyncio.ensure_future(self._inner.call(entry, *given, **named))
        await asyncio.sleep(IN_THE_MIDDLE)
        at_work = {
            "read_documents": "reading",
            "analyse_documents": "analysing",
            "join_documents": "analysing",
        }
        _die(at_work.get(entry.partition(":")[2], ""))
        return await calling


class _Database(SqlDatabase):
    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        seen: list[str] = []

        def watched(tx: Transaction) -> T:
            result = work(cast("Transaction", _Watched(tx, seen)))
            if JobState.SUCCEEDED in seen:
                _die("settling-not-committed")
            return result

        result = await super().run(watched, relaxed=relaxed)
        if JobState.SUCCEEDED in seen:
            _die("settled-not-acked")
        return result


class _Watched(_Proxy):
    def __init__(self, inner: Any, seen: list[str]) -> None:
        super().__init__(inner)
        self._seen = seen

    @property
    def jobs(self) -> "_Watched":
        return _Watched(self._inner.jobs, self._seen)

    def settle(self, settlements: Sequence[Settlement]) -> Mapping[Lease, JobState]:
        self._seen += [settlement.state for settlement in settlements]
        settled: Mapping[Lease, JobState] = self._inner.settle(settlements)
        return settled


async def _work() -> None:
    settings = load_settings(Role.GRAPH)
    configure_logs(settings)
    async with open_backends(settings) as opened, open_vectors(settings) as index:
        backends = replace(
            opened,
            database=_Database(opened.database._connections),
            ai_objects=_Store(opened.ai_objects),  # type: ignore[arg-type]
        )
        processes = _Processes(WarmChildProcesses())
        await run_worker(graph_worker_setup(backends, offline_models(), _Index(index), processes))  # type: ignore[arg-type]


if __name__ == "__main__":
    # A worker that never comes to its point is ended with another signal.
    signal.alarm(GIVE_UP_SECONDS)
    asyncio.run(_work())
