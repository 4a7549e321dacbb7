"""Does what a plan says: submits and cancels its jobs through the real use cases while its faults hurt the system."""

import asyncio
import heapq
import json
import random
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tests.chaos.grounds import LEASE_SECONDS, Grounds
from tests.chaos.hands import Hands
from tests.chaos.nursery import Nursery
from tests.chaos.plan import Fault, Kind, Plan, PlannedFault, PlannedJob
from tests.support.standin.hurry import HURRIED_RETRY, LONGEST
from tests.support.standin.types import EFFECT, QUEUE, Numbered, standin_types

from academy.application.jobs.submit import announce, cancel, submit
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import OutgoingMessage
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names

__all__ = ["WORKERS", "Driver"]

WORKERS, RELAYS, SLOTS = 4, 2, 8
MOST_AT_ONCE = 50


class Driver(Hands):
    """One run's hands: `survived` counts the faults that were really done, by name."""

    def __init__(
        self, plan: Plan, grounds: Grounds, backends: Backends, nursery: Nursery, folder: Path
    ) -> None:
        super().__init__(grounds, backends, nursery)
        self.receives = folder / "receives"
        self._plan = plan
        self._types = standin_types(backends.settings, HURRIED_RETRY)
        self._queue = queue_names(backends.settings)[QUEUE]
        self._submitted: list[PlannedJob] = []

    async def start(self) -> None:
        """Start every role."""
        await self._start_all({"worker": WORKERS, "relay": RELAYS, "reconciler": int(self._plan.reconciler)})

    async def run(self) -> None:
        """Submit, cancel and hurt until the plan is carried out."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._submit_all(begun))
            for fault in self._plan.faults:
                group.create_task(self._later(begun + fault.at, self._hurt(fault)))

    def _options(self, name: str) -> Mapping[str, object]:
        role, _, number = name.partition(" ")
        if role != "worker":
            return {}
        # One worker's clock is wrong; it must make no difference.
        shift = self._plan.clock_shift if number == "0" else 0.0
        self.survived["workers with a wrong clock"] += bool(shift)
        return {"slots": SLOTS, "clock_shift": shift, "receives": str(self.receives)}

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

    async def _hurt(self, fault: PlannedFault) -> None:
        worker, relay = f"worker {fault.which % WORKERS}", f"relay {fault.which % RELAYS}"
        asleep = 0.5 + 1.3 * fault.strength
        match fault.fault:
            case Fault.WORKER_KILLED:
                await self._kill(worker, fault)
            case Fault.WORKER_STOPPED:
                await self._drain(worker, fault)
            case Fault.WORKER_FROZEN:
                await self._freeze(worker, LEASE_SECONDS * asleep, fault)
            case Fault.RELAY_KILLED:
                await self._kill(relay, fault)
            case Fault.RELAY_FROZEN:
                await self._freeze(relay, LONGEST.total_seconds() * asleep, fault)
            case Fault.RECONCILER_KILLED:
                await self._kill("reconciler 0", fault)
            case _:
                await self._hurt_ground(fault)

    async def _hurt_ground(self, fault: PlannedFault) -> None:
        match fault.fault:
            case Fault.COPIES:
                await self._copy(fault)
            case Fault.LOST:
                await self._lose()
            case Fault.DATABASE_LOCKED | Fault.DATABASE_CUT:
                await self._hurt_database(fault)
            case Fault.PROGRESS_RESTARTED:
                await self._restart_progress(fault)
            case _:
                await self._change_weather(str(fault.weather), fault)

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
