"""The log of a message that was refused before there was an order of it (MSG-5)."""

import unicodedata
from collections.abc import Mapping

from academy.application.jobs.attempt import Work
from academy.application.messaging.names import bounded
from academy.application.ports.database import Transaction
from academy.contracts.messaging import DirectMessage
from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.message import Message, MessageState, Order, OrderState
from academy.domain.messaging.template import MissingVariables, fill
from academy.domain.messaging.text import TextRefused, channel_of, sendable
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["log_refused"]

MOST_DIGITS = 15
"""The longest phone number there is (ITU-T E.164); what is longer and cut is never taken for somebody's mobile number."""
MOST_LETTERS = 4000


def log_refused(tx: Transaction, work: Work, failure: Failure) -> None:
    """Write an order that is DONE with one message that FAILED, for a `message.direct` that was refused; it costs nothing.

    Both have the job's id in theirs: whoever is refused again after a crash writes nothing, and neither does a second life of the
    job, whose first refusal stays. An order that is placed later is another one, with a row of its own.
    """
    asked, job = work.payload, work.job
    assert isinstance(asked, DirectMessage)
    settings, now = tx.messaging.get(job.tenant_id), tx.now()
    text = _words(asked.text, {each.key: each.value for each in asked.variables})
    order = Order(
        id=bounded(f"refused-{job.id}"),
        tenant_id=job.tenant_id,
        job_id=job.id,
        title="",
        sender=settings.sender if settings else "",
        kakao_channel="",
        advertising=False,
        send_at=None,
        state=OrderState.DONE,
        total=1,
        created_by="",
        created_at=now,
        updated_at=now,
    )
    message = Message(
        id=order.id,
        tenant_id=job.tenant_id,
        order_id=order.id,
        to=_digits(asked.to),
        name="",
        channel=_channel(text),
        fallback=None,
        text=text,
        kakao_template_id="",
        price=0,
        state=MessageState.FAILED,
        batch_id="",
        provider_id="",
        failure=failure,
        created_at=now,
        updated_at=now,
    )
    tx.messages.add(order, [message])


def _digits(typed: str) -> str:
    """Return the number as far as it is one: a mobile number, else whatever digits were typed."""
    try:
        return mobile(typed)
    except PhoneInvalid:
        letters = unicodedata.normalize("NFKC", typed)
        return "".join(letter for letter in letters if letter.isascii() and letter.isdecimal())[:MOST_DIGITS]


def _words(text: str, variables: Mapping[str, str]) -> str:
    """Return the text as the recipient would have read it, as it was given where it cannot be filled in; what no table holds left out."""
    try:
        words = fill(text, variables)
    except (MissingVariables, TextRefused):
        words = text
    return sendable(words.replace("\0", "").encode("utf-8", "ignore").decode())[:MOST_LETTERS]


def _channel(text: str) -> Channel:
    """Return the way that the text would have gone, SMS for one that no message carries."""
    try:
        return channel_of(text)
    except TextRefused:
        return Channel.SMS
