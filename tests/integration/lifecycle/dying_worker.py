"""`python -m tests.integration.lifecycle.dying_worker SETTINGS FOLDER POINT…`: workers and relays that are killed, each at its point.

Each is the real one over real adapters; decorators around its ports and its handler kill the process at the moment they
are named for, and leave a file called like the point in FOLDER first. Prints how each process ended, as JSON.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from tests.integration.lifecycle.grounds import of_queue, submit_on
from tests.support.standin.hurry import hurried_backends
from tests.support.standin.types import EFFECT, Numbered, standin_handlers, standin_types

from academy.application.jobs.attempt import JobHandler, Work
from academy.application.jobs.rotation import PolledQueue
from academy.application.ports.database import Lease, LeaseState, Settlement, Transaction
from academy.application.ports.job_queue import Delivery, OutgoingMessage, Receipt
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.settings import Queues, Settings
from academy.bootstrap.worker import worker_setup
from academy.contracts.base import Contract
from academy.domain.job.job import Job
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sqs.queue import SqsJobQueue
from academy.interfaces.workers.runtime.role import run_worker

__all__ = ["DYING_RETRY", "POINTS", "RELAY_POINTS"]

T = TypeVar("T")
Die = Callable[[str], None]
POINTS = (
    "received-not-claimed",
    "claimed-not-started",
    "started",
    "renewed-not-extended",
    "handler-done-not-committed",
    "committed-not-acked",
    "acked-not-released",
    "given-back-not-acked",
    "dead-not-dead-lettered",
    "dead-lettered-not-acked",
)
RELAY_POINTS = ("taken-not-published", "published-not-removed")
DYING_RETRY = RetryPolicy(max_attempts=1)
GIVE_UP_SECONDS = 30
LONGER_LEASE = timedelta(seconds=3)
"""By how much a lease that a dead worker leaves behind outlives its message's time-out."""


class DyingBroker:
    """A broker whose user dies after a receive or an ack, before or after a dead letter or a publication."""

    def __init__(self, inner: Any, point: str, die: Die) -> None:
        self._inner = inner
        self._point = point
        self._die = die

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def receive(self, *given: Any, **named: Any) -> Sequence[Delivery]:
        found: Sequence[Delivery] = await self._inner.receive(*given, **named)
        if found:
            self._die("received-not-claimed")
        return found

    async def publish(self, queue: str, messages: Sequence[OutgoingMessage]) -> Sequence[int]:
        self._die("taken-not-published")
        refused: Sequence[int] = await self._inner.publish(queue, messages)
        self._die("published-not-removed")
        return refused

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        void: Sequence[Receipt] = await self._inner.ack(receipts)
        self._die("acked-not-released")
        return void

    async def extend(self, receipts: Sequence[Receipt], visibility_seconds: int) -> Sequence[Receipt]:
        if self._point == "renewed-not-extended":
            # Only the lease lives on: the message comes back to find it held by a dead worker.
            return []
        void: Sequence[Receipt] = await self._inner.extend(receipts, visibility_seconds)
        return void

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        self._die("dead-not-dead-lettered")
        await self._inner.dead_letter(delivery, reason)
        # Our own tables move the message in one statement; SQS takes two, and DyingSqs dies between them.
        self._die("dead-lettered-not-acked")


