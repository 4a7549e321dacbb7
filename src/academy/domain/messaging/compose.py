"""From a wording and recipients to messages: what each of them reads, which way it goes, what it costs (MSG-1, MSG-6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from academy.domain.failures import Failure
from academy.domain.messaging import refusals
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.rules import advertising_problem
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import MissingVariables, fill
from academy.domain.messaging.text import TextRefused, channel_of, sendable
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["Composition", "Draft", "Recipient", "Wording", "compose"]


@dataclass(frozen=True, slots=True)
class Wording:
    """What is to be said.

    Attributes:
        text: with `#{variable}`s.
        kakao_template_id: the approved AlimTalk template that the text is of, "" for none.
        advertising: whether the rules for advertising hold; it never goes by AlimTalk.
    """

    text: str
    kakao_template_id: str = ""
    advertising: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to tell: the phone as it was typed, a name for lists, values for the variables."""

    phone: str
    name: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that can be sent.

    Attributes:
        at: the recipient's place in what was given.
        channel_price, fallback_price: what each of its ways costs, in won; None without a second one.
    """

    at: int
    to: str
    name: str
    channel: Channel
    fallback: Channel | None
    text: str
    channel_price: int
    fallback_price: int | None = None

    @property
    def price(self) -> int:
        """Return what is reserved for it, in won: the price of the dearer way."""
        return max(self.channel_price, self.fallback_price or 0)


@dataclass(slots=True)
class Composition:
    """What became of every recipient; each stands in one list, by place in what was given.

    Attributes:
        duplicates: who would get the same text twice on the same phone.
        opted_out: who wants no advertising.
    """

    drafts: list[Draft] = field(default_factory=list)
    problems: list[tuple[int, Failure]] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    opted_out: list[int] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Return what all drafts cost, in won."""
        return sum(draft.price for draft in self.drafts)


def compose(
    settings: MessagingSettings,
    wording: Wording,
    recipients: Sequence[Recipient],
    opted_out: Collection[str] = (),
) -> Composition:
    """Compose a message for each recipient; the same text to the same phone is sent once."""
    made = Composition()
    seen: set[tuple[str, str]] = set()
    for at, recipient in enumerate(recipients):
        try:
            draft = _draft(settings, wording, at, recipient)
        except PhoneInvalid as error:
            made.problems.append((at, error.failure))
        except MissingVariables as error:
            made.problems.append((at, refusals.missing_variables(error.names)))
        except TextRefused as error:
            made.problems.append((at, error.failure))
        else:
            if (draft.to, draft.text) in seen:
                made.duplicates.append(at)
            elif wording.advertising and draft.to in opted_out:
                made.opted_out.append(at)
            else:
                seen.add((draft.to, draft.text))
                made.drafts.append(draft)
    return made


def _draft(settings: MessagingSettings, wording: Wording, at: int, recipient: Recipient) -> Draft:
    to = mobile(recipient.phone)
    text = sendable(fill(wording.text, recipient.variables))
    plain = channel_of(text)
    wrong = advertising_problem(text) if wording.advertising else None
    if wrong is not None:
        raise TextRefused(wrong)
    prices = settings.prices
    # KakaoTalk approves AlimTalk for information alone.
    if wording.kakao_template_id and settings.by_alimtalk and not wording.advertising:
        way = Channel.ALIMTALK
        return Draft(at, to, recipient.name, way, plain, text, prices.alimtalk, prices.of(plain))
    return Draft(at, to, recipient.name, plain, None, text, prices.of(plain))
