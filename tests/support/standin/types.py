"""Job types of the stand-in worker: nothing, a pause, and an effect in the database that can be counted."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import JobHandler, Work
from academy.application.jobs.job_type import JobType, JobTypes, NoEffects
from academy.application.ports.database import Settlement, Transaction
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import StepPlan
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState

NOOP, PAUSE, EFFECT = "standin.noop", "standin.pause", "standin.effect"
QUEUE = "messaging"

effects = Table(
    "standin_effects",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", String, nullable=False),
    Column("what", String, nullable=False),
)
"""One row per effect, without any uniqueness: counting them shows what happened twice."""


class Numbered(Contract):
    """Input of every stand-in job; `seconds` is how long it takes.

    The first `failing` attempts of a `standin.effect` end badly: in a way that may be retried, or for good.
    """

    n: int
    seconds: float = 0.0
    failing: int = 0
    for_good: bool = False


class Noop:
    """Does nothing."""

    async def run(self, work: Work) -> Contract | None:
        return None


class Pause:
    """Waits on the event loop and reports on the way."""

    async def run(self, work: Work) -> Contract | None:
        assert isinstance(work.payload, Numbered)
        work.report("pause", 0.0)
        await asyncio.sleep(work.payload.seconds)
        return None


class Effect:
    """Like Pause, but fails as its input says; every other failure is one that nobody foresaw."""

    async def run(self, work: Work) -> Contract | None:
        assert isinstance(work.payload, Numbered)
        steps = 4
        for done in range(steps):
            work.report("pause", done / steps)
            await asyncio.sleep(work.payload.seconds / steps)
        if work.job.attempt > work.payload.failing:
            return None
        if work.payload.n % 2 and not work.payload.for_good:
            raise RuntimeError("the stand-in breaks")
        raise WorkFailed(
            Failure("told_to", "The stand-in was told to fail.", retryable=not work.payload.for_good)
        )


class CountedEffects(NoEffects):
    """Writes a row for every attempt that begins and for every end, in the same transaction as the change of state."""

    def started(self, tx: Transaction, job: Job) -> None:
        _note(tx, job, "started")

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        _note(tx, job, "done" if end.state is JobState.SUCCEEDED else end.state.value.lower())


def _note(tx: Any, job: Job, what: str) -> None:
    tx._connection.execute(insert(effects).values(job_id=job.id, what=what))


def standin_types(settings: Settings, retry: RetryPolicy | None = None) -> JobTypes:
    """Return the three types, all on the messaging queue."""
    steps = StepPlan(("pause",), (1.0,))
    common: dict[str, Any] = {
        "queue": QUEUE,
        "payload": Numbered,
        "result": None,
        "steps": steps,
        "time_limit": timedelta(minutes=5),
        "retry": retry or RetryPolicy(),
    }
    return JobTypes(
        [
            JobType(NOOP, **common),
            JobType(PAUSE, **common),
            JobType(EFFECT, effects=CountedEffects(), **common),
        ],
        queue_names(settings),
    )


def standin_handlers() -> dict[str, JobHandler]:
    """Return a handler for each."""
    return {NOOP: Noop(), PAUSE: Pause(), EFFECT: Effect()}
