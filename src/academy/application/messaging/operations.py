"""What operators look at and put right about messages, for every academy (OPS-5).

Messages and orders are kept by academy; whoever looks after all of them is answered from each, put together newest first.
Academies are named by code or id; NotFound is raised for whatever is not there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from academy.application.errors import NotFound
from academy.application.jobs.job_type import JobTypes
from academy.application.messaging.asking import ask_now, settle_key
from academy.application.messaging.credit_desk import extract, top_up, withdraw
from academy.application.messaging.desk import Desk, PriceChange, SettingsChange, sender_number
from academy.application.messaging.orders import Orders
from academy.application.messaging.templates import templates_with_academies
from academy.application.ports.database import Database, Transaction
from academy.application.ports.messaging import MessageFilter
from academy.domain.job.job import Job
from academy.domain.messaging.ledger import Balance, Transfer
from academy.domain.messaging.message import Batch, Message, MessageState, Order, OrderState
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate
from academy.domain.tenant.tenant import Tenant

__all__ = [
    "Account",
    "Books",
    "MessageOperations",
    "OrderLine",
    "SettingsFound",
    "Undecided",
]

AUDIT_LOOKS = 3
"""Kept balances and sums are two reads; a transfer between them is no difference in the books."""

Row = TypeVar("Row", Message, Order)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order, and how many of its messages stand in each state."""

    order: Order
    counts: Mapping[MessageState, int]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A batch of which nobody knows whether it was sent.

    Attributes:
        age: how long ago it was begun.
        messages: how many wait for the answer.
        job: the job that asks the provider, None before somebody has taken the worker that began it for dead.
    """

    batch: Batch
    tenant: Tenant
    age: timedelta
    messages: int
    job: Job | None


@dataclass(frozen=True, slots=True)
class Account:
    """An academy's credit: its balances and its last transfers, newest first."""

    tenant: Tenant
    balance: Balance
    transfers: Sequence[Transfer]


@dataclass(frozen=True, slots=True)
class Books:
    """An academy's balances as they are kept, and as its transfers sum up."""

    tenant: Tenant
    kept: Balance
    summed: Balance

    @property
    def right(self) -> bool:
        """Return whether both agree and the accounts sum to zero."""
        kept = self.kept
        return kept == self.summed and not kept.funding + kept.available + kept.reserved + kept.spent


@dataclass(frozen=True, slots=True)
class SettingsFound:
    """An academy's settings, None for none.

    Attributes:
        stranded: orders on their way that name another sender: their messages will fail, for nothing goes out under a number
            that was taken away.
    """

    tenant: Tenant
    settings: MessagingSettings | None
    stranded: int = 0


