"""A small academy that sends messages: SQLite in memory, the provider in memory, the use cases as they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from academy.application.errors import Yielded
from academy.application.jobs.attempt import JobHandler, Work
from academy.application.messaging.direct import DirectHandler
from academy.application.messaging.handover import Handover
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import DIRECT, REPORTS, SEND, SETTLE
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.messaging.reports import ReportsHandler
from academy.application.messaging.send import TURN, SendHandler, SettleHandler
from academy.application.ports.database import Database, JobFilter
from academy.application.ports.message_provider import MessageProvider
from academy.application.ports.messaging import MessageFilter
from academy.application.ports.telemetry import NoTelemetry
from academy.contracts.base import Contract, validate
from academy.domain.job.job import Job
from academy.domain.job.rate import RateLimit
from academy.domain.job.states import EndReason
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.ledger import Balance, TransferKind
from academy.domain.messaging.message import Message, MessageState, Order
from academy.domain.messaging.settings import MessagingSettings
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.message_provider import MemoryMessageProvider
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

TENANT = "t1"
DAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
"""Noon in Korea."""
PRICE = 10
SENDER = "0212345678"


@dataclass
class Post:
    """Everything at hand; `database` and `provider` may be replaced by ones that fail."""

    connections: SqlConnections
    clock: ManualClock
    provider: MessageProvider = field(default_factory=MemoryMessageProvider)
    batch: int = 3
    limit: RateLimit | None = None
    turn: timedelta = TURN
    yielded: int = 0

    def __post_init__(self) -> None:
        numbers = count(1)
        self.new_id = lambda: f"id-{next(numbers):05d}"
        self.plain = SqlDatabase(self.connections)
        self.database: Database = self.plain
        self.types = messaging_job_types({"messaging": "academy-messaging-jobs"})
        self.orders = Orders(self.types, self.new_id)

    def settings(self, **changes: object) -> MessagingSettings:
        fields: dict[str, object] = {
            "enabled": True,
            "sender": SENDER,
            "kakao_channel": "",
            "alimtalk_first": False,
            "prices": Prices(PRICE, 30, 8),
        }
        return MessagingSettings(tenant_id=TENANT, updated_at=DAY, **{**fields, **changes})  # type: ignore[arg-type]

    def set_up(self, won: int = 100_000) -> None:
        self.plain.run_sync(lambda tx: tx.tenants.add(TENANT, TENANT, "강남학원"))
        self.plain.run_sync(lambda tx: tx.messaging.save(self.settings()))
        if won:
            self.plain.run_sync(lambda tx: tx.credits.transfer(TENANT, TransferKind.TOP_UP, {"": won}))

    def request(
        self, people: int | Sequence[Recipient] = 1, text: str = "결석", **changes: object
    ) -> OrderRequest:
        to = people if not isinstance(people, int) else [recipient(n) for n in range(people)]
        return OrderRequest(TENANT, to, text, **changes)  # type: ignore[arg-type]

    def place(self, people: int | Sequence[Recipient] = 1, text: str = "결석", **changes: object) -> Order:
        request = self.request(people, text, **changes)
        return self.plain.run_sync(lambda tx: self.orders.place(tx, request))

    def messages(self, order: Order) -> list[Message]:
        where = MessageFilter(order_id=order.id)
        return list(self.plain.read_sync(lambda tx: tx.messages.list(TENANT, where, "", 1000)).items)

    def states(self, order: Order) -> dict[MessageState, int]:
        return dict(self.plain.read_sync(lambda tx: tx.messages.counts(TENANT, order.id)))

    def order(self, order: Order) -> Order:
        found = self.plain.read_sync(lambda tx: tx.messages.order(TENANT, order.id))
        assert found is not None
        return found

    def balance(self) -> Balance:
        """Return what stands on the accounts, after a look that the books agree."""
        kept, summed = self.plain.read_sync(lambda tx: (tx.credits.balance(TENANT), tx.credits.audit(TENANT)))
        assert kept == summed
        assert kept.funding + kept.available + kept.reserved + kept.spent == 0
        return kept

    def job(self, job_id: str) -> Job:
        job = self.plain.read_sync(lambda tx: tx.jobs.get(job_id))
        assert job is not None
        return job

    def jobs(self, type_name: str) -> list[Job]:
        where = JobFilter(tenant_id=TENANT, type=type_name)
        return list(self.plain.read_sync(lambda tx: tx.jobs.list(where, "", 100)).items)

    async def run(self, job_id: str) -> Contract | None:
        """Run the handler of a job as a worker would, once more whenever it made room; return its result."""
        job = self.job(job_id)
        while True:
            try:
                return await self.run_once(job)
            except Yielded:
                self.yielded += 1
                job = replace(job, end_reason=EndReason.YIELDED)

    async def run_once(self, job: Job) -> Contract | None:
        """Run the handler of a job until it ends or makes room. Raises Yielded."""
        handover = Handover(self.database, self.provider, self.types, NoTelemetry(), self.new_id)
        sending = SendHandler(
            self.database, handover, self.types, batch=self.batch, limit=self.limit, turn=self.turn
        )
        handlers: dict[str, JobHandler] = {
            SEND: sending,
            SETTLE: SettleHandler(self.database, handover, self.types),
            REPORTS: ReportsHandler(self.database, self.provider, NoTelemetry()),
            DIRECT: DirectHandler(self.database, self.orders, sending),
        }
        payload = validate(self.types[job.type].payload, job.payload)
        return await handlers[job.type].run(Work(job, payload, lambda _step, _fraction: None))


def recipient(n: int, **variables: str) -> Recipient:
    return Recipient(f"010-1234-{n:04d}", f"학부모 {n}", variables)


@contextmanager
def open_post(**changes: object) -> Iterator[Post]:
    clock = ManualClock(DAY)
    connections = SqlConnections("sqlite://", clock)
    prepare(connections)
    post = Post(connections, clock, **changes)  # type: ignore[arg-type]
    post.set_up()
    try:
        yield post
    finally:
        connections.close()
