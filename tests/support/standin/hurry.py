"""The stand-in worker's composition for tests in which processes die: the same parts, with timers of seconds, not minutes.

Nothing of the system is replaced; a decorator around the database shortens the spans that the relay and the reconciler ask for.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from academy.application.jobs.reconcile import Reconciler
from academy.application.ports.clock import Clock
from academy.application.ports.database import DatabaseUnavailable, OutboxRow, Transaction
from academy.application.ports.job_queue import Delivery, Receipt
from academy.bootstrap.backends import Backends, Broker, open_backends
from academy.bootstrap.settings import Settings
from academy.domain.job.retry import RetryPolicy
from academy.infrastructure.sql.database import SqlDatabase
from tests.support.standin.types import standin_types

__all__ = [
    "HURRIED_RETRY",
    "LONGEST",
    "PENDING_TIMER",
    "Counted",
    "HurriedDatabase",
    "ShiftedClock",
    "hurried_backends",
    "reconcile_until",
]

T = TypeVar("T")
PENDING_TIMER = timedelta(seconds=3)
OVERDUE_GRACE = timedelta(seconds=4)
"""Enough for a message that merely waits behind others on a busy machine: a copy of each would only make it wait longer."""
LONGEST = timedelta(seconds=3)
"""How long an outbox row is hidden at most."""
LONGEST_POSTPONED = timedelta(seconds=12)
LONGEST_HELD_SECONDS = 12
HURRIED_RETRY = RetryPolicy(base=timedelta(seconds=0.3), ceiling=timedelta(seconds=1))


class ShiftedClock:
    """A clock that is wrong by `seconds`, always by the same."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._shift = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._clock.now() + self._shift

    def monotonic(self) -> float:
        return self._clock.monotonic()


class HurriedDatabase(SqlDatabase):
    """A database in which no outbox row is hidden and no overdue job is put off for longer than a few seconds."""

    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        return await super().run(lambda tx: work(_hurried(tx)), relaxed=relaxed)

    def run_sync(self, work: Callable[[Transaction], T]) -> T:
        return super().run_sync(lambda tx: work(_hurried(tx)))


def _hurried(tx: Transaction) -> Transaction:
    return cast("Transaction", _Hurried(tx))


class _Proxy:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Hurried(_Proxy):
    @property
    def jobs(self) -> "_Jobs":
        return _Jobs(self._inner.jobs)

    @property
    def outbox(self) -> "_Outbox":
        return _Outbox(self._inner.outbox)


class _Jobs(_Proxy):
    def postpone(self, job_ids: Sequence[str], by: timedelta) -> None:
        self._inner.postpone(job_ids, min(by, LONGEST_POSTPONED))


class _Outbox(_Proxy):
    def take(self, limit: int, lease: timedelta) -> Sequence[OutboxRow]:
        rows: Sequence[OutboxRow] = self._inner.take(limit, min(lease, LONGEST))
        return rows

    def failed(self, row_ids: Sequence[int], error: str, retry_in: timedelta) -> None:
        self._inner.failed(row_ids, error, min(retry_in, LONGEST))


class _Queue(_Proxy):
    async def extend(self, receipts: Sequence[Receipt], seconds: int) -> Sequence[Receipt]:
        """A copy that meets a job in other hands is put aside, ever longer each time, in the end for hours: here for seconds."""
        void: Sequence[Receipt] = await self._inner.extend(receipts, min(seconds, LONGEST_HELD_SECONDS))
        return void


class Counted(_Proxy):
    """A broker that appends one byte to a file for every delivery, so that the count outlives a kill."""

    def __init__(self, inner: Broker, file: Path) -> None:
        super().__init__(inner)
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def receive(self, *given: Any, **named: Any) -> Sequence[Delivery]:
        found: Sequence[Delivery] = await self._inner.receive(*given, **named)
        os.write(self._file, b"." * len(found))
        return found


@asynccontextmanager
async def hurried_backends(settings: Settings, clock_shift: float = 0.0) -> AsyncIterator[Backends]:
    """Open the adapters that settings choose, with short timers and a clock wrong by `clock_shift` seconds."""
    async with open_backends(settings) as backends:
        database = HurriedDatabase(backends.database._connections, pending_timer=PENDING_TIMER)
        clock = ShiftedClock(backends.clock, clock_shift)
        queue = cast("Broker", _Queue(backends.queue))
        yield replace(backends, database=database, clock=clock, queue=queue)


async def reconcile_until(stop: asyncio.Event, backends: Backends, every: float = 0.5) -> None:
    """Run the reconciler of the stand-in's jobs, often and with little grace."""
    types = standin_types(backends.settings, HURRIED_RETRY)
    reconciler = Reconciler(backends.database, types, backends.telemetry, OVERDUE_GRACE)
    while not stop.is_set():
        try:
            await reconciler.reconcile_once()
        except DatabaseUnavailable:
            backends.telemetry.count("academy_reconcile_failures_total")
        try:
            await asyncio.wait_for(stop.wait(), every)
        except TimeoutError:
            continue
