"""How an academy sends: its settings, its templates, and who wants no advertising of it (MSG-1, MSG-5)."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from academy.application.errors import Conflict, Fault, NotFound, Refused
from academy.application.messaging.templates import named_once
from academy.application.ports.database import Transaction
from academy.domain.failures import Failure
from academy.domain.messaging.channel import MOST_WON_A_MESSAGE, Channel, Prices
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate, fill, variables_of
from academy.domain.messaging.text import TextRefused, channel_of, check_line, sendable
from academy.domain.phone import PhoneInvalid, PhoneProblem, mobile

__all__ = [
    "DEFAULT_PRICES",
    "Desk",
    "PriceChange",
    "SettingsChange",
    "TemplateChange",
    "check_one_line",
    "check_text",
    "check_wording",
    "phone_digits",
    "sender_number",
]

T = TypeVar("T")
DEFAULT_PRICES = Prices(sms=20, lms=50, alimtalk=15)
"""What an academy pays until an operator agrees on something else with it: nothing goes out free of charge by omission."""

SENDER_MISSING = Failure(
    "sender_missing",
    "Messages cannot be switched on without a sender number; enter the number registered with the provider.",
    "발신번호 없이 문자 발송을 켤 수 없습니다. 발송사에 등록한 발신번호를 입력해 주세요.",
)
SENDER_MALFORMED = Failure(
    "sender_malformed",
    "This is no Korean phone number that messages may come from; enter the one registered with the provider, mobile or landline, "
    "like 02-123-4567 or 010-2345-6789.",
    "발신번호로 쓸 수 없는 번호입니다. 발송사에 등록한 국내 번호(일반전화 또는 휴대전화)를 02-123-4567이나 010-2345-6789처럼 입력해 주세요.",
)
SENDER_TAKEN = Failure(
    "sender_taken",
    "Another academy sends under this number; if it is yours as well, ask the operator to enter it.",
    "다른 학원이 사용 중인 발신번호입니다. 함께 쓰는 번호라면 운영자에게 등록을 요청해 주세요.",
)
KAKAO_CHANNEL_TAKEN = Failure(
    "kakao_channel_taken",
    "Another academy sends by this KakaoTalk channel; check the id and enter the academy's own channel.",
    "다른 학원이 사용 중인 카카오톡 채널입니다. 채널 ID를 확인하고 학원의 채널을 입력해 주세요.",
)
PRICE_OUT_OF_RANGE = Failure(
    "price_out_of_range",
    f"A price is 0 to {MOST_WON_A_MESSAGE:,} whole won for one message.",
    f"메시지 한 건의 가격은 0원부터 {MOST_WON_A_MESSAGE:,}원까지입니다.",
)
TEXT_AND_TEMPLATE = Failure(
    "text_and_template",
    "A message has either a text (`text`) or a template (`template_id`); leave one of them out.",
    "내용(text)과 템플릿(template_id) 중 하나만 지정해 주세요.",
)
APPROVAL_NOT_NEEDED = Failure(
    "approval_not_needed",
    "This template has no AlimTalk template, so there is nothing to approve.",
    "알림톡 템플릿이 연결되지 않아 승인할 것이 없습니다.",
)


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What to change of the settings; None stays, "" empties."""

    enabled: bool | None = None
    sender: str | None = None
    kakao_channel: str | None = None
    alimtalk_first: bool | None = None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What to change of the prices, in whole won; None stays."""

    sms: int | None = None
    lms: int | None = None
    alimtalk: int | None = None


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """What to change of a template; None stays, an empty `kakao_template_id` takes AlimTalk away from it."""

    name: str | None = None
    text: str | None = None
    kakao_template_id: str | None = None


class Desk:
    """The use cases of settings, templates and opt-outs."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        """Take a maker of ids."""
        self._new_id = new_id

    def change_settings(self, tx: Transaction, tenant_id: str, change: SettingsChange) -> MessagingSettings:
        """Change the settings, which are made when missing. Raises Refused."""
        before = _settings(tx, tenant_id)
        after = replace(
            before,
            enabled=_or(change.enabled, before.enabled),
            sender=before.sender if change.sender is None else sender_number(change.sender),
            kakao_channel=_or(change.kakao_channel, before.kakao_channel),
            alimtalk_first=_or(change.alimtalk_first, before.alimtalk_first),
        )
        if after.enabled and not after.sender:
            raise Refused(SENDER_MISSING)
        if (
            after.sender
            and after.sender != before.sender
            and tx.messaging.sender_taken(after.sender, tenant_id)
        ):
            raise Conflict(SENDER_TAKEN)
        channel = after.kakao_channel
        if channel and channel != before.kakao_channel and tx.messaging.channel_taken(channel, tenant_id):
            raise Conflict(KAKAO_CHANNEL_TAKEN)
        return _saved(tx, after)

    def change_prices(self, tx: Transaction, tenant_id: str, change: PriceChange) -> MessagingSettings:
        """Change what an academy pays, for orders from now on. Raises NotFound for an academy that there is not, Refused."""
        _check_prices(change)
        if tx.tenants.get(tenant_id) is None:
            raise NotFound("academy")
        before = _settings(tx, tenant_id)
        old = before.prices
        prices = Prices(
            sms=_or(change.sms, old.sms),
            lms=_or(change.lms, old.lms),
            alimtalk=_or(change.alimtalk, old.alimtalk),
        )
        return _saved(tx, replace(before, prices=prices))

    def template(self, tx: Transaction, tenant_id: str, template_id: str) -> MessageTemplate:
        """Return a template. Raises NotFound."""
        found = tx.messaging.template(tenant_id, template_id)
        if found is None:
            raise NotFound("template")
        return found

    def add_template(
        self, tx: Transaction, tenant_id: str, name: str, text: str, kakao_template_id: str
    ) -> MessageTemplate:
        """Make a template. Raises Refused for a text that no message can carry, Conflict for a name that another has."""
        check_one_line(name, "name")
        check_text(text)
        now = tx.now()
        approval = Approval.PENDING if kakao_template_id else Approval.NOT_NEEDED
        made = MessageTemplate(self._new_id(), tenant_id, name, text, kakao_template_id, approval, now, now)
        tx.messaging.save_template(made)
        return self.template(tx, tenant_id, named_once(tx, made).id)

    def change_template(
        self, tx: Transaction, tenant_id: str, template_id: str, change: TemplateChange
    ) -> MessageTemplate:
        """Change a template; KakaoTalk has to approve another text anew. Raises NotFound, Refused, Conflict."""
        before = self.template(tx, tenant_id, template_id)
        after = replace(
            before,
            name=_or(change.name, before.name),
            text=_or(change.text, before.text),
            kakao_template_id=_or(change.kakao_template_id, before.kakao_template_id),
        )
        check_one_line(after.name, "name")
        check_text(after.text)
        if not after.kakao_template_id:
            after = replace(after, approval=Approval.NOT_NEEDED)
        elif (after.text, after.kakao_template_id) != (before.text, before.kakao_template_id):
            after = replace(after, approval=Approval.PENDING)
        tx.messaging.save_template(after)
        if change.name is not None:
            named_once(tx, after)
        return self.template(tx, tenant_id, template_id)

    def decide_template(
        self, tx: Transaction, tenant_id: str, template_id: str, approval: Approval
    ) -> MessageTemplate:
        """Note what KakaoTalk said of a template. Raises NotFound, Conflict."""
        before = self.template(tx, tenant_id, template_id)
        if not before.kakao_template_id:
            raise Conflict(APPROVAL_NOT_NEEDED)
        tx.messaging.save_template(replace(before, approval=approval))
        return self.template(tx, tenant_id, template_id)

    def remove_template(self, tx: Transaction, tenant_id: str, template_id: str) -> None:
        """Delete a template; what was ordered by it as AlimTalk and waits still fails, texts go out. Raises NotFound."""
        if not tx.messaging.remove_template(tenant_id, template_id):
            raise NotFound("template")

    def opt_out(self, tx: Transaction, tenant_id: str, phone: str) -> str:
        """Note that a phone wants no advertising, and return its digits. Raises Refused."""
        digits = phone_digits(phone)
        tx.messaging.opt_out(tenant_id, digits)
        return digits

    def opt_in(self, tx: Transaction, tenant_id: str, phone: str) -> None:
        """Forget that a phone wants no advertising. Raises NotFound where nobody said so."""
        try:
            digits = mobile(phone)
        except PhoneInvalid:
            raise NotFound("opt-out") from None
        if digits not in tx.messaging.opted_out(tenant_id, [digits]):
            raise NotFound("opt-out")
        tx.messaging.opt_in(tenant_id, digits)


def check_text(text: str) -> None:
    """Raise Refused for a text that no message can carry, whatever stands in its variables."""
    try:
        channel_of(sendable(fill(text, dict.fromkeys(variables_of(text), "-"))))
    except TextRefused as error:
        raise Refused(error.failure) from None


def check_one_line(line: str, field: str) -> None:
    """Raise Refused for a note or a name, called `field` in requests, that holds a control character, a line's end too."""
    try:
        check_line(line)
    except TextRefused as error:
        raise Refused(error.failure, [Fault((field,), error.failure)]) from None


