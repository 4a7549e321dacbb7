"""Payloads of the messaging job types."""

from typing import Annotated

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = ["DirectMessage", "DirectVariable", "PollReports", "SendOrder", "SettleBatch"]

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SendOrder(Contract):
    """`message.send`: send the messages of an order that are still to be sent."""

    order_id: _Id


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

    to: str = Field(min_length=1, max_length=40, description="A Korean mobile number, however it is written.")
    text: str = Field(max_length=4000, description="With `#{variable}`s, if there are variables.")
    sender: str = Field(
        "", max_length=20, description="Must be the academy's own registered number; empty: that number."
    )
    use_alimtalk_first: bool = Field(False, description="AlimTalk, with SMS or LMS as second try.")
    # Not strict: JSON has lists alone. The variables in it are strict all the same.
    variables: tuple[DirectVariable, ...] = Field((), max_length=50, strict=False)
    template_id: str = Field("", max_length=200, description="The academy's template, by our id of it.")
