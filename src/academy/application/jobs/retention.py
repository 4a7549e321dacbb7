"""Remove what has been finished for long: jobs, answers to repeated requests, workers that are gone."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from academy.application.ports.database import Database, DatabaseUnavailable, Transaction
from academy.application.ports.telemetry import Telemetry

__all__ = ["LEAST_AGE", "Retention", "Trimmed"]

log = logging.getLogger(__name__)

LEAST_AGE = timedelta(days=15)
"""Queues keep messages for 14 days: a message whose job is forgotten would be taken for new and done again."""
BATCH = 500
REST_SECONDS = 0.05
"""Between two batches, so that the work of the day is not kept waiting."""
PERIOD_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Trimmed:
    """How many rows of each kind were removed, or would be."""

    jobs: int = 0
    answers: int = 0
    workers: int = 0


class Retention:
    """Trims in small transactions; interrupted at any point it can simply be run again."""

    def __init__(self, database: Database, telemetry: Telemetry, *, batch: int = BATCH) -> None:
        """Trim `database`, `batch` rows a transaction."""
        self._database = database
        self._telemetry = telemetry
        self._batch = batch

    async def count(self, age: timedelta) -> Trimmed:
        """Return what a trim would remove. Raises DatabaseUnavailable."""

        def look(tx: Transaction) -> Trimmed:
            jobs, answers = tx.jobs.count_finished(tx.now() - age), tx.idempotency.count(age)
            unseen = sum(tx.now() - worker.seen_at > age for worker in tx.workers.list())
            return Trimmed(jobs, answers, unseen)

        return await self._database.read(look)

    async def trim(self, age: timedelta, moved: Callable[[Trimmed], None] | None = None) -> Trimmed:
        """Remove what is older than `age` and say after every batch how much that was. Raises DatabaseUnavailable, ValueError."""
        if age < LEAST_AGE:
            raise ValueError(
                f"what is younger than {LEAST_AGE.days} days may still have a message in a queue"
            )
        total = Trimmed(workers=await self._database.run(lambda tx: tx.workers.trim(age)))
        while removed := await self._database.run(lambda tx: tx.jobs.trim(tx.now() - age, self._batch)):
            total = replace(total, jobs=total.jobs + removed)
            await self._rest(total, moved)
        while removed := await self._database.run(lambda tx: tx.idempotency.trim(age, self._batch)):
            total = replace(total, answers=total.answers + removed)
            await self._rest(total, moved)
        for kind in ("jobs", "answers", "workers"):
            self._telemetry.count("academy_rows_trimmed_total", getattr(total, kind), kind=kind)
        return total

    async def run(self, age: timedelta, stop: asyncio.Event) -> None:
        """Trim now and then daily until `stop` is set; nothing for an age of zero."""
        while age and not stop.is_set():
            pause = PERIOD_SECONDS
            try:
                done = await self.trim(age)
                fields = {"jobs": done.jobs, "answers": done.answers, "workers": done.workers}
                log.info("retention_done", extra=fields)
            except DatabaseUnavailable as error:
                log.warning("retention_failed", extra={"error": str(error)})
                pause = AGAIN_SECONDS
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue

    async def _rest(self, total: Trimmed, moved: Callable[[Trimmed], None] | None) -> None:
        if moved is not None:
            moved(total)
        await asyncio.sleep(REST_SECONDS)
