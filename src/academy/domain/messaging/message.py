"""One message to one person, and the order under which it goes out together with others (MSG-3, MSG-4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel

__all__ = [
    "OPEN",
    "Batch",
    "BatchState",
    "IllegalMessageMove",
    "Message",
    "MessageState",
    "Order",
    "OrderState",
    "check_message_move",
]


class MessageState(StrEnum):
    """Where a message stands.

    QUEUED: recorded, its price reserved, nobody has tried to send it. SENDING: durable mark before the provider is asked. SENT: the
    provider has taken it, the price is captured. DELIVERED, UNDELIVERED: what the carrier reported of it. FAILED: never sent, the
    price given back. AMBIGUOUS: perhaps sent; only the provider's answer moves it on, never time or a guess. CANCELLED: called
    off before it was sent, or opted out of meanwhile, the price given back.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    AMBIGUOUS = "AMBIGUOUS"
    CANCELLED = "CANCELLED"


OPEN = frozenset({MessageState.QUEUED, MessageState.SENDING, MessageState.AMBIGUOUS})
"""States in which it is not decided whether the message goes out; their prices are reserved."""

_S = MessageState
_FREE = frozenset({_S.FAILED, _S.CANCELLED, _S.UNDELIVERED})
_MOVES = {
    _S.QUEUED: {_S.SENDING, _S.FAILED, _S.CANCELLED},
    # Back to QUEUED only when the provider has none of it and can get none of it any more.
    _S.SENDING: {_S.SENT, _S.FAILED, _S.QUEUED, _S.AMBIGUOUS},
    _S.AMBIGUOUS: {_S.SENT, _S.FAILED, _S.QUEUED},
    _S.SENT: {_S.DELIVERED, _S.UNDELIVERED},
}


class IllegalMessageMove(ValueError):
    """A message cannot go from one state to the other."""

    def __init__(self, old: MessageState, new: MessageState) -> None:
        super().__init__(f"{old} to {new}")


def check_message_move(old: MessageState, new: MessageState) -> None:
    """Raise IllegalMessageMove unless a message may go from `old` to `new`."""
    if new not in _MOVES.get(old, set()):
        raise IllegalMessageMove(old, new)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one phone.

    Attributes:
        order_id: the order it belongs to.
        to: digits of a mobile number; `name` is the recipient's, for lists, "" when unknown.
        channel: the way it is to go first; `fallback` the way it goes when AlimTalk fails, None for no second try.
        text: as the recipient reads it, variables filled in.
        kakao_template_id: for AlimTalk, else "".
        price: what was reserved for it, in won: that of the dearer of its two ways. What it costs in the end is `cost`.
        batch_id: the batch it was handed over with last, "" before the first.
        provider_id: the provider's number of it, "" until taken.
        failure: why it is FAILED or UNDELIVERED, or CANCELLED because the recipient opted out.
        channel_price, fallback_price: what each of its ways cost when it was ordered, in won; None where there is no second way, and
            for messages of a time when this was not written down.
        went_by: the way that it went in the end, as the carrier reported; None as long as that is not known.
    """

    id: str
    tenant_id: str
    order_id: str
    to: str
    name: str
    channel: Channel
    fallback: Channel | None
    text: str
    kakao_template_id: str
    price: int
    state: MessageState
    batch_id: str
    provider_id: str
    failure: Failure | None
    created_at: datetime
    updated_at: datetime
    channel_price: int | None = None
    fallback_price: int | None = None
    went_by: Channel | None = None

    @property
    def cost(self) -> int:
        """Return what it costs as it stands, in won: nothing when it was not sent or not delivered, and never more than its price."""
        if self.state in _FREE:
            return 0
        ways = {self.fallback: self.fallback_price, self.channel: self.channel_price}
        known = ways.get(self.went_by) if self.state is _S.DELIVERED and self.went_by else None
        return self.price if known is None else min(known, self.price)


class OrderState(StrEnum):
    """WAITING: for its time or its turn. SENDING: the worker is at it. DONE: nothing of it is open any more.

    CANCELLED: called off; what was on its way may have been sent all the same, nothing else will be.
    """

    WAITING = "WAITING"
    SENDING = "SENDING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Order:
    """Messages that somebody ordered together: one, or one for each parent of a class.

    Attributes:
        job_id: the job that sends it.
        sender: registered number of the academy that recipients see, digits.
        kakao_channel: the academy's KakaoTalk channel (pfId), "" where no message goes by AlimTalk.
        advertising: whether the rules for advertising hold: night hours, opt-outs.
        send_at: when it is to go out, None for at once.
        created_by: who ordered it (viewer id), "" for another system.
        total: how many messages.
    """

    id: str
    tenant_id: str
    job_id: str
    title: str
    sender: str
    kakao_channel: str
    advertising: bool
    send_at: datetime | None
    state: OrderState
    total: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class BatchState(StrEnum):
    """OPEN: perhaps handed over, not settled. CLOSED: every message of it is settled or QUEUED again."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are handed to the provider in one group.

    Attributes:
        provider: whose it is ("solapi"); only that one can say what became of it.
        group_id: the provider's name of the group, durable before anything can be sent by it; "" means that nothing was sent.
    """

    id: str
    tenant_id: str
    order_id: str
    provider: str
    group_id: str
    state: BatchState
    created_at: datetime
