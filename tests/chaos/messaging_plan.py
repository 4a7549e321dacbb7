"""What a chaos run of messages does, drawn from its seed alone: orders, faults, and what the provider suffers."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.support.servers.solapi_faults import Fault as ProviderFault

from academy.domain.messaging.channel import Prices

__all__ = [
    "ACADEMIES",
    "IMPATIENT_AFTER",
    "Fault",
    "Kind",
    "Plan",
    "PlannedFault",
    "PlannedOrder",
    "Weather",
    "make_plan",
]

ACADEMIES: Mapping[str, Prices] = {
    "t0": Prices(20, 50, 19),
    "t1": Prices(17, 43, 11),
    "poor": Prices(31, 73, 23),
}
"""Different prices, so that won which went to the wrong account are seen."""
POOR = "poor"
POOR_SHARE = 0.12
"""Of all messages; how much of that its credit covers: `POOR_COVERED`."""
POOR_COVERED = 0.4
REFUSED, UNDELIVERABLE = 0.03, 0.03
REFUSED_STATUS, UNDELIVERABLE_STATUS = "1060", "3042"
LARGEST = 200
ORDERED_BY = 0.8
"""Share of the time with faults in which orders are still placed."""


class Kind(StrEnum):
    """What is special about an order."""

    PLAIN = "plain"
    LATER = "later"
    CANCELLED_WAITING = "cancelled while it waits"
    CANCELLED_SENDING = "cancelled while it is sent"


_KINDS = {
    Kind.PLAIN: 60.0,
    Kind.LATER: 18.0,
    Kind.CANCELLED_WAITING: 8.0,
    Kind.CANCELLED_SENDING: 10.0,
}


class Fault(StrEnum):
    """What is done to the system beside what the provider does of itself."""

    WORKER_KILLED = "worker killed"
    WORKER_STOPPED = "worker drained"
    WORKER_FROZEN = "worker frozen"
    RELAY_KILLED = "relay killed"
    DATABASE = "database locked or cut"
    PROVIDER_FROZEN = "provider frozen"


_FAULTS = (
    Fault.WORKER_KILLED,
    Fault.WORKER_KILLED,
    Fault.WORKER_FROZEN,
    Fault.WORKER_FROZEN,
    Fault.WORKER_FROZEN,
    Fault.WORKER_STOPPED,
    Fault.RELAY_KILLED,
    Fault.DATABASE,
    Fault.PROVIDER_FROZEN,
)
_CHANCES = {
    ProviderFault.CUT: 1.0,
    ProviderFault.BUSY: 1.0,
    ProviderFault.ERROR: 1.0,
    ProviderFault.GATEWAY: 1.0,
    ProviderFault.LATE: 2.0,
    ProviderFault.STALLED: 2.0,
    ProviderFault.REPLY_LOST: 3.0,
    ProviderFault.ERROR_AFTER: 2.0,
    ProviderFault.SLOW: 1.5,
    ProviderFault.GARBAGE: 1.5,
    ProviderFault.HALF: 1.5,
    ProviderFault.TWICE: 1.5,
    ProviderFault.REPEATED: 1.5,
}
GUST_SECONDS = 2.0
IMPATIENT_AFTER = 1.0
"""Seconds after which the workers' HTTP client gives up on an answer."""
SLOW_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order placed `at` seconds after the start, to go out `delay` seconds later, called off `cancel_after` the placing.

    `refused` and `undeliverable` are those of its people whose number the provider does not take or cannot reach.
    """

    number: int
    tenant_id: str
    kind: Kind
    at: float
    people: int
    long: bool
    delay: float
    cancel_after: float
    refused: frozenset[int]
    undeliverable: frozenset[int]

    @property
    def id(self) -> str:
        return f"order-{self.number:04}"

    @property
    def text(self) -> str:
        """Return what it says: an SMS, or an LMS when it is `long`."""
        return f"[{self.id}] 등원했습니다." + " 오늘의 수업 내용과 숙제를 알려 드립니다." * (
            3 if self.long else 0
        )

    @property
    def price(self) -> int:
        """Return what one message of it costs its academy."""
        prices = ACADEMIES[self.tenant_id]
        return prices.lms if self.long else prices.sms

    def phone(self, person: int) -> str:
        return f"010{self.number:04}{person:04}"


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault `at` seconds after the start; `which`, `strength` and `seed` settle what is left open."""

    fault: Fault
    at: float
    which: int
    strength: float
    seed: int