def _check_prices(change: PriceChange) -> None:
    wrong = [
        Fault((channel.value,), PRICE_OUT_OF_RANGE)
        for channel in Channel
        if not 0 <= (getattr(change, channel.value) or 0) <= MOST_WON_A_MESSAGE
    ]
    if wrong:
        raise Refused(PRICE_OUT_OF_RANGE, wrong)


def check_wording(text: str, template_id: str) -> None:
    """Raise Refused unless there is either a text that can be sent or a template."""
    if not template_id:
        check_text(text)
    elif text:
        raise Refused(TEXT_AND_TEMPLATE)


def phone_digits(text: str) -> str:
    """Return the digits of a mobile number. Raises Refused."""
    try:
        return mobile(text)
    except PhoneInvalid as error:
        raise Refused(error.failure) from None


def sender_number(text: str) -> str:
    """Return the digits of a number that messages may come from, a landline too, "" for an empty text. Raises Refused."""
    try:
        return mobile(text)
    except PhoneInvalid as error:
        if error.problem is PhoneProblem.EMPTY:
            return ""
        if error.problem is PhoneProblem.LANDLINE:
            return _landline(text)
        raise Refused(SENDER_MALFORMED, [Fault(("sender",), SENDER_MALFORMED)]) from None


def _landline(text: str) -> str:
    """Return the digits of what `mobile` has recognised as a landline, as it is dialled within Korea."""
    typed = unicodedata.normalize("NFKC", text)
    digits = "".join(letter for letter in typed if letter.isdecimal())
    international = digits.removeprefix("00")
    # Area codes begin with 0 and service numbers with 1, so this can only be the country.
    return "0" + international[2:].removeprefix("0") if international.startswith("82") else digits


def _or(new: T | None, old: T) -> T:
    return old if new is None else new


def _settings(tx: Transaction, tenant_id: str) -> MessagingSettings:
    found = tx.messaging.get(tenant_id, lock=True)
    if found is not None:
        return found
    return MessagingSettings(
        tenant_id=tenant_id,
        enabled=False,
        sender="",
        kakao_channel="",
        alimtalk_first=True,
        prices=DEFAULT_PRICES,
        updated_at=tx.now(),
    )


def _saved(tx: Transaction, settings: MessagingSettings) -> MessagingSettings:
    tx.messaging.save(settings)
    return tx.messaging.get(settings.tenant_id) or settings
