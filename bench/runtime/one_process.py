"""Producer, relay and worker in one process, as `academy up` has them: how long a job waits (settings from the environment).

`one_process.py SINGLES BACKLOG TENANTS`: jobs sent one at a time, to an idle worker and then beside one tenant's backlog.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ours import submit_job
from tests.support.standin.types import NOOP, PAUSE, QUEUE, Numbered, standin_types

from academy.application.jobs.attempt import Work
from academy.application.jobs.rotation import PolledQueue
from academy.application.ports.database import Transaction
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import Role, load_settings
from academy.bootstrap.worker import worker_setup
from academy.contracts.base import Contract
from academy.infrastructure.sql.schema import migrate
from academy.interfaces.workers.runtime.role import worker_of

SLOTS = 10
PAUSE_SECONDS = 0.01
TOGETHER = 100
BUSY = "busy"
BUSY_SHARE = 4
"""So much fewer single jobs are sent beside the backlog, which must not end before they do."""
SINGLE_LIMIT_SECONDS = 300


class _Watched:
    """The handler of every job; says when a single one starts (their numbers are negative)."""

    def __init__(self) -> None:
        self.started: dict[int, asyncio.Future[float]] = {}
        self.backlog_begun = asyncio.Event()
        self.backlog_run = 0

    async def run(self, work: Work) -> Contract | None:
        now = time.monotonic()
        assert isinstance(work.payload, Numbered)
        waiting = self.started.pop(work.payload.n, None)
        if waiting is not None:
            waiting.set_result(now)
        else:
            self.backlog_run += 1
            self.backlog_begun.set()
        if work.payload.seconds:
            await asyncio.sleep(work.payload.seconds)
        return None


class _Bench:
    def __init__(self, backends: Backends, tenants: int) -> None:
        self._backends = backends
        self._tenants = [f"tenant-{n}" for n in range(tenants)]
        self._types = standin_types(backends.settings)
        self._numbers = iter(range(-1, -1_000_000, -1))
        self.watched = _Watched()
        self.run_when_sent = 0
        """Jobs of the backlog that had begun when the last single job was sent."""

    async def prepare(self) -> None:
        await self._backends.queue.create(queue_plan(self._backends.settings))

        def work(tx: Transaction) -> None:
            for tenant in (BUSY, *self._tenants):
                tx.tenants.add(tenant, tenant, tenant)

        await self._backends.database.run(work)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Relay and work in this process meanwhile."""
        setup = worker_setup(
            self._backends,
            "standin",
            queues=[PolledQueue(queue_names(self._backends.settings)[QUEUE])],
            slots=SLOTS,
            types=self._types,
            handlers={NOOP: self.watched, PAUSE: self.watched},
        )
        worker = worker_of(setup)
        stop = asyncio.Event()
        relaying = asyncio.create_task(outbox_relay(self._backends).run(stop))
        working = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            stop.set()
            worker.drain()
            await asyncio.gather(relaying, working)

    async def singles(self, count: int) -> list[float]:
        """Send jobs of ever another tenant at their own pace; return how long each waited, ms."""
        async with asyncio.TaskGroup() as group:
            waits = []
            for turn in range(count):
                await asyncio.sleep(random.uniform(0.02, 0.12))
                waits.append(group.create_task(self._single(self._tenants[turn % len(self._tenants)])))
            self.run_when_sent = self.watched.backlog_run
        return [wait.result() for wait in waits]

    async def _single(self, tenant: str) -> float:
        number = next(self._numbers)
        started = self.watched.started[number] = asyncio.get_running_loop().create_future()
        submitted = time.monotonic()
        await self._backends.database.run(lambda tx: submit_job(tx, self._types, number, 0.0, tenant))
        async with asyncio.timeout(SINGLE_LIMIT_SECONDS):
            return (await started - submitted) * 1000

    async def pile_up(self, jobs: int) -> None:
        """Put one tenant's jobs on the queue."""
        for start in range(0, jobs, TOGETHER):
            numbers = range(start, min(jobs, start + TOGETHER))

            def work(tx: Transaction, numbers: range = numbers) -> None:
                for n in numbers:
                    submit_job(tx, self._types, n, PAUSE_SECONDS, BUSY)

            await self._backends.database.run(work)
        relay = outbox_relay(self._backends)
        while await relay.relay_once():
            pass


async def main(singles: int, backlog: int, tenants: int) -> None:
    """Measure and print both lists of waits."""
    settings = load_settings(Role.RECONCILER)
    configure_logs(settings)
    migrate(settings.database)
    async with open_backends(settings) as backends:
        bench = _Bench(backends, tenants)
        await bench.prepare()
        async with bench.working():
            await bench.singles(5)
            idle = await bench.singles(singles)
        busy: list[float] = []
        if backlog:
            await bench.pile_up(backlog)
            async with bench.working():
                await bench.watched.backlog_begun.wait()
                busy = await bench.singles(max(1, singles // BUSY_SHARE))
                if bench.run_when_sent >= backlog:
                    raise SystemExit(
                        f"a backlog of {backlog} was worked off before the last single job was sent"
                    )
    print(json.dumps({"idle_ms": idle, "busy_ms": busy}))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
