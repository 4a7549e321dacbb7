"""Does what a plan says: places and calls off orders through the real use cases while its faults hurt workers, database and provider."""

import asyncio
import time
from datetime import timedelta

from sqlalchemy import select
from tests.chaos.grounds import LEASE_SECONDS, Grounds
from tests.chaos.hands import Hands
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

WORKERS, RELAYS = 3, 1
SENDER = "0212345678"
LOOK_SECONDS = 0.1
LATE_SECONDS = 0.4


class MessagingDriver(Hands):
    """One run's hands.

    Attributes:
        refused: orders that the academy's credit did not cover.
        cancelled: orders of which something was called off.
        ambiguous: ids of messages that were seen AMBIGUOUS, often enough to miss few.
    """

    def __init__(
        self,
        plan: Plan,
        grounds: Grounds,
        backends: Backends,
        nursery: MessagingNursery,
        provider: SolapiProcess,
    ) -> None:
        super().__init__(grounds, backends, nursery)
        self.refused: set[str] = set()
        self.cancelled: set[str] = set()
        self.ambiguous: set[str] = set()
        self._plan = plan
        self._provider = provider
        self._orders = Orders(hurried_types(backends.settings), new_id)

    async def start(self) -> None:
        """Found the academies and start every role."""
        await self._surely(self._found)
        await self._start_all({"worker": WORKERS, "relay": RELAYS, "reconciler": 1})

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
        """See Hands; requests that are still on their way are carried out before."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self.survived["late requests carried out"] += await self._provider.deliver_late()
        await super().stop()

    def _found(self, tx: Transaction) -> None:
        for tenant, prices in ACADEMIES.items():
            if tx.tenants.get(tenant) is not None:
                continue
            tx.tenants.add(tenant, tenant, f"Hagwon {tenant}")
            tx.messaging.save(MessagingSettings(tenant, True, SENDER, "", False, prices, tx.now()))
            tx.credits.transfer(tenant, TransferKind.TOP_UP, {"": self._plan.credit[tenant]})

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
                await self._freeze(worker, LEASE_SECONDS * (0.5 + 1.5 * fault.strength), fault)
            case Fault.WORKER_STOPPED:
                await self._drain(worker, fault)
            case Fault.PROVIDER_FROZEN:
                await self._provider.freeze(0.3 + 1.5 * fault.strength)
                self.survived[fault.fault] += 1
            case Fault.DATABASE:
                await self._hurt_database(fault)
