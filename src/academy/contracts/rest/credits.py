"""Credits: what an academy has, and how it came and went (MSG-2)."""

from typing import Literal

from pydantic import AwareDatetime, Field

from academy.contracts.rest.common import Cursor, PageQuery, QueryParameters, RestRequest, RestResponse

__all__ = [
    "MOST_WON",
    "BalanceView",
    "EntryView",
    "MoveCreditRequest",
    "StatementFileQuery",
    "StatementPage",
    "StatementQuery",
    "TransferView",
]

MOST_WON = 10_000_000_000
"""Largest single transfer."""
AccountName = Literal["funding", "available", "reserved", "spent"]
TransferName = Literal["top_up", "withdraw", "reserve", "capture", "release", "refund"]


class BalanceView(RestResponse):
    """What stands on the accounts, in whole won; they sum to zero."""

    funding: int = Field(description="The other side of what was paid in: zero or less.")
    available: int = Field(description="For new messages.")
    reserved: int = Field(description="Held for messages under way.")
    spent: int


class EntryView(RestResponse):
    """One side of a transfer."""

    account: AccountName
    amount: int = Field(description="Won that the account gained; negative for what it lost.")


class TransferView(RestResponse):
    """Credit that moved; its entries sum to zero."""

    id: int
    kind: TransferName
    amount: int = Field(description="Won, more than zero.")
    entries: list[EntryView]
    message_id: str = Field(description="What it was for; empty for what was paid in or taken back.")
    note: str
    by: str = Field(description="Id of the user who did it; empty for the system.")
    created_at: AwareDatetime


class StatementQuery(PageQuery):
    """Which transfers; the list is newest first."""


class StatementPage(RestResponse):
    """Transfers, newest first."""

    items: list[TransferView]
    next_cursor: str = Field(description="Empty on the last page.")


class StatementFileQuery(QueryParameters):
    """Which part of the statement; where more follows, the header `Link` names it (RFC 8288)."""

    cursor: Cursor = Field("", description="As in the header `Link` of the part before; empty for the first.")
    limit: int = Field(10_000, ge=1, le=50_000, description="How many transfers at most.")


class MoveCreditRequest(RestRequest):
    """Credit that an operator pays in for an academy or takes back."""

    kind: Literal["top_up", "withdraw"]
    amount: int = Field(ge=1, le=MOST_WON, description="Whole won.")
    note: str = Field("", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="For the statement.")
