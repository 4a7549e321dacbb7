"""The looks at an order before its messages leave: whether it may go out still, when, and to whom not any more (MSG-1, MSG-4, MSG-6)."""

from collections.abc import Sequence
from datetime import datetime

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import Moved
from academy.domain.failures import Failure
from academy.domain.messaging import refusals
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import Message, MessageState, Order, OrderState
from academy.domain.messaging.rules import earliest

__all__ = ["barred", "begins", "drop_opted_out", "may_go"]


def barred(tx: Transaction, order: Order, messages: Sequence[Message]) -> Failure | None:
    """Return why these messages of an order may not go out any more as they were ordered; None when they may.

    Sending was switched off since, or its number, its KakaoTalk channel or the approval of its template taken away.
    """
    settings = tx.messaging.get(order.tenant_id)
    if settings is None:
        return refusals.SETTINGS_MISSING
    if not settings.enabled:
        return refusals.SENDING_OFF
    if settings.sender != order.sender:
        return refusals.SENDER_CHANGED
    templates = {message.kakao_template_id for message in messages if message.kakao_template_id}
    if templates and settings.kakao_channel != order.kakao_channel:
        return refusals.KAKAO_CHANNEL_CHANGED
    if not all(tx.messaging.approved(order.tenant_id, each) for each in sorted(templates)):
        return refusals.APPROVAL_GONE
    return None


def begins(order: Order, now: datetime) -> datetime:
    """Return the first moment from now on at which an order may go out."""
    return earliest(order.send_at, now, advertising=order.advertising)


def drop_opted_out(tx: Transaction, order: Order, messages: Sequence[Message]) -> bool:
    """Make QUEUED messages to phones that want no advertising any more CANCELLED and release their prices; return whether there were any.

    The order's row is locked.
    """
    refusing = _refusing(tx, order, messages)
    if not refusing:
        return False
    why = refusals.OPTED_OUT
    given_up = [
        Moved(each.id, MessageState.CANCELLED, failure=why) for each in messages if each.to in refusing
    ]
    moved = tx.messages.move(order.tenant_id, given_up)
    prices = {each.id: each.price for each in moved if each.price}
    tx.credits.transfer(order.tenant_id, TransferKind.RELEASE, prices)
    return bool(moved)


def may_go(tx: Transaction, order: Order, messages: Sequence[Message]) -> bool:
    """Return whether messages that the provider holds, not sent yet, may be sent as things stand now: the very last look."""
    fresh = tx.messages.order(order.tenant_id, order.id)
    if fresh is None or fresh.state is OrderState.CANCELLED or barred(tx, fresh, messages) is not None:
        return False
    now = tx.now()
    return begins(fresh, now) <= now and not _refusing(tx, fresh, messages)


def _refusing(tx: Transaction, order: Order, messages: Sequence[Message]) -> frozenset[str]:
    """Return which phones want no advertising, where an order is advertising."""
    if not order.advertising or not messages:
        return frozenset()
    return tx.messaging.opted_out(order.tenant_id, [message.to for message in messages])
