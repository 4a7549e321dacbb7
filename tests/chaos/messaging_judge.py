"""What must be true after a chaos run of messages, read from the database and from the provider."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from tests.chaos.messaging_plan import ACADEMIES, Kind, Plan, PlannedOrder
from tests.chaos.messaging_provider import Carried, Seen

from academy.application.messaging.names import SETTLE
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names
from academy.domain.failures import Failure
from academy.domain.job.states import JobState
from academy.domain.messaging.ledger import Balance
from academy.domain.messaging.message import OPEN, BatchState, MessageState, OrderState
from academy.infrastructure.sql.tables import jobs
from academy.infrastructure.sql.tables_messaging import message_batches, message_orders, messages

__all__ = ["Findings", "look", "messaging_complaints"]

_S = MessageState
_GONE_OUT = frozenset({_S.SENT, _S.DELIVERED, _S.UNDELIVERED})
_MOST_LETTERS = 1000
_EARLY = timedelta(milliseconds=5)
"""Two clocks of one machine, both rounded to milliseconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is judged of a message."""

    id: str
    tenant_id: str
    order_id: str
    to: str
    state: MessageState
    provider_id: str
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run left.

    Attributes:
        orders: state and time to send at, by id.
        open_batches: how many are OPEN.
        jobs: how many ended how, by type and state.
        books: balances as they are kept and as the transfers sum up, by academy.
    """

    messages: Sequence[Row]
    orders: Mapping[str, tuple[OrderState, datetime | None]]
    open_batches: int
    jobs: Counter[tuple[str, JobState]]
    books: Mapping[str, tuple[Balance, Balance]]
    letters: int
    seen: Seen

    @property
    def states(self) -> Counter[str]:
        """Return how many messages stand where."""
        return Counter(row.state.value.lower() for row in self.messages)

    @property
    def undecided_batches(self) -> int:
        """Return for how many batches the provider could not be asked at once."""
        return sum(count for (name, _), count in self.jobs.items() if name == SETTLE)


async def look(backends: Backends, seen: Seen) -> Findings:
    """Read everything; nothing moves any more."""

    def work(tx: Any) -> Findings:
        connection = tx._connection
        fields = (messages.c.id, messages.c.tenant_id, messages.c.order_id, messages.c.to)
        ends = (messages.c.state, messages.c.provider_id, messages.c.failure)
        rows = connection.execute(select(*fields, *ends)).all()
        orders = select(message_orders.c.id, message_orders.c.state, message_orders.c.send_at)
        batches = connection.scalars(select(message_batches.c.state)).all()
        return Findings(
            [Row(*row) for row in rows],
            {row[0]: (row[1], row[2]) for row in connection.execute(orders)},
            sum(state is BatchState.OPEN for state in batches),
            Counter((row[0], row[1]) for row in connection.execute(select(jobs.c.type, jobs.c.state))),
            {tenant: (tx.credits.balance(tenant), tx.credits.audit(tenant)) for tenant in ACADEMIES},
            len(letters),
            seen,
        )

    queue = queue_names(backends.settings)["messaging"]
    letters = await backends.queue.dead_letters(queue, _MOST_LETTERS)
    return await backends.database.read(work)


def messaging_complaints(plan: Plan, found: Findings, refused: set[str], cancelled: set[str]) -> list[str]:
    """Return everything that is not as it was meant; `refused` and `cancelled` are ids of orders."""
    wrong = [*_at_the_provider(found), *_of_jobs(found)]
    by_order: dict[str, list[Row]] = defaultdict(list)
    for row in found.messages:
        by_order[row.order_id].append(row)
    for order in plan.orders:
        if order.id in refused:
            if order.id in found.orders or by_order[order.id]:
                wrong.append(f"{order.id}: refused for want of credit, and recorded all the same")
        else:
            wrong += _of_order(order, by_order[order.id], found, called_off=order.id in cancelled)
    wrong += [
        f"{order_id}: nobody placed it" for order_id in found.orders.keys() - {o.id for o in plan.orders}
    ]
    prices = {order.id: order.price for order in plan.orders}
    for tenant in ACADEMIES:
        wrong += _of_books(tenant, found, plan.credit[tenant], prices)
    return wrong


