"""Order messages, and call them off: price reserved, rows written and job submitted in one transaction (MSG-2, MSG-4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel, submit
from academy.application.messaging.names import SEND, order_subject
from academy.application.ports.database import Transaction
from academy.application.ports.messaging import CreditExhausted, Moved
from academy.contracts.messaging import SendOrder
from academy.domain.failures import Failure
from academy.domain.messaging import refusals
from academy.domain.messaging.compose import Composition, Draft, Recipient, Wording, compose
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import OPEN, Message, MessageState, Order, OrderState
from academy.domain.messaging.rules import is_night
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import approval_problem
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["OrderRequest", "Orders", "RecipientsRefused", "finish", "give_up"]

MOST_AT_ONCE = 10_000
_AT_ONCE = 1000


class RecipientsRefused(Refused):
    """Some recipients cannot be sent to; `problems` are their places in what was asked for, and why."""

    def __init__(self, problems: Sequence[tuple[int, Failure]], total: int) -> None:
        # Of one recipient: what is wrong with it, not that something is.
        super().__init__(problems[0][1] if total == 1 else refusals.recipients_invalid(len(problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What somebody wants sent.

    Attributes:
        template_id: an academy's template whose text is used where `text` is "".
        skip_invalid: leave out recipients that cannot be sent to, instead of refusing the whole.
        send_at: None for at once.
        by: viewer id, "" for another system.
    """

    tenant_id: str
    recipients: Sequence[Recipient]
    text: str = ""
    template_id: str = ""
    title: str = ""
    advertising: bool = False
    skip_invalid: bool = False
    send_at: datetime | None = None
    by: str = ""
    trace: str = ""


