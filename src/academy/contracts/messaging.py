"""Payloads and results of the messaging job types."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract
from academy.contracts.personal import Personal

__all__ = [
    "PERSONAL_IN_OLDER_FORMATS",
    "PLAIN_IN_OLDER_FORMATS",
    "DirectMessage",
    "DirectVariable",
    "PollReports",
    "SendOrder",
    "SendResult",
    "SettleBatch",
]

PERSONAL_IN_OLDER_FORMATS: Mapping[str, Personal] = MappingProxyType(
    {"alimtalk_replacements": Personal.WORDS}
)
PLAIN_IN_OLDER_FORMATS = frozenset({"reservation_id", "created_at"})
"""What only the format of today's producers has, `legacy.message`; its other fields are named as here."""

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SendOrder(Contract):
    """`message.send`: send the messages of an order that are still to be sent."""

    order_id: _Id


class SendResult(Contract):
    """Result of `message.send` and `message.direct`: how the messages of the order stood when the job ended.

    The numbers add up to `total`. What carriers report afterwards stands in the log of messages.
    """

    total: int = Field(ge=0, description="Messages of the order.")
    sent: int = Field(ge=0, description="The provider has taken them.")
    failed: int = Field(ge=0, description="Not sent; their price was given back.")
    cancelled: int = Field(ge=0, description="Called off before they were sent.")
    undecided: int = Field(
        ge=0, description="Still to be sent by another job, or the provider has yet to say whether they were."
    )
    failure: str | None = Field(
        None, description="Code of the most frequent reason of those that failed; null when none did."
    )


class SettleBatch(Contract):
    """`message.settle`: ask the provider what became of a batch of which nobody knows whether it was sent."""

    batch_id: _Id


class PollReports(Contract):
    """`message.reports`: ask the provider for the delivery reports of a batch that was sent."""

    batch_id: _Id


class DirectVariable(Contract):
    """A variable and its value."""

    key: str = Field(min_length=1, max_length=40)
    value: str = Field(max_length=1000)


class DirectMessage(Contract):
    """`message.direct`: one message, as other systems ask for it; an order is made of it with all its rules and its price."""

    to: Annotated[str, Personal.PHONE] = Field(
        min_length=1, max_length=40, description="A Korean mobile number, however it is written."
    )
    text: Annotated[str, Personal.WORDS] = Field(
        max_length=4000, description="With `#{variable}`s, if there are variables."
    )
    sender: str = Field(
        "", max_length=20, description="Must be the academy's own registered number; empty: that number."
    )
    use_alimtalk_first: bool = Field(False, description="AlimTalk, with SMS or LMS as second try.")
    # Not strict: JSON has lists alone. The variables in it are strict all the same.
    variables: Annotated[tuple[DirectVariable, ...], Personal.WORDS] = Field((), max_length=50, strict=False)
    template_id: str = Field("", max_length=200, description="The academy's template, by our id of it.")