class DyingSqs(SqsJobQueue):
    """SQS whose user dies when it acks what it has just dead-lettered."""

    die: Die

    async def ack(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        self.die("dead-lettered-not-acked")
        return await super().ack(receipts)


class DyingDatabase(SqlDatabase):
    """A database whose user dies after a claim or a renewal, within a settlement, or after it."""

    die: Die

    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        seen: list[str] = []

        def watched(tx: Transaction) -> T:
            result = work(cast("Transaction", _Watched(tx, seen)))
            if JobState.SUCCEEDED in seen:
                self.die("handler-done-not-committed")
            return result

        result = await super().run(watched, relaxed=relaxed)
        if "claimed" in seen:
            self.die("claimed-not-started")
        if "renewed" in seen:
            self.die("renewed-not-extended")
        if JobState.SUCCEEDED in seen:
            self.die("committed-not-acked")
        if JobState.PENDING in seen:
            self.die("given-back-not-acked")
        return result


class _Watched:
    def __init__(self, inner: Any, seen: list[str]) -> None:
        self._inner = inner
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def jobs(self) -> "_Watched":
        return _Watched(self._inner.jobs, self._seen)

    def claim(self, job_ids: Sequence[str], worker: str, lease: timedelta) -> Mapping[str, Job]:
        claimed: Mapping[str, Job] = self._inner.claim(job_ids, worker, lease)
        if claimed:
            self._seen.append("claimed")
        return claimed

    def renew(self, leases: Sequence[Lease], lease: timedelta) -> Sequence[LeaseState]:
        self._seen.append("renewed")
        states: Sequence[LeaseState] = self._inner.renew(leases, lease + LONGER_LEASE)
        return states

    def settle(self, settlements: Sequence[Settlement]) -> Mapping[Lease, JobState]:
        self._seen += [settlement.state for settlement in settlements]
        settled: Mapping[Lease, JobState] = self._inner.settle(settlements)
        return settled


class DyingHandler:
    """A handler that is killed in the middle of its work, or told to stop there by SIGTERM."""

    def __init__(self, inner: JobHandler, point: str, die: Die) -> None:
        self._inner = inner
        self._point = point
        self._die = die

    async def run(self, work: Work) -> Contract | None:
        working = asyncio.ensure_future(self._inner.run(work))
        try:
            # One turn of the loop: the handler has begun and told of progress.
            await asyncio.sleep(0.02)
            self._die("started")
            if self._point == "given-back-not-acked":
                os.kill(os.getpid(), signal.SIGTERM)
            return await working
        finally:
            working.cancel()


def _dying(backends: Backends, point: str, die: Die) -> Backends:
    database = DyingDatabase(backends.database._connections)
    database.die = die
    queue = backends.queue
    if point == "dead-lettered-not-acked" and backends.settings.queue_backend is Queues.SQS:
        assert isinstance(queue, SqsJobQueue)
        sqs = DyingSqs(queue._client)
        sqs.die = die
        queue = sqs
    return replace(backends, database=database, queue=DyingBroker(queue, point, die))  # type: ignore[arg-type]


async def _work(settings: Settings, point: str, die: Die) -> None:
    async with open_backends(settings) as backends:
        handlers = standin_handlers()
        setup = worker_setup(
            _dying(backends, point, die),
            "dying",
            queues=[PolledQueue(settings.queue_messaging)],
            slots=1,
            types=standin_types(settings, DYING_RETRY if point.startswith("dead") else None),
            handlers=handlers | {EFFECT: DyingHandler(handlers[EFFECT], point, die)},
        )
        await run_worker(setup)


async def _relay(settings: Settings, point: str, die: Die) -> None:
    async with hurried_backends(settings) as backends:
        # Either relay may take both jobs' rows; the other one gets them when they come back.
        await submit_on(backends, settings, point, Numbered(n=0))
        dying = replace(backends, queue=DyingBroker(backends.queue, "", die))  # type: ignore[arg-type]
        await outbox_relay(dying).run(asyncio.Event())


def _live(given: dict[str, object], folder: Path, point: str) -> None:
    # A worker that never comes to its point is ended with another signal.
    signal.alarm(GIVE_UP_SECONDS)

    def die(moment: str) -> None:
        if moment == point:
            (folder / point).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    settings = of_queue(given | {"drain_seconds": 0}, point)
    configure_logs(settings)
    asyncio.run(_relay(settings, point, die) if point in RELAY_POINTS else _work(settings, point, die))


def main() -> None:
    given, folder, points = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    children: dict[int, str] = {}
    for point in points:
        # Forked, so that the imports are paid for once.
        pid = os.fork()
        if not pid:
            try:
                _live(given, folder, point)
            finally:
                sys.stderr.flush()
                os._exit(1)
        children[pid] = point
    ends = {}
    while children:
        pid, status = os.wait()
        ends[children.pop(pid)] = os.waitstatus_to_exitcode(status)
    print(json.dumps(ends))


if __name__ == "__main__":
    main()
