"""What the whole system holds, as gauges: jobs, outbox, queues, dead letters, workers (API-4).

For one role that is scraped (the reconciler, the API), not for every worker: brokers charge for each count.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from academy.application.jobs.job_type import JobTypes
from academy.application.ports.clock import Clock
from academy.application.ports.database import Database, Transaction
from academy.application.ports.job_queue import QueueAdmin, QueueDepth, QueueMissing, QueueSettings
from academy.application.ports.telemetry import Telemetry
from academy.domain.job.states import JobState

__all__ = ["ANSWER_SECONDS", "UNSEEN_AFTER", "FleetGauges"]

log = logging.getLogger(__name__)

FRESH_SECONDS = 10.0
ANSWER_SECONDS = 4.0
UNSEEN_AFTER = timedelta(seconds=35)
"""A worker says that it is alive every ten seconds; after three times without, it is unseen."""
_OF_DATABASE = (
    "academy_jobs",
    "academy_outbox_due",
    "academy_outbox_oldest_seconds",
    "academy_workers",
)
_OF_QUEUES = ("academy_queue_messages", "academy_queue_oldest_seconds", "academy_queue_dead_letters")


class _Part:
    """Gauges that are counted together, with one that says whether they could be."""

    def __init__(
        self,
        up: str,
        names: Sequence[str],
        count: Callable[[], Awaitable[None]],
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._up = up
        self._names = names
        self._count = count
        self._telemetry = telemetry
        self._clock = clock
        self._counted_at: float | None = None
        self._counting: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Count, or wait for the count that is under way; one that hangs is left to itself, and called no answer."""
        now = self._clock.monotonic()
        if self._counting is None:
            if self._counted_at is not None and now - self._counted_at < FRESH_SECONDS:
                return
            self._counting = asyncio.create_task(self._counted(), name=self._up)
        done, _ = await asyncio.wait({self._counting}, timeout=ANSWER_SECONDS)
        if not done:
            self._lost()

    async def _counted(self) -> None:
        try:
            await self._count()
            self._telemetry.gauge(self._up, 1)
        except Exception as error:  # noqa: BLE001 - whatever an adapter raises, these are not known
            log.warning(
                "fleet_not_counted", extra={"part": self._up, "error": f"{type(error).__name__}: {error}"}
            )
            self._lost()
        finally:
            self._counted_at = self._clock.monotonic()
            self._counting = None

    def _lost(self) -> None:
        self._telemetry.gauge(self._up, 0)
        for name in self._names:
            self._telemetry.drop(name)


class FleetGauges:
    """Counts when it is asked to, at most every FRESH_SECONDS; what cannot be counted is absent, never zero."""

    def __init__(
        self,
        database: Database,
        queue: QueueAdmin,
        types: JobTypes,
        queue_names: Sequence[str],
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        """Count the jobs of `types` and the queues by their broker's names."""
        self._database = database
        self._queue = queue
        self._types = types
        self._queue_names = tuple(queue_names)
        self._telemetry = telemetry
        self._parts = (
            _Part("academy_database_up", _OF_DATABASE, self._count_database, telemetry, clock),
            _Part("academy_queue_up", _OF_QUEUES, self._count_queues, telemetry, clock),
        )

    async def refresh(self) -> None:
        """Count anew unless that was done lately. Never raises; takes at most ANSWER_SECONDS."""
        await asyncio.gather(*(part.refresh() for part in self._parts))

    async def _count_database(self) -> None:
        def look(tx: Transaction) -> None:
            counts = tx.jobs.count_by_state()
            due, oldest = tx.outbox.backlog()
            workers = {"working": 0, "draining": 0, "unseen": 0}
            for worker in tx.workers.list():
                if not worker.beat.queues:
                    # A relay or a reconciler: an alert on "no worker" must not fall silent because of it.
                    continue
                gone = tx.now() - worker.seen_at > UNSEEN_AFTER
                workers["unseen" if gone else "draining" if worker.beat.draining else "working"] += 1
            # A state that nothing stands in any more is not in the counts; its gauge must fall to 0 all the same.
            for name, state in ((t.name, state) for t in self._types for state in JobState):
                self._telemetry.gauge(
                    "academy_jobs", counts.get((name, state), 0), type=name, state=state.value
                )
            self._telemetry.gauge("academy_outbox_due", due)
            self._telemetry.gauge("academy_outbox_oldest_seconds", oldest)
            for kind, count in workers.items():
                self._telemetry.gauge("academy_workers", count, state=kind)

        await self._database.read(look)

    async def _count_queues(self) -> None:
        """Count every queue; one that is not made yet is left out, one that cannot be asked spoils the whole."""
        looks = await asyncio.gather(
            *(self._depths(name) for name in self._queue_names), return_exceptions=True
        )
        for look in looks:
            if isinstance(look, BaseException) and not isinstance(look, QueueMissing):
                raise look
        # Dropped before it is set: an age that is no longer known must not stay.
        self._telemetry.drop("academy_queue_oldest_seconds")
        for name, look in zip(self._queue_names, looks, strict=True):
            if not isinstance(look, BaseException):
                self._show(name, *look)

    async def _depths(self, name: str) -> tuple[QueueDepth, QueueDepth]:
        own, dead = await asyncio.gather(
            self._queue.depth(name), self._queue.depth(QueueSettings(name).dead_letter_name)
        )
        return own, dead

    def _show(self, name: str, own: QueueDepth, dead: QueueDepth) -> None:
        for state, count in (
            ("visible", own.visible),
            ("in_flight", own.in_flight),
            ("delayed", own.delayed),
        ):
            self._telemetry.gauge("academy_queue_messages", count, queue=name, state=state)
        self._telemetry.gauge("academy_queue_dead_letters", dead.visible + dead.in_flight, queue=name)
        if own.oldest_seconds is not None:
            self._telemetry.gauge("academy_queue_oldest_seconds", own.oldest_seconds, queue=name)
