"""Does what a plan says: sends requests as producers do and reads results while its faults hurt workers, their children and the database."""

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tests.chaos.graph_faults import LEASE_SECONDS, Fault, PlannedFault
from tests.chaos.graph_nursery import GraphNursery
from tests.chaos.graph_plan import REFUSED, TENANT, Plan, Request
from tests.chaos.grounds import Grounds
from tests.chaos.hands import Hands

from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import OutgoingMessage, QueueError
from academy.bootstrap.backends import Backends

__all__ = ["GraphDriver", "below"]

BETWEEN_COPIES = 1.5
FIRSTS = {"GRAPH_GENERATION_RESULT": "graph", "MICROSCOPE_INGEST_RESULT": "lens"}


class GraphDriver(Hands):
    """One run's hands.

    Attributes:
        results: what came on the queue of results, progress left out, by task id and then by result id.
        told: how many results came in all, repeated ones too.
        sent: how often each request was sent.
    """

    def __init__(
        self, plan: Plan, grounds: Grounds, backends: Backends, nursery: GraphNursery, workers: int
    ) -> None:
        super().__init__(grounds, backends, nursery)
        self.results: dict[str | int, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.told = 0
        self.progress = 0
        self.sent: Counter[str | int] = Counter()
        self._plan = plan
        self._workers = workers
        self._ready: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)

    async def start(self) -> None:
        """Found the academy, store what producers stored before they ask, start every role."""
        await self._surely(_found)
        for key, text in self._plan.objects.items():
            await self._backends.ai_objects.put(key, text.encode())
        await self._start_all({"worker": self._workers, "relay": 1, "reconciler": 1})
        self._reading = asyncio.create_task(self._read())

    async def run(self) -> None:
        """Send and hurt until the plan is carried out."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for request in self._plan.requests:
                group.create_task(self._later(begun + request.at, self._ask(request)))
            for fault in self._plan.faults:
                group.create_task(self._later(begun + fault.at, self._hurt(fault)))

    async def stop(self) -> None:
        """See Hands; the queue of results is read no more."""
        await super().stop()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _ask(self, request: Request) -> None:
        if request.needs:
            await self._ready[request.needs, request.user].wait()
        for copy in range(request.copies):
            if copy:
                await asyncio.sleep(BETWEEN_COPIES)
            await self._send(request)

    async def _send(self, request: Request) -> None:
        queue = self._backends.settings.queue_graph_requests
        while True:
            # What cannot be published may have come in all the same.
            self.sent[request.task_id] += 1
            try:
                await self._backends.queue.publish(queue, [OutgoingMessage(request.body)])
            except QueueError:
                await asyncio.sleep(0.2)
            else:
                return

    async def _read(self) -> None:
        queue = self._backends.settings.queue_graph_results
        while True:
            try:
                found = await self._backends.queue.receive(queue, 10, 0.5, 30)
                for delivery in found:
                    self._take(json.loads(delivery.body))
                if found:
                    await self._backends.queue.ack([delivery.receipt for delivery in found])
            except QueueError:
                await asyncio.sleep(0.2)

    def _take(self, told: dict[str, Any]) -> None:
        if told["taskType"].endswith("_PROGRESS"):
            self.progress += 1
            return
        self.told += 1
        self.results[told["taskId"]][told["resultId"]] = told
        payload = told["payload"]
        if payload["status"] == "COMPLETED" and told["taskType"] in FIRSTS:
            self._ready[FIRSTS[told["taskType"]], payload["userId"]].set()

    async def _hurt(self, fault: PlannedFault) -> None:
        worker = f"worker {fault.which % self._workers}"
        match fault.fault:
            case Fault.WORKER_KILLED:
                await self._kill(worker, fault)
            case Fault.RELAY_KILLED:
                await self._kill("relay 0", fault)
            case Fault.WORKER_STOPPED:
                await self._drain(worker, fault)
            case Fault.CHILD_KILLED:
                await self._hurt_child(fault, signal.SIGKILL)
            case Fault.CHILD_TERMINATED:
                await self._hurt_child(fault, signal.SIGTERM)
            case Fault.WORKER_FROZEN:
                await self._freeze(worker, LEASE_SECONDS * (1.1 + 0.9 * fault.strength), fault)
            case Fault.RELAY_FROZEN:
                await self._freeze("relay 0", LEASE_SECONDS * fault.strength, fault)
            case _:
                await self._hurt_ground(fault)

    async def _hurt_ground(self, fault: PlannedFault) -> None:
        match fault.fault:
            case Fault.DATABASE:
                await self._hurt_database(fault)
            case Fault.WEATHER:
                await self._change_weather(fault.weather, fault)
            case Fault.PROGRESS_RESTARTED:
                await self._restart_progress(fault)

    async def _hurt_child(self, fault: PlannedFault, how: signal.Signals) -> None:
        """Send a signal to some process that a worker started, keeper or kept; wait for one to be there."""
        chance = random.Random(fault.seed)
        for _ in range(50):
            workers = [pid for name, pid in self._places.items() if name.startswith("worker")]
            there = sorted(child for pid in workers for child in below(pid))
            if there:
                try:
                    os.kill(chance.choice(there), how)
                except ProcessLookupError:
                    continue
                self.survived[fault.fault] += 1
                return
            await asyncio.sleep(0.1)

    def complaints(self) -> list[str]:
        """Return what is wrong with the results."""
        wrong = [text for request in self._plan.requests for text in self._of(request)]
        strangers = self.results.keys() - {request.task_id for request in self._plan.requests}
        return wrong + [
            f"a result for {name!r}, which nobody asked for" for name in sorted(map(str, strangers))
        ]

    def _of(self, request: Request) -> list[str]:
        about = (
            f"{request.task_id} ({request.task} of {request.user}, sent {self.sent[request.task_id]} times)"
        )
        found = self.results.get(request.task_id, {})
        # Each message that becomes no job is answered for itself.
        most = self.sent[request.task_id] if request.code == REFUSED else 1
        if not 1 <= len(found) <= most:
            return [f"{about}: {len(found)} results"]
        wrong = []
        for told in found.values():
            payload = told["payload"]
            ended = (payload["status"], payload.get("errorCode", ""))
            meant = ("FAILED", request.code) if request.code else ("COMPLETED", "")
            if ended != meant:
                wrong.append(f"{about}: {ended}, meant was {meant}: {payload.get('error', '')[:200]}")
        return wrong


def _found(tx: Transaction) -> None:
    if tx.tenants.get(TENANT) is None:
        tx.tenants.add(TENANT, "hagwon", "Hagwon")


def below(pid: int) -> list[int]:
    """Return every living process that this one started, and what those started."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(each) for each in task.read_text().split()]
            except OSError:
                continue
            waiting += children
            found += [child for child in children if _lives(child)]
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