class Orders:
    """Use cases around orders."""

    def __init__(self, types: JobTypes, new_id: Callable[[], str]) -> None:
        """Submit jobs of `types`."""
        self._types = types
        self._new_id = new_id

    def preview(self, tx: Transaction, request: OrderRequest) -> Composition:
        """Return what would be sent to whom, and to whom not; nothing is written. Raises Refused."""
        settings, wording = self._allowed(tx, request)
        return self._composed(tx, settings, wording, request)

    def place(self, tx: Transaction, request: OrderRequest, order_id: str = "", job_id: str = "") -> Order:
        """Record an order: reserve its price, write its messages, submit the job that sends it. Raises Refused, Conflict.

        An `order_id` that exists already is returned as it is: asking twice orders once. With a `job_id` that job sends it, and none
        is submitted. What it raises is to roll the transaction back.
        """
        existing = tx.messages.order(request.tenant_id, order_id) if order_id else None
        if existing is not None:
            return existing
        settings, wording = self._allowed(tx, request)
        made = self._composed(tx, settings, wording, request)
        if made.problems and not request.skip_invalid:
            raise RecipientsRefused(made.problems, len(request.recipients))
        if not made.drafts:
            raise Refused(refusals.NOBODY_TO_SEND_TO)
        ids = (order_id or self._new_id(), job_id or self._new_id())
        order = self._order(tx, settings, request, ids, len(made.drafts))
        messages = self._messages(order, wording, made.drafts)
        if not tx.messages.add(order, messages):
            # Somebody has ordered the same since we looked: nothing is to be paid for it twice.
            return self._taken(tx, order)
        try:
            prices = {message.id: message.price for message in messages}
            tx.credits.transfer(order.tenant_id, TransferKind.RESERVE, prices)
        except CreditExhausted as error:
            raise Conflict(refusals.credit_exhausted(error.needed, error.available)) from None
        if not job_id:
            self._submit(tx, order, request.trace)
        return order

    def cancel(self, tx: Transaction, tenant_id: str, order_id: str) -> Order:
        """Call off every message of an order that nobody has begun to send. Raises NotFound, Conflict."""
        known = tx.messages.order(tenant_id, order_id)
        if known is None:
            raise NotFound("order")
        # The job before the order, as everybody does who locks both: a worker that ends the job goes the same way.
        tx.jobs.get(known.job_id, lock=True)
        order = tx.messages.order(tenant_id, order_id, lock=True) or known
        if not give_up(tx, order, MessageState.CANCELLED):
            cancelled = order.state is OrderState.CANCELLED
            raise Conflict(refusals.ORDER_ALREADY_CANCELLED if cancelled else refusals.ORDER_NOT_WAITING)
        tx.messages.move_order(tenant_id, order_id, OrderState.CANCELLED)
        if order.state is OrderState.WAITING:
            cancel(tx, self._types, order.job_id)
        return tx.messages.order(tenant_id, order_id) or order

    def _allowed(self, tx: Transaction, request: OrderRequest) -> tuple[MessagingSettings, Wording]:
        """Return how the academy sends and what is to be said, or raise Refused; nothing goes out through another's settings."""
        settings = tx.messaging.get(request.tenant_id)
        if settings is None:
            raise Conflict(refusals.SETTINGS_MISSING)
        if not settings.enabled:
            raise Conflict(refusals.SENDING_OFF)
        if request.send_at is not None and request.send_at < tx.now():
            raise Refused(refusals.SEND_AT_PAST)
        if request.advertising and is_night(request.send_at or tx.now()):
            raise Refused(refusals.ADVERTISING_AT_NIGHT)
        if not request.template_id:
            return settings, Wording(request.text, "", request.advertising)
        template = tx.messaging.template(request.tenant_id, request.template_id)
        if template is None:
            raise NotFound("template", [("template_id",)])
        problem = approval_problem(template, settings)
        if problem is not None:
            raise Conflict(problem)
        return settings, Wording(
            request.text or template.text, template.kakao_template_id, request.advertising
        )

    def _composed(
        self, tx: Transaction, settings: MessagingSettings, wording: Wording, request: OrderRequest
    ) -> Composition:
        phones = (
            [number for number in map(_digits, request.recipients) if number] if wording.advertising else []
        )
        refusing = tx.messaging.opted_out(request.tenant_id, phones) if phones else frozenset[str]()
        return compose(settings, wording, request.recipients, refusing)

    def _taken(self, tx: Transaction, order: Order) -> Order:
        """Return the order that has the id already; another academy's is a mistake of whoever chose the id."""
        found = tx.messages.order(order.tenant_id, order.id)
        if found is None:
            raise ValueError("an order of another academy has this id")
        return found

    def _order(
        self,
        tx: Transaction,
        settings: MessagingSettings,
        request: OrderRequest,
        ids: tuple[str, str],
        total: int,
    ) -> Order:
        now = tx.now()
        return Order(
            id=ids[0],
            tenant_id=request.tenant_id,
            job_id=ids[1],
            title=request.title,
            sender=settings.sender,
            kakao_channel=settings.kakao_channel,
            advertising=request.advertising,
            send_at=request.send_at,
            state=OrderState.WAITING,
            total=total,
            created_by=request.by,
            created_at=now,
            updated_at=now,
        )

    def _messages(self, order: Order, wording: Wording, drafts: Sequence[Draft]) -> list[Message]:
        return [
            Message(
                id=self._new_id(),
                tenant_id=order.tenant_id,
                order_id=order.id,
                to=draft.to,
                name=draft.name,
                channel=draft.channel,
                fallback=draft.fallback,
                text=draft.text,
                kakao_template_id=wording.kakao_template_id if draft.fallback else "",
                price=draft.price,
                state=MessageState.QUEUED,
                batch_id="",
                provider_id="",
                failure=None,
                created_at=order.created_at,
                updated_at=order.created_at,
                channel_price=draft.channel_price,
                fallback_price=draft.fallback_price,
            )
            for draft in drafts
        ]

    def _submit(self, tx: Transaction, order: Order, trace: str) -> None:
        submit(
            tx,
            self._types,
            job_id=order.job_id,
            tenant_id=order.tenant_id,
            type_name=SEND,
            payload=SendOrder(order_id=order.id),
            idempotency_key=f"message-send:{order.id}",
            subject=order_subject(order.id),
            trace=trace,
            run_at=order.send_at,
        )


def give_up(tx: Transaction, order: Order, state: MessageState, failure: Failure | None = None) -> int:
    """Make every QUEUED message of an order CANCELLED or FAILED and release its price; return how many. The order's row is locked."""
    given_up = 0
    while queued := tx.messages.queued(order.tenant_id, order.id, _AT_ONCE):
        moved = tx.messages.move(order.tenant_id, [Moved(each.id, state, failure=failure) for each in queued])
        tx.credits.transfer(
            order.tenant_id, TransferKind.RELEASE, {each.id: each.price for each in moved if each.price}
        )
        given_up += len(moved)
        if len(moved) < len(queued):
            break
    return given_up


def finish(tx: Transaction, order: Order) -> None:
    """Make an order DONE once nothing of it is open; one that was called off stays so. The order's row is locked."""
    counts = tx.messages.counts(order.tenant_id, order.id)
    if order.state is not OrderState.CANCELLED and not any(counts.get(state, 0) for state in OPEN):
        tx.messages.move_order(order.tenant_id, order.id, OrderState.DONE)


def _digits(recipient: Recipient) -> str:
    try:
        return mobile(recipient.phone)
    except PhoneInvalid:
        return ""
