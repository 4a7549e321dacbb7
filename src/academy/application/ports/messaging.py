"""Port: messages, orders, templates and credits within a transaction.

Every row is one academy's, and every method that takes a `tenant_id` finds nothing of another's. Times are the database's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from academy.application.ports.page import Page
from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.ledger import Balance, Transfer, TransferKind
from academy.domain.messaging.message import Batch, Message, MessageState, Order, OrderState
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate

__all__ = [
    "CreditExhausted",
    "CreditRepository",
    "MessageFilter",
    "MessageRepository",
    "MessagingSettingsRepository",
    "Moved",
    "OptOut",
    "TransferRepeated",
]


class CreditExhausted(Exception):
    """An account would fall below zero; nothing has changed. `available` is what there was, in won."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{needed} won needed, {available} available")
        self.needed = needed
        self.available = available


class TransferRepeated(Exception):
    """A message has had this kind of transfer already, or never had the one that must come before; nothing has changed."""


class CreditRepository(Protocol):
    """The ledger. A transfer and the balances that it moves are one; balances are kept beside the transfers, not summed anew."""

    def transfer(
        self, tenant_id: str, kind: TransferKind, amounts: Mapping[str, int], *, note: str = "", by: str = ""
    ) -> None:
        """Move credit for messages (message id → won, zero or more), all or none; a message of zero won leaves no transfer.

        For TOP_UP and WITHDRAW the one key is "". Raises CreditExhausted, TransferRepeated. The rows of the accounts are locked
        until the transaction ends, so two transactions of one academy follow each other.
        """
        ...

    def balance(self, tenant_id: str) -> Balance:
        """Return what stands on the accounts; zeros for an academy that never had any."""
        ...

    def statement(self, tenant_id: str, cursor: str, limit: int) -> Page[Transfer]:
        """Return transfers, newest first; a cursor that is not ours raises ValueError."""
        ...

    def audit(self, tenant_id: str) -> Balance:
        """Return the balances as the transfers sum up, without a look at those that are kept: both must agree."""
        ...


@dataclass(frozen=True, slots=True)
class OptOut:
    """A phone, in digits, that wants no advertising of an academy, and since when."""

    phone: str
    created_at: datetime


class MessagingSettingsRepository(Protocol):
    """Settings, templates and opt-outs."""

    def get(self, tenant_id: str, *, lock: bool = False) -> MessagingSettings | None:
        """Return the settings or None; `lock` keeps the row, or the place of one that is not there, until the transaction ends."""
        ...

    def sender_taken(self, sender: str, but: str) -> bool:
        """Return whether an academy other than `but` sends under this number.

        Until the transaction ends, nobody else who asks this of the number is answered: of two that ask and then write, the second
        finds it taken.
        """
        ...

    def channel_taken(self, kakao_channel: str, but: str) -> bool:
        """Return whether an academy other than `but` sends by this KakaoTalk channel; one asker at a time, as for numbers."""
        ...

    def save(self, settings: MessagingSettings) -> None:
        """Write the settings; `updated_at` is set here."""
        ...

    def template(self, tenant_id: str, template_id: str) -> MessageTemplate | None:
        """Return a template or None."""
        ...

    def approved(self, tenant_id: str, kakao_template_id: str) -> bool:
        """Return whether a template of the academy by this id of the provider's stands there and is approved."""
        ...

    def templates(self, tenant_id: str, cursor: str, limit: int) -> Page[MessageTemplate]:
        """Return templates, newest first; a cursor that is not ours raises ValueError."""
        ...

    def all_templates(
        self, tenant_id: str, approval: Approval | None, cursor: str, limit: int
    ) -> Page[MessageTemplate]:
        """Return templates of an academy ("": of all), newest first; a cursor that is not ours raises ValueError."""
        ...

    def template_name_taken(self, tenant_id: str, name: str, but: str) -> bool:
        """Return whether a template other than `but` has this name.

        Until the transaction ends, nobody else who asks this of the academy is answered: of two that write a name and then ask,
        the second finds it taken. The academy's row exists.
        """
        ...

    def save_template(self, template: MessageTemplate) -> None:
        """Insert or change a template; its times are set here."""
        ...

    def remove_template(self, tenant_id: str, template_id: str) -> bool:
        """Delete a template; return whether there was one."""
        ...

    def opt_out(self, tenant_id: str, phone: str) -> None:
        """Note that a phone wants no advertising of this academy; again is no error."""
        ...

    def opt_in(self, tenant_id: str, phone: str) -> None:
        """Forget an opt-out; none is no error."""
        ...

    def opted_out(self, tenant_id: str, phones: Sequence[str]) -> frozenset[str]:
        """Return which of these phones want no advertising."""
        ...

    def opt_outs(self, tenant_id: str, cursor: str, limit: int, phone: str = "") -> Page[OptOut]:
        """Return those who want no advertising, newest first, or the one with this phone.

        No cursor holds a number; one that is not ours raises ValueError.
        """
        ...


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages to list; None means any.

    Attributes:
        to: digits of a whole number, or at least its last four.
        name: a part of the recipient's name; the case of Latin letters does not matter.
    """

    state: MessageState | None = None
    order_id: str | None = None
    to: str | None = None
    name: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A message that goes on to another state.

    Attributes:
        provider_id: "" leaves what is stored.
        went_by: None leaves what is stored.
    """

    message_id: str
    state: MessageState
    provider_id: str = ""
    failure: Failure | None = None
    went_by: Channel | None = None


