"""What became of messages: the log of every one, and how an order stands (MSG-5, MSG-6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from academy.application.errors import NotFound
from academy.application.messaging.desk import phone_digits
from academy.application.ports.database import Transaction
from academy.application.ports.messaging import MessageFilter
from academy.application.ports.page import every
from academy.domain.messaging.message import OPEN, MessageState, Order

__all__ = ["Report", "number_wanted", "report"]

_PAID = frozenset({MessageState.SENT, MessageState.DELIVERED})
"""What was not delivered was given back."""


@dataclass(frozen=True, slots=True)
class Report:
    """How an order stands.

    Attributes:
        counts: messages by state, each state named.
        cost: what all its messages cost when they were ordered, in won; of that, `reserved` is held for those that are not decided,
            `spent` is paid, and the rest was given back.
    """

    order: Order
    counts: Mapping[MessageState, int]
    cost: int
    reserved: int
    spent: int


def report(tx: Transaction, tenant_id: str, order_id: str) -> Report:
    """Return how an order stands. Raises NotFound."""
    order = tx.messages.order(tenant_id, order_id)
    if order is None:
        raise NotFound("order")
    counts = dict.fromkeys(MessageState, 0)
    won = dict.fromkeys(MessageState, 0)
    where = MessageFilter(order_id=order_id)
    for message in every(lambda cursor, limit: tx.messages.list(tenant_id, where, cursor, limit)):
        counts[message.state] += 1
        won[message.state] += message.price
    return Report(
        order=order,
        counts=counts,
        cost=sum(won.values()),
        reserved=sum(won[state] for state in OPEN),
        spent=sum(won[state] for state in _PAID),
    )


def number_wanted(text: str) -> str:
    """Return the digits by which the log is searched: the last four of a number, or a whole one. Raises Refused."""
    stripped = text.strip()
    return stripped if re.fullmatch(r"[0-9]{4}", stripped) else phone_digits(stripped)
