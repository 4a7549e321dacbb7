"""The handler of messages that other systems ask for (CON-2)."""

from dataclasses import replace

from academy.application.errors import NotFound, Refused, WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.messaging.names import bounded
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.messaging.refused import log_refused
from academy.application.messaging.send import SendHandler
from academy.application.ports.database import Database, Transaction
from academy.contracts.base import Contract
from academy.contracts.messaging import DirectMessage
from academy.domain.failures import Failure
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.message import Order
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["SENDER_FOREIGN", "TEMPLATE_GONE", "DirectHandler"]

TEMPLATE_GONE = Failure(
    "template_gone",
    "The academy has no such template; name one of its templates, or none.",
    "학원에 없는 템플릿입니다. 등록된 템플릿을 지정하거나 비워 주세요.",
)
SENDER_FOREIGN = Failure(
    "sender_foreign",
    "The sender is not the academy's registered number; leave it out or name that number.",
    "학원에 등록된 발신번호가 아닙니다. 비워 두거나 등록된 번호를 지정해 주세요.",
)


class DirectHandler:
    """Makes an order of a message that another system asked for, and sends it."""

    def __init__(self, database: Database, orders: Orders, sending: SendHandler) -> None:
        """Take what is needed."""
        self._database = database
        self._orders = orders
        self._sending = sending

    async def run(self, work: Work) -> Contract | None:
        """Place the order under the job's id, once however often this runs, and send it. Raises WorkFailed.

        A single message that could not be sent fails its job for good, with the message's reason: whoever asked for it reads the job,
        not the log. What was refused before there was an order of it is logged as well, and may be tried again.
        """
        try:
            order = await self._database.run(lambda tx: self._place(tx, work))
        except Refused as refused:
            failure = refused.failure
            await self._database.run(lambda tx: log_refused(tx, work, failure))
            raise WorkFailed(failure) from refused
        except NotFound as missing:
            await self._database.run(lambda tx: log_refused(tx, work, TEMPLATE_GONE))
            raise WorkFailed(TEMPLATE_GONE) from missing
        end = await self._sending.send(work, order.id)
        if end.failure is not None:
            raise WorkFailed(replace(end.failure, retryable=False))
        return end.result

    def _place(self, tx: Transaction, work: Work) -> Order:
        message = work.payload
        assert isinstance(message, DirectMessage)
        settings = tx.messaging.get(work.job.tenant_id)
        if message.sender and settings is not None and _number(message.sender) != settings.sender:
            raise Refused(SENDER_FOREIGN)
        request = OrderRequest(
            tenant_id=work.job.tenant_id,
            recipients=[
                Recipient(message.to, variables={each.key: each.value for each in message.variables})
            ],
            text=message.text,
            template_id=message.template_id if message.use_alimtalk_first else "",
            trace=work.job.trace,
        )
        return self._orders.place(tx, request, order_id=bounded(f"direct-{work.job.id}"), job_id=work.job.id)


def _number(text: str) -> str:
    """Return digits alone: a sender may be a landline."""
    try:
        return mobile(text)
    except PhoneInvalid:
        return "".join(letter for letter in text if letter.isdecimal())
