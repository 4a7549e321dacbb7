"""Does what a plan says: submits and cancels its jobs through the real use cases while its faults hurt the system."""

import asyncio
import heapq
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests.chaos.grounds import LEASE_SECONDS, Grounds
from tests.chaos.nursery import Nursery
from tests.chaos.plan import Fault, Kind, Plan, PlannedFault, PlannedJob
from tests.support.standin.hurry import HURRIED_RETRY, LONGEST
from tests.support.standin.types import EFFECT, QUEUE, Numbered, standin_types

from academy.application.jobs.submit import announce, cancel, submit
from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.application.ports.job_queue import OutgoingMessage
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names

__all__ = ["WORKERS", "Driver"]

T = TypeVar("T")
WORKERS, RELAYS, SLOTS = 4, 2, 8
MOST_AT_ONCE = 50


class Driver:
    """One run's hands: `survived` counts the faults that were really done, by name."""

    def __init__(
        self, plan: Plan, grounds: Grounds, backends: Backends, nursery: Nursery, folder: Path
    ) -> None:
        self.survived: Counter[str] = Counter()
        self.receives = folder / "receives"
        self._plan = plan
        self._grounds = grounds
        self._backends = backends
        self._nursery = nursery
        self._types = standin_types(backends.settings, HURRIED_RETRY)
        self._queue = queue_names(backends.settings)[QUEUE]
        self._places: dict[str, int] = {}
        self._submitted: list[PlannedJob] = []
        self.exits: dict[str, int | None] = {}

    async def start(self) -> None:
        """Start every role."""
        for number in range(WORKERS):
            await self._start(f"worker {number}")
        for number in range(RELAYS):
            await self._start(f"relay {number}")
        if self._plan.reconciler:
            await self._start("reconciler 0")

    async def run(self) -> None:
        """Submit, cancel and hurt until the plan is carried out."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._submit_all(begun))
            for fault in self._plan.faults:
                group.create_task(self._later(begun + fault.at, self._hurt(fault)))

    async def stop(self) -> None:
        """Drain every process; what does not end by itself within its grace is noted in `exits`, then killed."""
        for pid in self._places.values():
            self._nursery.kill(pid, signal.SIGTERM)
        for name, pid in self._places.items():
            self.exits[name] = await self._nursery.ended(pid, 15)
            self._nursery.kill(pid)

    async def _start(self, name: str) -> None:
        role, _, number = name.partition(" ")
        options: dict[str, object] = {}
        if role == "worker":
            # One worker's clock is wrong; it must make no difference.
            shift = self._plan.clock_shift if number == "0" else 0.0
            options = {"slots": SLOTS, "clock_shift": shift, "receives": str(self.receives)}
            self.survived["workers with a wrong clock"] += bool(shift)
        self._places[name] = await self._nursery.start(role, **options)

    async def _later(self, at: float, what: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        await what

    async def _submit_all(self, begun: float) -> None:
        waiting = list(reversed(self._plan.jobs))
        cancels: list[tuple[float, str]] = []
        while waiting or cancels:
            now = time.monotonic() - begun
            batch: list[PlannedJob] = []
            while waiting and waiting[-1].at <= now and len(batch) < MOST_AT_ONCE:
                batch.append(waiting.pop())
            if batch:
                await self._surely(lambda tx, jobs=tuple(batch): self._submit(tx, jobs))  # type: ignore[misc]
                self._submitted += batch
            for job in batch:
                if job.kind is Kind.CANCELLED:
                    heapq.heappush(cancels, (now + job.cancel_after, job.id))
            while cancels and cancels[0][0] <= now:
                job_id = heapq.heappop(cancels)[1]
                await self._surely(lambda tx, job_id=job_id: cancel(tx, self._types, job_id))  # type: ignore[misc]
            await asyncio.sleep(0.02)

    def _submit(self, tx: Transaction, jobs: Sequence[PlannedJob]) -> None:
        for job in jobs:
            payload = Numbered(
                n=job.number, seconds=job.seconds, failing=job.failing, for_good=job.kind is Kind.PERMANENT
            )
            submit(
                tx,
                self._types,
                job_id=job.id,
                tenant_id=f"t{job.tenant}",
                type_name=EFFECT,
                payload=payload,
                idempotency_key=job.id,
                run_at=tx.now() + timedelta(seconds=job.delay) if job.delay else None,
            )

    async def _surely(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction of the harness, whose connections are cut as everybody's."""
        while True:
            try:
                return await self._backends.database.run(work)
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)

    async def _hurt(self, fault: PlannedFault) -> None:
        if fault.fault in {Fault.WORKER_KILLED, Fault.WORKER_STOPPED, Fault.WORKER_FROZEN}:
            await self._hurt_worker(fault)
        elif fault.fault is Fault.RELAY_FROZEN:
            await self._freeze(f"relay {fault.which % RELAYS}", LONGEST.total_seconds(), fault)
        elif fault.fault in {Fault.RELAY_KILLED, Fault.RECONCILER_KILLED}:
            role, count = ("relay", RELAYS) if fault.fault is Fault.RELAY_KILLED else ("reconciler", 1)
            await self._kill(f"{role} {fault.which % count}", fault)
        else:
            await self._hurt_ground(fault)

    async def _hurt_worker(self, fault: PlannedFault) -> None:
        name = f"worker {fault.which % WORKERS}"
        if fault.fault is Fault.WORKER_KILLED:
            await self._kill(name, fault)
            return
        if fault.fault is Fault.WORKER_FROZEN:
            await self._freeze(name, LEASE_SECONDS, fault)
            return
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGTERM):
            code = await self._nursery.ended(pid, 15)
            self.survived[fault.fault] += 1
            # Killed by another fault meanwhile, it has nothing to drain.
            if code not in {0, -signal.SIGKILL}:
                self.exits[f"{name} drained, process {pid}"] = code
            await self._again(name, pid)

    async def _freeze(self, name: str, lease: float, fault: PlannedFault) -> None:
        """Stop a process in its tracks; it wakes with leases that may be somebody else's by now."""
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGSTOP):
            await asyncio.sleep(lease * (0.5 + 1.3 * fault.strength))
            self._nursery.kill(pid, signal.SIGCONT)
            self.survived[fault.fault] += 1

    async def _kill(self, name: str, fault: PlannedFault) -> None:
        pid = self._places[name]
        if self._nursery.kill(pid):
            await self._nursery.ended(pid, 5)
            self.survived[fault.fault] += 1
            await asyncio.sleep(fault.strength * 0.8)
            await self._again(name, pid)

    async def _again(self, name: str, pid: int) -> None:
        """Start a process anew, unless another fault did so meanwhile."""
        if self._places[name] == pid:
            self._places[name] = -1
            await self._start(name)

    async def _hurt_ground(self, fault: PlannedFault) -> None:
        match fault.fault:
            case Fault.COPIES:
                await self._copy(fault)
            case Fault.LOST:
                await self._lose()
            case Fault.DATABASE_LOCKED:
                await asyncio.to_thread(self._grounds.lock_database, 0.3 + 2.7 * fault.strength)
                self.survived[fault.fault] += 1
            case Fault.DATABASE_CUT:
                cut = self._grounds.cut_connections
                self.survived[fault.fault] += await asyncio.to_thread(cut, 0.2 + fault.strength, fault.seed)
            case Fault.PROGRESS_RESTARTED:
                assert self._grounds.valkey is not None
                await self._grounds.valkey.restart(fault.strength * 1.5)
                self.survived[fault.fault] += 1
            case _:
                await self._change_weather(fault)

    async def _copy(self, fault: PlannedFault) -> None:
        """Publish messages of jobs again, in another order and some of them later: as a broker or a relay may."""
        chance = random.Random(fault.seed)
        # A job that is to begin later has no message before that.
        known = [job.id for job in self._submitted if job.kind is not Kind.LATER]
        ids = chance.sample(known, min(len(known), 20))
        jobs = await self._surely(lambda tx: tx.jobs.get_many(ids))
        messages = [
            OutgoingMessage(announce(jobs[job_id]).body, jobs[job_id].tenant_id, chance.choice((0, 0, 1, 2)))
            for job_id in ids
        ]
        for start in range(0, len(messages), 10):
            await self._backends.queue.publish(self._queue, messages[start : start + 10])
        self.survived[fault.fault] += len(messages)

    async def _lose(self) -> None:
        """Take messages away for good; but not those that only carry the news of a dead job to the dead letters."""
        hopeless = {job.id for job in self._plan.jobs if job.kind is Kind.HOPELESS}
        queue = self._backends.queue
        found = await queue.receive(self._queue, 10, 1, LEASE_SECONDS)
        chosen = [each.receipt for each in found if json.loads(each.body)["id"] not in hopeless]
        await queue.ack(chosen)
        await queue.extend([each.receipt for each in found if each.receipt not in chosen], 0)
        self.survived[Fault.LOST] += len(chosen)

    async def _change_weather(self, fault: PlannedFault) -> None:
        proxy = self._grounds.proxy
        assert proxy is not None
        before = proxy.met[fault.weather]
        proxy.weather = fault.weather  # type: ignore[assignment]
        await asyncio.sleep(0.3 + 1.5 * fault.strength)
        if proxy.weather == fault.weather:
            proxy.weather = None
        self.survived[f"broker: {fault.weather}"] += proxy.met[fault.weather] - before
