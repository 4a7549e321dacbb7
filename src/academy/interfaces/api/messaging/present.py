"""Show messages and credits to people; no whole phone number leaves with them."""

from collections.abc import Sequence

from academy.application.messaging.audience import Addressed, problem_of
from academy.application.messaging.desk import DEFAULT_PRICES
from academy.application.messaging.log import Report
from academy.application.ports.messaging import OptOut
from academy.contracts.rest.credits import BalanceView, EntryView, TransferView
from academy.contracts.rest.messages import (
    LogEntryView,
    OrderReportView,
    OrderView,
    PreviewItem,
    PreviewProblem,
    PreviewView,
)
from academy.contracts.rest.messaging_settings import (
    MessageTemplateView,
    MessagingSettingsView,
    OperatorTemplateView,
    OptOutEntryView,
    PricesView,
)
from academy.domain.failures import Failure
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.compose import Composition, Draft
from academy.domain.messaging.ledger import Balance, Transfer, entries_of
from academy.domain.messaging.message import Message, Order
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import MessageTemplate, variables_of
from academy.domain.messaging.text import byte_length
from academy.domain.phone import PhoneInvalid, masked, mobile
from academy.domain.tenant.tenant import Tenant
from academy.interfaces.api.jobs.present import failure_view
from academy.interfaces.api.language import Language

__all__ = [
    "balance_view",
    "log_entry_view",
    "operator_template_view",
    "opt_out_view",
    "order_view",
    "preview_view",
    "prices_view",
    "report_view",
    "settings_view",
    "template_view",
    "transfer_view",
]

MOST_TEXTS = 1000
"""How many texts a preview shows: ten thousand long ones would be thirty megabytes."""


def prices_view(prices: Prices) -> PricesView:
    """Return prices."""
    return PricesView(sms=prices.sms, lms=prices.lms, alimtalk=prices.alimtalk)


def settings_view(settings: MessagingSettings | None, stranded: int) -> MessagingSettingsView:
    """Return settings, with how many orders they strand; of an academy without any, what holds until it has some."""
    if settings is None:
        return MessagingSettingsView(
            enabled=False,
            sender="",
            kakao_channel="",
            alimtalk_first=True,
            prices=prices_view(DEFAULT_PRICES),
            updated_at=None,
            orders_stranded=stranded,
        )
    return MessagingSettingsView(
        enabled=settings.enabled,
        sender=settings.sender,
        kakao_channel=settings.kakao_channel,
        alimtalk_first=settings.alimtalk_first,
        prices=prices_view(settings.prices),
        updated_at=settings.updated_at,
        orders_stranded=stranded,
    )


def operator_template_view(tenant: Tenant, template: MessageTemplate) -> OperatorTemplateView:
    """Return a template and whose it is."""
    return OperatorTemplateView(
        academy_id=tenant.id,
        academy_code=tenant.code,
        academy_name=tenant.name,
        template=template_view(template),
    )


def opt_out_view(opt_out: OptOut) -> OptOutEntryView:
    """Return who wants no advertising."""
    return OptOutEntryView(phone=masked(opt_out.phone), created_at=opt_out.created_at)


def template_view(template: MessageTemplate) -> MessageTemplateView:
    """Return a template."""
    return MessageTemplateView(
        id=template.id,
        name=template.name,
        text=template.text,
        variables=list(variables_of(template.text)),
        kakao_template_id=template.kakao_template_id,
        approval=template.approval.value,
        created_at=template.created_at,
        updated_at=template.updated_at,
    )


