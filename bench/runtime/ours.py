"""Our producer and our stand-in worker, as contestants: `ours.py enqueue JOBS SECONDS | trickle SECONDS | submit JOBS | look TIMES
| work SLOTS | count`."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from meter import tick
from tests.support.standin.types import NOOP, PAUSE, QUEUE, Numbered, standin_handlers, standin_types

from academy.application.jobs.attempt import JobHandler, Work
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.submit import new_job, submit_many
from academy.application.ports.database import JobFilter, Transaction
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import Role, load_settings
from academy.bootstrap.worker import worker_setup
from academy.contracts.base import Contract
from academy.domain.job.job import NewJob
from academy.domain.job.states import JobState
from academy.infrastructure.ids import new_id
from academy.interfaces.workers.runtime.role import run_worker

TENANT = "bench"
TOGETHER = 100
"""Jobs that one transaction submits."""


class _Metered:
    """A handler that tells the meter first."""

    def __init__(self, handler: JobHandler) -> None:
        self._handler = handler

    async def run(self, work: Work) -> Contract | None:
        tick()
        return await self._handler.run(work)


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Backends, JobTypes]]:
    settings = load_settings(Role.RECONCILER)
    configure_logs(settings)
    async with open_backends(settings) as backends:
        yield backends, standin_types(settings)


def new(types: JobTypes, n: int, seconds: float, tenant: str = TENANT) -> NewJob:
    """Return one stand-in job as a use case would ask for it."""
    job_id = new_id()
    return new_job(
        types,
        job_id=job_id,
        tenant_id=tenant,
        type_name=PAUSE if seconds else NOOP,
        payload=Numbered(n=n, seconds=seconds),
        idempotency_key=job_id,
    )


def submit_job(tx: Transaction, types: JobTypes, n: int, seconds: float, tenant: str = TENANT) -> None:
    """Submit one stand-in job."""
    submit_many(tx, [new(types, n, seconds, tenant)])


async def prepare(backends: Backends) -> None:
    """Make the queues and the tenant."""
    await backends.queue.create(queue_plan(backends.settings))
    await backends.database.run(lambda tx: tx.tenants.add(TENANT, TENANT, "Bench"))


async def enqueue(jobs: int, seconds: float) -> None:
    """Submit and publish all jobs; print the CPU that took, ms a job."""
    async with _opened() as (backends, types):
        await prepare(backends)
        relay = outbox_relay(backends)
        with _profiled(".enqueue"):
            # Both paths once, so that what is compiled and connected on first use is not counted.
            await _submit_many(backends, types, relay, 1, seconds)
            before = time.process_time()
            await _submit_many(backends, types, relay, jobs - 1, seconds)
        print(json.dumps({"cpu_ms": (time.process_time() - before) * 1000 / max(1, jobs - 1)}))


async def _submit_many(
    backends: Backends, types: JobTypes, relay: OutboxRelay, jobs: int, seconds: float
) -> None:
    for start in range(0, jobs, TOGETHER):
        numbers = range(start, min(jobs, start + TOGETHER))

        def work(tx: Transaction, numbers: range = numbers) -> None:
            submit_many(tx, [new(types, n, seconds) for n in numbers])

        await backends.database.run(work)
    while await relay.relay_once():
        pass


async def trickle(seconds: float) -> None:
    """Submit a job for each line of the input, with the relay beside; print the moment of each submission."""
    async with _opened() as (backends, types):
        await prepare(backends)
        stop = asyncio.Event()
        relaying = asyncio.create_task(outbox_relay(backends).run(stop))
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(time.monotonic_ns(), flush=True)
            await backends.database.run(lambda tx: submit_job(tx, types, 0, seconds))
        stop.set()
        await relaying


async def count() -> None:
    """Print how many jobs succeeded."""
    async with _opened() as (backends, _):
        done, cursor = 0, ""
        while True:
            where = JobFilter(state=JobState.SUCCEEDED)
            page = await backends.database.read(lambda tx: tx.jobs.list(where, cursor, 500))  # noqa: B023
            done, cursor = done + len(page.items), page.next_cursor
            if not cursor:
                break
        print(json.dumps({"succeeded": done}))


async def request(count: int, *, submitting: bool) -> None:
    """Carry out requests as an API does, each in a transaction of its own that looks up the academy, and submits or does not."""
    async with _opened() as (backends, types):
        await backends.database.run(lambda tx: tx.tenants.add(TENANT, TENANT, "Bench"))

        def work(tx: Transaction, n: int) -> None:
            tx.tenants.get(TENANT)
            if submitting:
                submit_job(tx, types, n, 0.0)

        for n in range(count):
            await backends.database.run(lambda tx, n=n: work(tx, n))  # type: ignore[misc]


async def work(slots: int) -> None:
    """Work until SIGTERM, as the stand-in worker does."""
    async with _opened() as (backends, types):
        setup = worker_setup(
            backends,
            "standin",
            queues=[PolledQueue(queue_names(backends.settings)[QUEUE])],
            slots=slots,
            types=types,
            handlers={name: _Metered(handler) for name, handler in standin_handlers().items()},
        )
        with _profiled(""):
            await run_worker(setup)


def _profiled(ending: str) -> AbstractContextManager[None]:
    path = os.environ.get("BENCH_PROFILE")
    if not path:
        return nullcontext()
    from profiling import profiled  # noqa: PLC0415 - not part of what is measured

    return profiled(path + ending)


def main() -> None:
    """Run one command."""
    command, *rest = sys.argv[1:]
    if command == "enqueue":
        asyncio.run(enqueue(int(rest[0]), float(rest[1])))
    elif command == "trickle":
        asyncio.run(trickle(float(rest[0])))
    elif command in {"submit", "look"}:
        asyncio.run(request(int(rest[0]), submitting=command == "submit"))
    elif command == "work":
        asyncio.run(work(int(rest[0])))
    else:
        asyncio.run(count())


if __name__ == "__main__":
    main()
