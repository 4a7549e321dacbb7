"""Credits: what an academy has paid in, has promised for messages under way, and has spent (MSG-2).

Double entry: a transfer moves whole won from one account to another, so the accounts of an academy sum to zero by construction.
FUNDING is the other side of what was paid in (zero or less); the rest never fall below zero.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Account", "Balance", "Entry", "Transfer", "TransferKind", "entries_of", "way_of"]

MOST_WON = 10_000_000_000
"""Largest single transfer: a slip of the finger is caught, a bank is not needed."""


class Account(StrEnum):
    """The accounts of one academy."""

    FUNDING = "funding"
    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"


class TransferKind(StrEnum):
    """Why credit moves. RESERVE happens once for a message, and then CAPTURE or RELEASE once.

    REFUND happens at most once after CAPTURE: of all for what was not delivered, of what the dearer way costs more for what went by
    the cheaper one.
    """

    TOP_UP = "top_up"
    WITHDRAW = "withdraw"
    RESERVE = "reserve"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"


_WAYS = {
    TransferKind.TOP_UP: (Account.FUNDING, Account.AVAILABLE),
    TransferKind.WITHDRAW: (Account.AVAILABLE, Account.FUNDING),
    TransferKind.RESERVE: (Account.AVAILABLE, Account.RESERVED),
    TransferKind.CAPTURE: (Account.RESERVED, Account.SPENT),
    TransferKind.RELEASE: (Account.RESERVED, Account.AVAILABLE),
    TransferKind.REFUND: (Account.SPENT, Account.AVAILABLE),
}


def way_of(kind: TransferKind) -> tuple[Account, Account]:
    """Return the account that a transfer takes from and the one that it gives to."""
    return _WAYS[kind]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Credit that moved.

    Attributes:
        amount: whole won, more than zero.
        message_id: what it was for, "" for TOP_UP and WITHDRAW.
        note: a person's words ("이체 7월"), "" for none.
        by: who did it (viewer id), "" for the system.
    """

    id: int
    tenant_id: str
    kind: TransferKind
    amount: int
    message_id: str
    note: str
    by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer: `amount` is what the account gained, negative for what it lost."""

    transfer_id: int
    account: Account
    amount: int


def entries_of(transfer: Transfer) -> tuple[Entry, Entry]:
    """Return both entries of a transfer; they sum to zero."""
    source, target = way_of(transfer.kind)
    return Entry(transfer.id, source, -transfer.amount), Entry(transfer.id, target, transfer.amount)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on the accounts of an academy, in won; funding + available + reserved + spent = 0."""

    funding: int
    available: int
    reserved: int
    spent: int