def _at_the_provider(found: Findings) -> Iterator[str]:
    """Compare what went out with what the database says, message by message."""
    orders = {row.id: row.order_id for row in found.messages}
    times = Counter(text.id for text in found.seen.carried)
    pairs = Counter((text.to, orders.get(text.id, "unknown")) for text in found.seen.carried)
    for (_, order_id), count in pairs.items():
        if count > 1:
            yield f"{order_id}: a number got it {count} times"
    for row in found.messages:
        if row.state in OPEN or times[row.id] != (row.state in _GONE_OUT):
            yield f"{row.order_id}: {row.id} is {row.state}, sent {times[row.id]} times"
        if row.state in _GONE_OUT and not row.provider_id:
            yield f"{row.order_id}: {row.id} is {row.state} without the provider's number"
    for stranger in times.keys() - orders.keys():
        yield f"{stranger}: sent, and nobody knows of it"


def _of_order(
    planned: PlannedOrder, rows: Sequence[Row], found: Findings, *, called_off: bool
) -> Iterator[str]:
    about = f"{planned.id} ({planned.kind})"
    state, send_at = found.orders.get(planned.id, (None, None))
    if state not in {OrderState.DONE, OrderState.CANCELLED}:
        yield f"{about}: {state}"
        return
    expected = {planned.phone(n): _meant(planned, n) for n in range(planned.people)}
    if sorted(row.to for row in rows) != sorted(expected):
        yield f"{about}: {len(rows)} messages, ordered were {planned.people}"
        return
    waited = called_off and planned.kind is Kind.CANCELLED_WAITING
    for row in rows:
        allowed = {_S.CANCELLED} if waited else {expected[row.to]} | ({_S.CANCELLED} if called_off else set())
        if row.state not in allowed:
            yield f"{about}: {row.id} is {row.state}, meant was {expected[row.to]}; {_why(row)}"
    mine = {row.id for row in rows}
    if send_at is not None:
        early = [t for t in found.seen.carried if t.id in mine and _date(t) < send_at - _EARLY]
        if early:
            yield f"{about}: {len(early)} messages left before their time"


def _why(row: Row) -> str:
    return f"{row.failure.code} ({row.failure.detail})" if row.failure else "no failure"


def _meant(planned: PlannedOrder, person: int) -> MessageState:
    if person in planned.refused:
        return _S.FAILED
    return _S.UNDELIVERED if person in planned.undeliverable else _S.DELIVERED


def _date(text: Carried) -> datetime:
    return datetime.fromisoformat(text.date)


def _of_jobs(found: Findings) -> Iterator[str]:
    for (name, state), count in found.jobs.items():
        if state not in {JobState.SUCCEEDED, JobState.CANCELLED}:
            yield f"{count} jobs {name} are {state}"
    if found.open_batches:
        yield f"{found.open_batches} batches are OPEN"
    if found.letters:
        yield f"{found.letters} dead letters"


def _of_books(tenant: str, found: Findings, credit: int, prices: Mapping[str, int]) -> Iterator[str]:
    kept, summed = found.books[tenant]
    if kept != summed:
        yield f"{tenant}: balance {kept}, by its transfers {summed}"
    if kept.funding + kept.available + kept.reserved + kept.spent != 0:
        yield f"{tenant}: the books sum to something: {kept}"
    if (kept.funding, kept.reserved) != (-credit, 0) or kept.available < 0:
        yield f"{tenant}: {credit} won were paid in: {kept}"
    mine = {row.id: row for row in found.messages if row.tenant_id == tenant}
    out = [mine[text.id] for text in found.seen.carried if text.id in mine]
    # What no phone received is given back.
    worth = sum(prices[row.order_id] for row in out if row.state is not _S.UNDELIVERED)
    if kept.spent != worth:
        yield f"{tenant}: spent {kept.spent} won, what went out costs {worth}"
