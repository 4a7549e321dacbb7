"""Does what a plan says: places and calls off orders through the real use cases while its faults hurt workers, database and provider."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from tests.chaos.grounds import LEASE_SECONDS, Grounds
from tests.chaos.messaging_nursery import MessagingNursery, hurried_types
from tests.chaos.messaging_plan import ACADEMIES, Fault, Kind, Plan, PlannedFault, PlannedOrder, Weather
from tests.chaos.messaging_provider import SolapiProcess

from academy.application.errors import Conflict
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.ports.database import DatabaseUnavailable, Transaction
from academy.bootstrap.backends import Backends
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState, Order
from academy.domain.messaging.settings import MessagingSettings
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.tables_messaging import messages

__all__ = ["WORKERS", "MessagingDriver"]

T = TypeVar("T")
WORKERS, RELAYS = 3, 1
SENDER = "0212345678"
LOOK_SECONDS = 0.1
LATE_SECONDS = 0.4
DRAIN_PATIENCE = 15.0


class MessagingDriver:
    """One run's hands.

    Attributes:
        survived: how often each fault was really done, by name.
        refused: orders that the academy's credit did not cover.
        cancelled: orders of which something was called off.
        ambiguous: ids of messages that were seen AMBIGUOUS, often enough to miss few.
        exits: of processes that were to end by themselves and ended otherwise.
    """

    def __init__(
        self,
        plan: Plan,
        grounds: Grounds,
        backends: Backends,
        nursery: MessagingNursery,
        provider: SolapiProcess,
    ) -> None:
        self.survived: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.cancelled: set[str] = set()
        self.ambiguous: set[str] = set()
        self.exits: dict[str, int | None] = {}
        self._plan = plan
        self._grounds = grounds
        self._backends = backends
        self._nursery = nursery
        self._provider = provider
        self._orders = Orders(hurried_types(backends.settings), new_id)
        self._places: dict[str, int] = {}

    async def start(self) -> None:
        """Found the academies and start every role."""
        await self._surely(self._found)
        for role, count in (("worker", WORKERS), ("relay", RELAYS), ("reconciler", 1)):
            for number in range(count):
                await self._start(f"{role} {number}")

    async def run(self) -> None:
        """Place, call off and hurt until the plan is carried out; then the provider is well."""
        begun = time.monotonic()
        watching = asyncio.create_task(self._watch())
        delivering = asyncio.create_task(self._deliver_late())
        async with asyncio.TaskGroup() as group:
            for order in self._plan.orders:
                group.create_task(self._later(begun + order.at, self._order(order)))
            for fault in self._plan.faults:
                group.create_task(self._later(begun + fault.at, self._hurt(fault)))
            for weather in self._plan.weather:
                group.create_task(self._later(begun + weather.at, self._change(weather)))
        await self._provider.weather({}, 0.0, 0)
        self._watching = (watching, delivering)

    async def stop(self) -> None:
        """Drain every process; what does not end by itself within its grace is noted in `exits`, then killed."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self.survived["late requests carried out"] += await self._provider.deliver_late()
        for pid in self._places.values():
            self._nursery.kill(pid, signal.SIGTERM)
        for name, pid in self._places.items():
            self._note(name, await self._nursery.ended(pid, DRAIN_PATIENCE))
            self._nursery.kill(pid)

    def _found(self, tx: Transaction) -> None:
        for tenant, prices in ACADEMIES.items():
            if tx.tenants.get(tenant) is not None:
                continue
            tx.tenants.add(tenant, tenant, f"Hagwon {tenant}")
            tx.messaging.save(MessagingSettings(tenant, True, SENDER, "", False, prices, tx.now()))
            tx.credits.transfer(tenant, TransferKind.TOP_UP, {"": self._plan.credit[tenant]})

    async def _start(self, name: str) -> None:
        self._places[name] = await self._nursery.start(name.partition(" ")[0])

    async def _later(self, at: float, what: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        await what

    async def _order(self, planned: PlannedOrder) -> None:
        try:
            await self._surely(lambda tx: self._place(tx, planned))
        except Conflict:
            self.refused.add(planned.id)
            return
        if planned.kind in {Kind.CANCELLED_WAITING, Kind.CANCELLED_SENDING}:
            await asyncio.sleep(planned.cancel_after)
            try:
                await self._surely(lambda tx: self._orders.cancel(tx, planned.tenant_id, planned.id))
                self.cancelled.add(planned.id)
            except Conflict:
                self.survived["calls to cancel that came too late"] += 1

    def _place(self, tx: Transaction, planned: PlannedOrder) -> Order:
        request = OrderRequest(
            planned.tenant_id,
            [Recipient(planned.phone(n), f"학부모 {n}") for n in range(planned.people)],
            planned.text,
            send_at=tx.now() + timedelta(seconds=planned.delay) if planned.delay else None,
        )
        return self._orders.place(tx, request, order_id=planned.id)

    async def _surely(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction of the harness, whose connections are cut as everybody's."""
        while True:
            try:
                return await self._backends.database.run(work)
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        query = select(messages.c.id).where(messages.c.state == MessageState.AMBIGUOUS)
        while True:
            try:
                found = await self._backends.database.read(
                    lambda tx: tx._connection.scalars(query).all()  # type: ignore[attr-defined]
                )
                self.ambiguous.update(found)
            except DatabaseUnavailable:
                self.survived["looks that met no database"] += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def _deliver_late(self) -> None:
        while True:
            await asyncio.sleep(LATE_SECONDS)
            self.survived["late requests carried out"] += await self._provider.deliver_late()

    async def _change(self, weather: Weather) -> None:
        await self._provider.weather(weather.chances, weather.slow_seconds, weather.seed)

    async def _hurt(self, fault: PlannedFault) -> None:
        worker = f"worker {fault.which % WORKERS}"
        match fault.fault:
            case Fault.WORKER_KILLED:
                await self._kill(worker, fault)
            case Fault.RELAY_KILLED:
                await self._kill(f"relay {fault.which % RELAYS}", fault)
            case Fault.WORKER_FROZEN:
                await self._freeze(worker, fault)
            case Fault.WORKER_STOPPED:
                await self._drain(worker, fault)
            case Fault.PROVIDER_FROZEN:
                await self._provider.freeze(0.3 + 1.5 * fault.strength)
                self.survived[fault.fault] += 1
            case Fault.DATABASE:
                await self._hurt_database(fault)

    async def _freeze(self, name: str, fault: PlannedFault) -> None:
        """Stop a worker in its tracks; it wakes with batches that others may have settled by now."""
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGSTOP):
            await asyncio.sleep(LEASE_SECONDS * (0.5 + 1.5 * fault.strength))
            self._nursery.kill(pid, signal.SIGCONT)
            self.survived[fault.fault] += 1

    async def _kill(self, name: str, fault: PlannedFault) -> None:
        pid = self._places[name]
        if self._nursery.kill(pid):
            await self._nursery.ended(pid, 5)
            self.survived[fault.fault] += 1
            await asyncio.sleep(fault.strength * 0.8)
            await self._again(name, pid)

    async def _drain(self, name: str, fault: PlannedFault) -> None:
        pid = self._places[name]
        if self._nursery.kill(pid, signal.SIGTERM):
            self._note(f"{name} drained, process {pid}", await self._nursery.ended(pid, DRAIN_PATIENCE))
            self.survived[fault.fault] += 1
            await self._again(name, pid)

    def _note(self, name: str, code: int | None) -> None:
        # Killed by another fault meanwhile, it has nothing to drain.
        if code not in {0, -signal.SIGKILL}:
            self.exits[name] = code

    async def _again(self, name: str, pid: int) -> None:
        """Start a process anew, unless another fault did so meanwhile."""
        if self._places[name] == pid:
            self._places[name] = -1
            await self._start(name)

    async def _hurt_database(self, fault: PlannedFault) -> None:
        if self._grounds.database_file is not None:
            await asyncio.to_thread(self._grounds.lock_database, 0.3 + 1.7 * fault.strength)
            self.survived["database locked"] += 1
            return
        cut = self._grounds.cut_connections
        share = 0.2 + fault.strength
        self.survived["database connections cut"] += await asyncio.to_thread(cut, share, fault.seed)
