"""What has to be true of the demonstration's messages: who got what, what it cost, that the books balance."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from academy.contracts.rest.credits import BalanceView, TransferView
from academy.contracts.rest.messages import LogEntryView, OrderReportView, PreviewView
from academy.domain.phone import masked

__all__ = ["PEOPLE", "TEXT", "Noticed", "Pupil", "faults", "roll", "text_for"]

PEOPLE = 40
TEXT = "[데모 학원] #{학생이름} 학생이 오늘 수업에 결석했습니다."
_FAMILY = "김이박최정강조윤"
_GIVEN = ("민준", "서연", "도윤", "하은", "지호")
_TAKEN = frozenset({"SENT", "DELIVERED"})
"""Delivery is reported a moment after the provider has taken a message; either is sent."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student of the demonstration, and the parent who is written to."""

    name: str
    parent: str
    phone: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Everything that was seen.

    Attributes:
        price: what one message costs, in won.
        printed: the lines of the provider, in order: what would have reached the phones.
        sent, cancelled: how both orders stood at the end; `sent_log`, `cancelled_log` are their messages.
        before, after: the accounts before the first order and at the end.
        transfers: what moved between the two.
    """

    price: int
    preview: PreviewView
    printed: Sequence[str]
    sent: OrderReportView
    sent_log: Sequence[LogEntryView]
    cancelled: OrderReportView
    cancelled_log: Sequence[LogEntryView]
    before: BalanceView
    after: BalanceView
    transfers: Sequence[TransferView]


def roll(number: int) -> list[Pupil]:
    """Return the students of a class; `number` (six digits) keeps their phones apart from those of other runs."""
    names = [f"{family}{given}" for family in _FAMILY for given in _GIVEN]
    return [
        Pupil(name, f"{name} {'어머니' if n % 2 else '아버지'}", f"010{number % 1_000_000:06d}{n:02d}")
        for n, name in enumerate(names[:PEOPLE], 1)
    ]


def text_for(pupil: Pupil) -> str:
    """Return what the parent of a student is to read."""
    return TEXT.replace("#{학생이름}", pupil.name)


def faults(seen: Noticed, pupils: Sequence[Pupil]) -> list[str]:
    """Return what is not as it should be, in words; nothing when all is well."""
    return [*_previewed(seen), *_sent_once(seen, pupils), *_called_off(seen), *_paid(seen)]


def _previewed(seen: Noticed) -> Iterator[str]:
    shown = seen.preview
    wanted = (PEOPLE, 0, 0, PEOPLE * seen.price, True)
    if (shown.ready, shown.problems, shown.duplicates, shown.cost, shown.covered) != wanted:
        yield f"the preview promised {shown.ready} messages for {shown.cost} won, not {PEOPLE} for {wanted[3]}"


def _sent_once(seen: Noticed, pupils: Sequence[Pupil]) -> Iterator[str]:
    wanted = Counter(f"[sms] {masked(pupil.phone)} {text_for(pupil)}" for pupil in pupils)
    printed = Counter(seen.printed)
    if missing := (wanted - printed).total():
        yield f"{missing} messages did not reach the provider"
    if surplus := (printed - wanted).total():
        yield f"the provider got {surplus} messages too many"
    entries = Counter((entry.to, entry.text) for entry in seen.sent_log)
    if entries != Counter((masked(pupil.phone), text_for(pupil)) for pupil in pupils):
        yield "the log does not hold one message for each parent"
    numbers = {entry.provider_id for entry in seen.sent_log if entry.provider_id}
    if len(numbers) != PEOPLE:
        yield f"the log holds {len(numbers)} numbers of the provider, not {PEOPLE}"
    taken = sum(count for state, count in seen.sent.counts.items() if state in _TAKEN)
    if (seen.sent.order.state, taken) != ("DONE", PEOPLE):
        yield f"the order is {seen.sent.order.state} with {taken} of {PEOPLE} messages sent"


def _called_off(seen: Noticed) -> Iterator[str]:
    report = seen.cancelled
    if (report.order.state, report.counts.get("CANCELLED")) != ("CANCELLED", PEOPLE):
        yield f"the reservation is {report.order.state}, not CANCELLED with all its messages"
    if any(entry.state != "CANCELLED" or entry.provider_id for entry in seen.cancelled_log):
        yield "a message of the reservation that was called off went out"


def _paid(seen: Noticed) -> Iterator[str]:
    cost = PEOPLE * seen.price
    if (seen.sent.cost, seen.sent.spent, seen.sent.reserved) != (cost, cost, 0):
        yield f"the order cost {seen.sent.spent} won, not {cost}"
    if seen.cancelled.spent or seen.cancelled.reserved:
        yield "the reservation that was called off was not given back"
    for name, balance in (("before", seen.before), ("after", seen.after)):
        if balance.funding + balance.available + balance.reserved + balance.spent:
            yield f"the accounts {name} do not sum to zero"
    before, after = seen.before, seen.after
    moved = (after.available - before.available, after.reserved - before.reserved, after.spent - before.spent)
    if moved != (-cost, 0, cost):
        yield f"available, reserved and spent moved by {moved} won, not by {(-cost, 0, cost)}"
    yield from _statement(seen, cost)


def _statement(seen: Noticed, cost: int) -> Iterator[str]:
    ours = {entry.id for entry in (*seen.sent_log, *seen.cancelled_log)}
    won: Counter[str] = Counter()
    for transfer in seen.transfers:
        if sum(entry.amount for entry in transfer.entries):
            yield f"transfer {transfer.id} does not sum to zero"
        if transfer.message_id in ours:
            won[transfer.kind] += transfer.amount
    if won != Counter(reserve=2 * cost, capture=cost, release=cost):
        yield f"the statement says {dict(won)}, not {cost} won captured and {cost} released of {2 * cost} reserved"
