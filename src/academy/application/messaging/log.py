"""What became of messages: the log of every one, and how an order stands (MSG-5, MSG-6)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from academy.application.errors import NotFound, Refused
from academy.application.messaging.desk import phone_digits
from academy.application.ports.database import Transaction
from academy.application.ports.messaging import MessageFilter
from academy.application.ports.page import every
from academy.domain.failures import Failure
from academy.domain.messaging.message import OPEN, MessageState, Order

__all__ = ["Report", "name_wanted", "number_wanted", "report"]

NAME_TOO_SHORT = Failure(
    "name_too_short",
    "A name is looked for by two letters or more, or by one whole Korean syllable.",
    "이름은 두 글자 이상, 한글은 한 글자 이상 입력해 주세요.",
)
_SHORTEST = 2
_SYLLABLE = re.compile(r"[가-힣]")
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
    cost, reserved, spent = 0, 0, 0
    where = MessageFilter(order_id=order_id)
    for message in every(lambda cursor, limit: tx.messages.list(tenant_id, where, cursor, limit)):
        counts[message.state] += 1
        cost += message.price
        reserved += message.price if message.state in OPEN else 0
        spent += message.cost if message.state in _PAID else 0
    return Report(order, counts, cost, reserved, spent)


def number_wanted(text: str) -> str:
    """Return the digits by which the log is searched: the last four of a number, or a whole one. Raises Refused."""
    stripped = text.strip()
    return stripped if re.fullmatch(r"[0-9]{4}", stripped) else phone_digits(stripped)


def name_wanted(text: str) -> str:
    """Return the part of a name by which the log is searched: two letters or one Hangul syllable at least. Raises Refused."""
    words = unicodedata.normalize("NFC", text).strip()
    if len(words) < _SHORTEST and not _SYLLABLE.search(words):
        raise Refused(NAME_TOO_SHORT)
    return words