def preview_view(
    audience: Sequence[Addressed], made: Composition, balance: Balance, language: Language
) -> PreviewView:
    """Return what would become of every recipient, in the order of the audience."""
    drafts = {draft.at: (number, draft) for number, draft in enumerate(made.drafts)}
    problems = dict(made.problems)
    duplicates = frozenset(made.duplicates)
    items = []
    for at, addressed in enumerate(audience):
        if at in drafts:
            number, draft = drafts[at]
            items.append(_ready(addressed, draft, with_text=number < MOST_TEXTS))
        elif at in problems:
            items.append(_problem(addressed, problem_of(addressed, problems[at]), language))
        else:
            items.append(_left_out(addressed, duplicate=at in duplicates))
    return PreviewView(
        items=items,
        ready=len(made.drafts),
        problems=len(made.problems),
        duplicates=len(made.duplicates),
        opted_out=len(made.opted_out),
        cost=made.cost,
        available=balance.available,
        covered=bool(made.drafts) and made.cost <= balance.available,
    )


def _ready(addressed: Addressed, draft: Draft, *, with_text: bool) -> PreviewItem:
    return PreviewItem(
        name=draft.name,
        to=masked(draft.to),
        student_id=addressed.student_id,
        outcome="ready",
        channel=draft.channel.value,
        fallback=draft.fallback.value if draft.fallback else None,
        bytes=byte_length(draft.text),
        price=draft.price,
        text=draft.text if with_text else None,
    )


def _problem(addressed: Addressed, failure: Failure, language: Language) -> PreviewItem:
    return PreviewItem(
        name=addressed.recipient.name,
        to=_masked(addressed),
        student_id=addressed.student_id,
        outcome="problem",
        problem=PreviewProblem(code=failure.code, message=failure.text(language)),
    )


def _left_out(addressed: Addressed, *, duplicate: bool) -> PreviewItem:
    return PreviewItem(
        name=addressed.recipient.name,
        to=_masked(addressed),
        student_id=addressed.student_id,
        outcome="duplicate" if duplicate else "opted_out",
    )


def _masked(addressed: Addressed) -> str:
    """Return a number as it was typed, masked; what is no number shows nothing of itself, none is empty."""
    if not addressed.recipient.phone.strip():
        return ""
    try:
        return masked(mobile(addressed.recipient.phone))
    except PhoneInvalid:
        return masked("")


def order_view(order: Order) -> OrderView:
    """Return an order."""
    return OrderView(
        id=order.id,
        title=order.title,
        state=order.state.value,
        total=order.total,
        sender=order.sender,
        advertising=order.advertising,
        send_at=order.send_at,
        job_id=order.job_id,
        created_by=order.created_by,
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


def report_view(report: Report) -> OrderReportView:
    """Return how an order stands."""
    return OrderReportView(
        order=order_view(report.order),
        counts={state.value: count for state, count in report.counts.items()},
        cost=report.cost,
        reserved=report.reserved,
        spent=report.spent,
    )


def log_entry_view(message: Message, language: Language) -> LogEntryView:
    """Return a message as the log shows it."""
    return LogEntryView(
        id=message.id,
        order_id=message.order_id,
        name=message.name,
        to=masked(message.to),
        channel=message.channel.value,
        fallback=message.fallback.value if message.fallback else None,
        went_by=message.went_by.value if message.went_by else None,
        text=message.text,
        kakao_template_id=message.kakao_template_id,
        price=message.price,
        cost=message.cost,
        state=message.state.value,
        provider_id=message.provider_id,
        failure=failure_view(message.failure, language),
        created_at=message.created_at,
        updated_at=message.updated_at,
    )


def balance_view(balance: Balance) -> BalanceView:
    """Return what stands on the accounts."""
    return BalanceView(
        funding=balance.funding,
        available=balance.available,
        reserved=balance.reserved,
        spent=balance.spent,
    )


def transfer_view(transfer: Transfer) -> TransferView:
    """Return a transfer with both of its entries."""
    return TransferView(
        id=transfer.id,
        kind=transfer.kind.value,
        amount=transfer.amount,
        entries=[EntryView(account=each.account.value, amount=each.amount) for each in entries_of(transfer)],
        message_id=transfer.message_id,
        note=transfer.note,
        by=transfer.by,
        created_at=transfer.created_at,
    )