class MessageOperations:
    """The operators' use cases around messages."""

    def __init__(self, database: Database, types: JobTypes, new_id: Callable[[], str]) -> None:
        """Take what is needed."""
        self._database = database
        self._types = types
        self._new_id = new_id

    async def messages(
        self, academy: str, where: MessageFilter, limit: int
    ) -> Sequence[tuple[Tenant, Message]]:
        """Return messages of an academy ("": of all), newest first. Raises ValueError for a filter that cannot be."""

        def work(tx: Transaction) -> Sequence[tuple[Tenant, Message]]:
            found: list[tuple[Tenant, Message]] = []
            for tenant in _tenants(tx, academy):
                found += ((tenant, each) for each in tx.messages.list(tenant.id, where, "", limit).items)
            return _newest(found, limit)

        return await self._database.read(work)

    async def message(self, message_id: str) -> tuple[Tenant, Message, Order | None]:
        """Return a message of whatever academy, with its order. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Tenant, Message, Order | None]:
            for tenant in tx.tenants.all():
                message = tx.messages.get(tenant.id, message_id)
                if message is not None:
                    return tenant, message, tx.messages.order(tenant.id, message.order_id)
            raise NotFound("message")

        return await self._database.read(work)

    async def orders(
        self, academy: str, state: OrderState | None, limit: int
    ) -> Sequence[tuple[Tenant, OrderLine]]:
        """Return orders of an academy ("": of all), newest first."""

        def work(tx: Transaction) -> Sequence[tuple[Tenant, OrderLine]]:
            found: list[tuple[Tenant, Order]] = []
            for tenant in _tenants(tx, academy):
                found += ((tenant, order) for order in tx.messages.orders(tenant.id, state, "", limit).items)
            newest = _newest(found, limit)
            return [(by, OrderLine(each, tx.messages.counts(by.id, each.id))) for by, each in newest]

        return await self._database.read(work)

    async def cancel(self, academy: str, order_id: str) -> tuple[Tenant, OrderLine]:
        """Call off what nobody has begun to send of an order of an academy ("": of whichever has it). Raises NotFound, Conflict."""
        orders = Orders(self._types, self._new_id)

        def work(tx: Transaction) -> tuple[Tenant, OrderLine]:
            for tenant in _tenants(tx, academy):
                if tx.messages.order(tenant.id, order_id) is not None:
                    order = orders.cancel(tx, tenant.id, order_id)
                    return tenant, OrderLine(order, tx.messages.counts(tenant.id, order_id))
            raise NotFound("order")

        return await self._database.run(work)

    async def templates(
        self, academy: str, approval: Approval | None, limit: int
    ) -> Sequence[tuple[Tenant, MessageTemplate]]:
        """Return templates of an academy ("": of all), newest first."""

        def work(tx: Transaction) -> Sequence[tuple[Tenant, MessageTemplate]]:
            tenant_id = _tenant(tx, academy).id if academy else ""
            return templates_with_academies(tx, tenant_id, approval, "", limit).items

        return await self._database.read(work)

    async def decide_template(self, academy: str, template_id: str, approval: Approval) -> MessageTemplate:
        """Note what KakaoTalk said of an academy's template. Raises NotFound, Conflict."""
        desk = Desk(self._new_id)
        return await self._database.run(
            lambda tx: desk.decide_template(tx, _tenant(tx, academy).id, template_id, approval)
        )

    async def undecided(self, older_than: timedelta, limit: int) -> Sequence[Undecided]:
        """Return OPEN batches of all academies begun longer ago than that, oldest first."""

        def work(tx: Transaction) -> Sequence[Undecided]:
            tenants = {tenant.id: tenant for tenant in tx.tenants.all()}
            return [
                Undecided(
                    batch,
                    tenants[batch.tenant_id],
                    tx.now() - batch.created_at,
                    len(tx.messages.of_batch(batch.tenant_id, batch.id)),
                    tx.jobs.by_key(batch.tenant_id, settle_key(batch)),
                )
                for batch in tx.messages.undecided(older_than, limit)
            ]

        return await self._database.read(work)

    async def settle(self, batch_id: str) -> Job | None:
        """Have the provider asked at once what became of an OPEN batch; return the job that asks, None for a batch that is CLOSED.

        A job that waits for its next try is brought forward, so that never two of them ask. Raises NotFound.
        """
        return await self._database.run(lambda tx: ask_now(tx, self._types, self._new_id, batch_id))

    async def account(self, academy: str, limit: int) -> Account:
        """Return an academy's balances and last transfers."""
        return await self._database.read(lambda tx: _account(tx, _tenant(tx, academy), limit))

    async def top_up(self, academy: str, won: int, note: str) -> Account:
        """Pay in for an academy and return its account with that transfer."""
        return await self._moved(academy, top_up, won, note)

    async def withdraw(self, academy: str, won: int, note: str) -> Account:
        """Take back what nothing is reserved for and return the account with that transfer. Raises Conflict."""
        return await self._moved(academy, withdraw, won, note)

    async def _moved(self, academy: str, move: Callable[..., Balance], won: int, note: str) -> Account:
        def work(tx: Transaction) -> Account:
            tenant = _tenant(tx, academy)
            move(tx, tenant.id, won, note=note, by="")
            return _account(tx, tenant, 1)

        return await self._database.run(work)

    async def audit(self) -> Sequence[Books]:
        """Compare every academy's balances with its transfers."""
        tenants = await self._database.read(lambda tx: tx.tenants.all())
        return [await self._audited(tenant) for tenant in tenants]

    async def _audited(self, tenant: Tenant) -> Books:
        def work(tx: Transaction) -> Books:
            return Books(tenant, tx.credits.balance(tenant.id), tx.credits.audit(tenant.id))

        books = await self._database.read(work)
        for _ in range(AUDIT_LOOKS - 1):
            if books.right:
                break
            books = await self._database.read(work)
        return books

    async def settings(self, academy: str) -> SettingsFound:
        """Return an academy's settings."""
        return await self._database.read(lambda tx: _found(tx, _tenant(tx, academy)))

    async def change_settings(
        self, academy: str, change: SettingsChange, prices: PriceChange, *, shared: bool = False
    ) -> SettingsFound:
        """Change an academy's settings and prices, made when missing. Raises Refused.

        A sender number that another academy sends under is taken only when it is `shared`: the operator knows that both may use it.
        """
        desk = Desk(self._new_id)

        def work(tx: Transaction) -> SettingsFound:
            tenant = _tenant(tx, academy)
            made = desk.change_prices(tx, tenant.id, prices)
            if shared and change.sender:
                tx.messaging.save(replace(made, sender=sender_number(change.sender)))
            desk.change_settings(tx, tenant.id, change)
            return _found(tx, tenant)

        return await self._database.run(work)


def _tenant(tx: Transaction, academy: str) -> Tenant:
    tenant = tx.tenants.by_code(academy) or tx.tenants.get(academy)
    if tenant is None:
        raise NotFound("academy")
    return tenant


def _tenants(tx: Transaction, academy: str) -> Sequence[Tenant]:
    return [_tenant(tx, academy)] if academy else tx.tenants.all()


def _newest(found: Iterable[tuple[Tenant, Row]], limit: int) -> Sequence[tuple[Tenant, Row]]:
    by_time = sorted(found, key=lambda each: (each[1].created_at, each[1].id), reverse=True)
    return by_time[:limit]


def _account(tx: Transaction, tenant: Tenant, limit: int) -> Account:
    return Account(tenant, tx.credits.balance(tenant.id), extract(tx, tenant.id, "", limit).transfers)


def _found(tx: Transaction, tenant: Tenant) -> SettingsFound:
    settings = tx.messaging.get(tenant.id)
    if settings is None:
        return SettingsFound(tenant, None)
    return SettingsFound(tenant, settings, tx.messages.stranded(tenant.id, settings.sender))