class MessageRepository(Protocol):
    """Orders, their messages, and the batches in which they are handed over."""

    def add(self, order: Order, messages: Sequence[Message]) -> bool:
        """Insert an order with its messages in two statements; return False, and insert nothing, when the order's id exists."""
        ...

    def order(self, tenant_id: str, order_id: str, *, lock: bool = False) -> Order | None:
        """Return an order or None; `lock` keeps the row until the transaction ends: whoever moves messages of it holds it."""
        ...

    def orders(self, tenant_id: str, state: OrderState | None, cursor: str, limit: int) -> Page[Order]:
        """Return orders, newest first; a cursor that is not ours raises ValueError."""
        ...

    def stranded(self, tenant_id: str, sender: str) -> int:
        """Return how many orders on their way (WAITING, SENDING) name a sender other than this one."""
        ...

    def move_order(self, tenant_id: str, order_id: str, state: OrderState) -> None:
        """Change the state of an order."""
        ...

    def counts(self, tenant_id: str, order_id: str) -> Mapping[MessageState, int]:
        """Return how many messages of an order stand in each state."""
        ...

    def failures(self, tenant_id: str, order_id: str) -> Mapping[Failure, int]:
        """Return why messages of an order are FAILED, and how many for each reason."""
        ...

    def queued(self, tenant_id: str, order_id: str, limit: int) -> Sequence[Message]:
        """Return QUEUED messages of an order in the order of their ids."""
        ...

    def list(self, tenant_id: str, where: MessageFilter, cursor: str, limit: int) -> Page[Message]:
        """Return messages, newest first; a cursor that is not ours raises ValueError."""
        ...

    def get(self, tenant_id: str, message_id: str) -> Message | None:
        """Return a message or None."""
        ...

    def open_batch(self, batch: Batch, message_ids: Sequence[str]) -> None:
        """Insert a batch and make its messages, all QUEUED until now, SENDING under it. Raises IllegalMessageMove."""
        ...

    def name_group(self, tenant_id: str, batch_id: str, group_id: str) -> bool:
        """Note the provider's name of the group of an OPEN batch; return False when the batch is CLOSED: then nothing may be sent by it."""
        ...

    def batch(self, tenant_id: str, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch or None."""
        ...

    def open_batches(self, tenant_id: str, order_id: str) -> Sequence[Batch]:
        """Return the OPEN batches of an order, oldest first."""
        ...

    def undecided(self, older_than: timedelta, limit: int) -> Sequence[Batch]:
        """Return OPEN batches of all academies begun longer ago than that, oldest first: for whoever asks the provider again."""
        ...

    def of_batch(self, tenant_id: str, batch_id: str) -> Sequence[Message]:
        """Return the messages handed over with a batch that stand there still (SENDING, AMBIGUOUS, SENT)."""
        ...

    def move(self, tenant_id: str, moved: Sequence[Moved]) -> Sequence[Message]:
        """Move messages in one statement; return them as they stand afterwards, but those whose state did not allow it.

        The states that allow a move are those of `check_message_move`; who asks compares what came back.
        """
        ...

    def close_batch(self, tenant_id: str, batch_id: str) -> None:
        """Make a batch CLOSED."""
        ...
