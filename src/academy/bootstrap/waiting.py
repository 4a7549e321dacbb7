"""The doctor's look at queues, outbox and timers: what waits, and whether anybody does it."""

import asyncio

from academy.application.jobs.fleet import ANSWER_SECONDS
from academy.application.jobs.standstill import (
    RECONCILER,
    RELAY,
    TIMERS_LATE,
    Present,
    of_outbox,
    of_queue,
    of_timers,
)
from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.application.ports.job_queue import QueueDepth
from academy.bootstrap.backends import Backends
from academy.bootstrap.findings import Finding, all_of, found
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.remedies import (
    RECONCILER_REMEDY,
    RECONCILER_STUCK_REMEDY,
    RELAY_REMEDY,
    RELAY_STUCK_REMEDY,
    worker_remedy,
)

__all__ = ["look_at_background", "look_at_queues"]


async def look_at_queues(backends: Backends, mend: str) -> list[Finding]:
    """Count every queue; one that cannot be reached at all is one finding."""
    names = [plan.name for plan in queue_plan(backends.settings)]
    broker, *each = await all_of(
        found("queues", _broker(backends), mend),
        *(_queue(backends, name, mend) for name in names),
    )
    return each if broker.ok else [broker]


async def _broker(backends: Backends) -> str:
    await backends.queue.ping()
    return "answers"


async def look_at_background(backends: Backends) -> list[Finding]:
    """Look whether anybody does what waits in the outbox and for its time."""

    def look(tx: Transaction) -> list[Finding]:
        present = Present(tx.now(), tx.workers.list())
        outbox = of_outbox(*tx.outbox.backlog(), present)
        timers = of_timers(tx.jobs.count_overdue(TIMERS_LATE), present)
        relay = RELAY_STUCK_REMEDY if present.named(RELAY) else RELAY_REMEDY
        reconciler = RECONCILER_STUCK_REMEDY if present.named(RECONCILER) else RECONCILER_REMEDY
        return [
            Finding("relay", outbox.ok, outbox.text, relay),
            Finding("reconciler", timers.ok, timers.text, reconciler),
        ]

    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await backends.database.read(look)
    except (DatabaseUnavailable, TimeoutError) as error:
        return [Finding("relay, reconciler", False, str(error) or f"no answer in {ANSWER_SECONDS:.0f} s")]


async def _queue(backends: Backends, name: str, mend: str) -> Finding:
    """Count a queue, and look whether a worker of ours takes what waits in it."""
    depths: list[QueueDepth] = []

    async def count() -> str:
        own, dead = await asyncio.gather(backends.queue.depth(name), backends.queue.depth(f"{name}-dlq"))
        depths.append(own)
        return f"{own.visible} waiting, {own.in_flight} in flight, {dead.visible} dead"

    counted = await found(f"queue {name}", count(), mend)
    remedy = worker_remedy(backends.settings, name)
    if not (counted.ok and remedy):
        return counted
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await backends.database.ping()
            present = await backends.database.read(lambda tx: Present(tx.now(), tx.workers.list()))
    except (DatabaseUnavailable, TimeoutError):
        # Told as the outage that it is; who works a queue is not known meanwhile.
        return counted
    judged = of_queue(name, depths[0], present)
    text = f"{counted.text}; {judged.text}" if judged.text else counted.text
    return Finding(counted.what, judged.ok, text, remedy)