@dataclass(frozen=True, slots=True)
class Weather:
    """How requests to the provider go wrong from `at` on."""

    at: float
    chances: Mapping[ProviderFault, float]
    slow_seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides; `credit` is what each academy has, in won."""

    orders: Sequence[PlannedOrder]
    faults: Sequence[PlannedFault]
    weather: Sequence[Weather]
    credit: Mapping[str, int]

    @property
    def refused(self) -> dict[str, str]:
        """Return the numbers that the provider does not take, each with the status it gives."""
        return {order.phone(n): REFUSED_STATUS for order in self.orders for n in sorted(order.refused)}

    @property
    def undeliverable(self) -> dict[str, str]:
        """Return the numbers that no carrier reaches, each with the status of that."""
        return {
            order.phone(n): UNDELIVERABLE_STATUS for order in self.orders for n in sorted(order.undeliverable)
        }


def make_plan(seed: int, backend: str, messages: int, seconds: float, faults_per_second: float) -> Plan:
    """Draw a plan; the same arguments give the same plan."""
    chance = random.Random(f"{seed}/{backend}")
    orders: list[PlannedOrder] = []
    left = messages
    while left:
        order = _order(chance, len(orders), left, messages, seconds)
        orders.append(order)
        left -= order.people
    cost = {
        tenant: sum(each.people * each.price for each in orders if each.tenant_id == tenant)
        for tenant in ACADEMIES
    }
    credit = {
        tenant: int(won * POOR_COVERED) if tenant == POOR else won + chance.randint(0, 500)
        for tenant, won in cost.items()
    }
    gusts = [at * GUST_SECONDS for at in range(max(1, round(seconds / GUST_SECONDS)))]
    return Plan(
        sorted(orders, key=lambda each: each.at),
        _faults(chance, seconds, faults_per_second),
        [_weather(chance, at) for at in gusts],
        credit,
    )


def _order(chance: random.Random, number: int, left: int, messages: int, seconds: float) -> PlannedOrder:
    # The first of each kind for certain, so that small runs have all; those for somebody to cancel in time are not of one message.
    kinds = list(Kind)
    first = number < len(kinds)
    kind = kinds[number] if first else chance.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
    largest = min(LARGEST, max(20, messages // 6))
    sizes = (1, chance.randint(2, 20), chance.randint(2, 60), chance.randint(largest // 3, largest))
    people = min(left, chance.choice(sizes))
    tenant = POOR if chance.random() < POOR_SHARE else chance.choice(("t0", "t1"))
    delay = cancel_after = 0.0
    if kind is Kind.LATER:
        delay = chance.uniform(1, 5)
    elif kind is Kind.CANCELLED_WAITING:
        delay, cancel_after = chance.uniform(4, 8), chance.uniform(0, 2)
    elif kind is Kind.CANCELLED_SENDING:
        people = min(left, max(people, largest // 4))
        cancel_after = chance.uniform(0, 1.5)
    at = chance.uniform(0, ORDERED_BY * seconds)
    drawn = [chance.random() for _ in range(people)]
    refused = frozenset(n for n in range(people) if drawn[n] < REFUSED)
    undeliverable = frozenset(n for n in range(people) if 1 - drawn[n] < UNDELIVERABLE)
    long = chance.random() < 0.4
    return PlannedOrder(number, tenant, kind, at, people, long, delay, cancel_after, refused, undeliverable)


def _faults(chance: random.Random, seconds: float, per_second: float) -> list[PlannedFault]:
    count = max(len(_FAULTS), round(seconds * per_second))
    faults: list[PlannedFault] = []
    drawn: list[Fault] = []
    for place in range(count):
        drawn = drawn or chance.sample(_FAULTS, len(_FAULTS))
        at = 0.3 + (place + chance.random()) * seconds / count
        faults.append(
            PlannedFault(drawn.pop(), at, chance.randrange(1 << 16), chance.random(), chance.getrandbits(32))
        )
    return faults


def _weather(chance: random.Random, at: float) -> Weather:
    """Draw how bad it is: now and then next to nothing goes wrong, now and then every other request."""
    share = chance.choice((0.03, 0.15, 0.15, 0.3, 0.5))
    whole = sum(_CHANCES.values())
    chances = {fault: share * weight / whole for fault, weight in _CHANCES.items()}
    slow_seconds = chance.choice((0.15, 0.3, 1.5))
    if slow_seconds < IMPATIENT_AFTER:
        # A hand-over that takes its time is one that faults of workers meet in the middle.
        chances[ProviderFault.SLOW] += SLOW_SHARE
    return Weather(at, chances, slow_seconds, chance.getrandbits(32))
