"""The messaging worker, the relay and the reconciler as processes whose timers are short, forked from one that has imported everything.

See `nursery.py`; `python -m tests.chaos.messaging_nursery SETTINGS` is the parent. Nothing of the system is replaced: a decorator around the
database shortens the spans that a worker asks for, the retry policies of its job types and the patience of its HTTP client are short.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from tests.chaos.messaging_plan import IMPATIENT_AFTER
from tests.chaos.nursery import ROLES, Nursery, main
from tests.support.standin.hurry import (
    HURRIED_RETRY,
    OVERDUE_GRACE,
    PENDING_TIMER,
    HurriedDatabase,
    _Proxy,
    hurried_backends,
)

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.reconcile import Reconciler
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import REPORTS, SETTLE
from academy.application.ports.database import Added, DatabaseUnavailable, OutboxMessage, Transaction
from academy.bootstrap.backends import Backends
from academy.bootstrap.messaging_worker import messaging_worker_setup
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.bootstrap.worker import worker_setup
from academy.domain.job.job import NewJob
from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.solapi.provider import SolapiMessageProvider
from academy.interfaces.workers.runtime.main import stop_on_signals
from academy.interfaces.workers.runtime.role import run_worker

__all__ = ["MessagingNursery", "hurried_types"]

T = TypeVar("T")
ASKED_AGAIN = timedelta(seconds=1.5)
"""How soon the provider is asked what became of a batch, in place of half a minute."""
ASKS = 500
LIMITS = HttpLimits(connections=8, connect_seconds=1.0, answer_seconds=IMPATIENT_AFTER, body_bytes=32 << 20)
RECONCILE_SECONDS = 0.5


class MessagingNursery(Nursery):
    """The parent of the processes under test, from outside."""

    async def __aenter__(self) -> "MessagingNursery":
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "tests.chaos.messaging_nursery", json.dumps(self._settings)),
                env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:."},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._reading = asyncio.create_task(self._read())
        return self


class _Jobs(_Proxy):
    def add(self, jobs: Sequence[NewJob]) -> Sequence[Added]:
        added: Sequence[Added] = self._inner.add([self._soon(job) for job in jobs])
        return added

    def _soon(self, job: NewJob) -> NewJob:
        asking = job.type in {SETTLE, REPORTS}
        return replace(job, run_at=self._tx.now() + ASKED_AGAIN) if asking else job

    def __init__(self, inner: Any, tx: Transaction) -> None:
        super().__init__(inner)
        self._tx = tx


class _Outbox(_Proxy):
    def add(self, messages: Sequence[OutboxMessage]) -> None:
        self._inner.add([replace(each, delay=min(each.delay, ASKED_AGAIN)) for each in messages])


class _Soon(_Proxy):
    """A worker's transaction: it submits nothing that is to begin later but questions to the provider."""

    @property
    def jobs(self) -> _Jobs:
        return _Jobs(self._inner.jobs, self._inner)

    @property
    def outbox(self) -> _Outbox:
        return _Outbox(self._inner.outbox)


class _WorkersDatabase(HurriedDatabase):
    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        return await super().run(lambda tx: work(cast("Transaction", _Soon(tx))), relaxed=relaxed)


def hurried_types(settings: Settings) -> JobTypes:
    """Return the messaging job types with short delays; a question to the provider is asked as often as it takes."""
    names = queue_names(settings)
    asking = replace(HURRIED_RETRY, max_attempts=ASKS)
    return JobTypes([replace(each, retry=asking) for each in messaging_job_types(names)], names)


@asynccontextmanager
async def _backends(settings: Settings) -> AsyncIterator[Backends]:
    async with hurried_backends(settings) as backends:
        database = _WorkersDatabase(backends.database._connections, pending_timer=PENDING_TIMER)
        yield replace(backends, database=database)


async def _worker(settings: Settings, _options: dict[str, Any]) -> None:
    async with _backends(settings) as backends:
        key, secret = settings.solapi_api_key, settings.solapi_api_secret
        provider = SolapiMessageProvider(
            settings.solapi_url, key.get_secret_value(), secret.get_secret_value(), backends.clock, LIMITS
        )
        setup = messaging_worker_setup(backends, provider)
        hurried = worker_setup(
            backends,
            "messaging",
            queues=setup.queues,
            slots=setup.slots,
            types=hurried_types(settings),
            handlers=setup.handlers,
        )
        await run_worker(hurried)
        await provider.close()


async def _reconciler(settings: Settings, _options: dict[str, Any]) -> None:
    async with hurried_backends(settings) as backends:
        stop = stop_on_signals()
        reconciler = Reconciler(backends.database, hurried_types(settings), backends.telemetry, OVERDUE_GRACE)
        while not stop.is_set():
            try:
                await reconciler.reconcile_once()
            except DatabaseUnavailable:
                backends.telemetry.count("academy_reconcile_failures_total")
            try:
                await asyncio.wait_for(stop.wait(), RECONCILE_SECONDS)
            except TimeoutError:
                continue


if __name__ == "__main__":
    ROLES.update(worker=_worker, reconciler=_reconciler)
    main()
