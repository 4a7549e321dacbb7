"""Let operators see that this process is alive (`academy top`, `academy doctor`); nothing of the jobs' life depends on it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from academy.application.ports.database import Database
from academy.application.ports.workers import WorkerBeat
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["Registry", "present", "registered"]

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""How soon a drain is seen."""
LAST_SECONDS = 5.0


class Registry:
    """Writes what a process does into its row; whatever goes wrong with that is told once and harms nobody."""

    def __init__(
        self, database: Database, say: Callable[[], WorkerBeat], *, every: float = BEAT_SECONDS
    ) -> None:
        """Write what `say` returns, under the same name each time."""
        self._database = database
        self._say = say
        self._every = every
        self._away = False

    async def run(self) -> None:
        """Beat until cancelled: every ten seconds, and when a drain begins."""
        while True:
            draining = self._say().draining
            await self.beat()
            waited = 0.0
            while waited < self._every and self._say().draining == draining:
                pause = min(LOOK_SECONDS, self._every)
                await asyncio.sleep(pause)
                waited += pause

    async def beat(self) -> None:
        """Write the row once."""
        beat = self._say()
        try:
            await self._database.run(lambda tx: tx.workers.beat(beat))
            self._away = False
        except Exception as error:  # noqa: BLE001 - what operators see must never cost a job
            self._tell(error)

    async def leave(self) -> None:
        """Remove the row of a process that ends in order; without an answer in a few seconds it stays, and is seen as unseen."""
        name = self._say().name
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._database.run(lambda tx: tx.workers.gone(name))
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not self._away:
            fields = {"worker": self._say().name, "error": f"{type(error).__name__}: {error}"}
            log.warning("worker_not_registered", extra=fields)
        self._away = True


@asynccontextmanager
async def registered(worker: Worker, *, every: float = BEAT_SECONDS) -> AsyncIterator[None]:
    """Have `worker` seen while the context lasts."""
    worker.parts.telemetry.gauge("academy_worker_slots", worker.config.slots)

    def say() -> WorkerBeat:
        return worker.config.beat(len(worker.holdings.attempts), draining=worker.draining)

    async with _beating(Registry(worker.parts.database, say, every=every)):
        yield


@asynccontextmanager
async def present(database: Database, name: str, *, every: float = BEAT_SECONDS) -> AsyncIterator[None]:
    """Have a relay or a reconciler seen while the context lasts; it polls no queue and has no slots."""
    async with _beating(Registry(database, lambda: WorkerBeat(name, (), 0, 0), every=every)):
        yield


@asynccontextmanager
async def _beating(registry: Registry) -> AsyncIterator[None]:
    beating = asyncio.create_task(registry.run(), name="registry")
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})
        await registry.leave()
