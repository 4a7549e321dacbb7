"""Port: who carries text messages to phones.

Messages go out in groups, in three steps, so that it can be found out at any time whether they did: `open` names a group (nothing is
sent by it), `add` fills it, `send` sends it. The name is made durable between `open` and `send`. Whoever does not know how a
`send` went calls `withdraw`: afterwards the group either was sent, once, or never will be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel

__all__ = [
    "AccountRefused",
    "Carried",
    "CarriedState",
    "GroupSpent",
    "MessageProvider",
    "OutgoingText",
    "ProviderBusy",
    "ProviderError",
    "ProviderRefused",
    "ProviderUnavailable",
]


class ProviderError(Exception):
    """The provider did not do what it was asked to; never holds a number, a text or a secret."""


class ProviderUnavailable(ProviderError):
    """No answer, or one that says nothing (time-out, cut connection, 5xx, garbage): it may have been done all the same."""


class ProviderBusy(ProviderError):
    """Not done, too many requests: ask again after `retry_after`."""

    def __init__(self, reason: str, retry_after: timedelta) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ProviderRefused(ProviderError):
    """Not done, and `failure` says why: our account (keys, balance, quota: `failure.retryable`), or the request itself."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class AccountRefused(ProviderRefused):
    """Not done, because our account is refused (key, signature, rights, a clock that is off): only an operator can mend it."""


class GroupSpent(ProviderRefused):
    """Not done, because the group was sent or withdrawn before: perhaps by somebody else just now; it says nothing of the messages."""


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One message for the provider.

    Attributes:
        id: ours; the provider keeps it beside its own and names it in `outcomes`.
        to, sender: digits.
        subject: of an LMS, "" for none.
        kakao_channel, kakao_template_id: for AlimTalk.
        fallback: whether the text is to go as SMS or LMS when AlimTalk cannot reach the phone.
    """

    id: str
    to: str
    sender: str
    channel: Channel
    text: str
    subject: str = ""
    kakao_channel: str = ""
    kakao_template_id: str = ""
    fallback: bool = False


class CarriedState(StrEnum):
    """TAKEN: the provider has it and sends or has sent it. DELIVERED, UNDELIVERED: the carrier's report. REFUSED: it never goes out."""

    TAKEN = "taken"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Carried:
    """What the provider knows of one message.

    Attributes:
        provider_id: its own number of the message.
        channel: the way it went in the end, None while that is open or where the provider does not say it: money hangs on it, so no
            adapter guesses.
        failure: why it was refused or not delivered.
    """

    state: CarriedState
    provider_id: str
    channel: Channel | None = None
    failure: Failure | None = None


class MessageProvider(Protocol):
    """Raises ProviderError in every method; each may be called by several tasks at once."""

    @property
    def name(self) -> str:
        """Return its name as it stands in rows: "solapi", "console"."""
        ...

    @property
    def largest_group(self) -> int:
        """Return how many messages one `add` takes."""
        ...

    async def open(self, reference: str) -> str:
        """Begin a group and return its name. Called twice it begins two; one that is never sent does no harm and costs nothing."""
        ...

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        """Put up to `largest_group` messages into an unsent group; return what was said of each, by our id. Raises GroupSpent.

        TAKEN here means that it goes out with `send`; REFUSED (wrong number, unknown template) that it does not.
        """
        ...

    async def send(self, group: str) -> None:
        """Send what was added and not refused. Once: a second call sends nothing and raises GroupSpent."""
        ...

    async def withdraw(self, group: str) -> bool:
        """Make sure that a group which was not sent never will be; return whether it was sent already. Idempotent.

        A `send` that is still on its way when this returns False comes to nothing.
        """
        ...

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        """Return what became of the messages that were put into a group, by our id; of a group that was withdrawn, nothing.

        Of a group that was sent, a message that is missing here may have gone out all the same.
        """
        ...

    async def balance(self) -> int:
        """Return what is left on our account with the provider, in won: for `academy doctor`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
