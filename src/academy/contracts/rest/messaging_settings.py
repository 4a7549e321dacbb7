"""How an academy sends text messages: settings, templates, opt-outs (MSG-1, MSG-5)."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from academy.contracts.rest.common import PageQuery, RestRequest, RestResponse, Title

__all__ = [
    "PHONE",
    "AddTemplateRequest",
    "ChangeMessagingSettingsRequest",
    "ChangePricesRequest",
    "ChangeTemplateRequest",
    "DecideTemplateRequest",
    "MessageTemplatePage",
    "MessageTemplateQuery",
    "MessageTemplateView",
    "MessagingSettingsView",
    "OperatorTemplatePage",
    "OperatorTemplateQuery",
    "OperatorTemplateView",
    "OptOutEntryView",
    "OptOutPage",
    "OptOutQuery",
    "OptOutRequest",
    "OptOutView",
    "PricesView",
    "Typed",
    "Words",
    "composed",
]

PHONE = "A Korean mobile number in any usual writing: `010-1234-5678`, `+82 10 1234 5678`."


def composed(text: str) -> str:
    """Return a text in NFC: a Mac's keyboard may send Hangul taken apart, for which carriers have no code."""
    return unicodedata.normalize("NFC", text)


ApprovalName = Literal["not_needed", "pending", "approved", "rejected"]
Typed = Annotated[str, StringConstraints(max_length=100)]
"""What people typed and a use case reads: a phone number."""
Words = Annotated[
    str,
    StringConstraints(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"),
    AfterValidator(composed),
]
"""The text of a message; how many bytes it may have is told in words."""
Code = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_@.-]*$")]
Price = Annotated[int, Field(ge=0, le=100_000)]


class PricesView(RestResponse):
    """What one message costs the academy, in whole won."""

    sms: int
    lms: int
    alimtalk: int


class MessagingSettingsView(RestResponse):
    """How the academy sends. Before they are set up, nothing is sent."""

    enabled: bool
    sender: str = Field(description="Digits of the number that recipients see; empty for none.")
    kakao_channel: str = Field(
        description="Id of the KakaoTalk channel with the provider (pfId); empty for none."
    )
    alimtalk_first: bool = Field(
        description="A text with an approved AlimTalk template goes by AlimTalk first, by SMS or LMS where that fails."
    )
    prices: PricesView
    updated_at: AwareDatetime | None = Field(description="Null before they are set up.")
    orders_stranded: int = Field(
        description=(
            "How many orders that are not sent yet were made under another sender number. Their messages will fail and be paid back: "
            "cancel them and order again, or change the number back."
        )
    )


class ChangeMessagingSettingsRequest(RestRequest):
    """What to change; what is left out or null stays, an empty text empties."""

    enabled: bool | None = None
    sender: Typed | None = Field(
        None,
        description="The number registered with the provider, mobile or landline, in any usual writing.",
    )
    kakao_channel: Code | None = None
    alimtalk_first: bool | None = None


class ChangePricesRequest(RestRequest):
    """What to change, in whole won; what is left out or null stays. Orders keep the price at which they were made."""

    sms: Price | None = None
    lms: Price | None = None
    alimtalk: Price | None = None


class MessageTemplateView(RestResponse):
    """A text that is sent again and again."""

    id: str
    name: str
    text: str = Field(description="With `#{variable}`s.")
    variables: list[str] = Field(description="Names of the variables of the text, in order.")
    kakao_template_id: str = Field(
        description="The provider's id of the AlimTalk template; empty for SMS and LMS only."
    )
    approval: ApprovalName = Field(description="Whether KakaoTalk has approved it.")
    created_at: AwareDatetime
    updated_at: AwareDatetime


class AddTemplateRequest(RestRequest):
    """A new template."""

    name: Title
    text: Words = Field(
        description="With `#{variable}`s, up to 2,000 bytes; a `#{` without a name and `}` is refused."
    )
    kakao_template_id: Code = ""


class ChangeTemplateRequest(RestRequest):
    """What to change; what is left out or null stays. Another text has to be approved anew."""

    name: Title | None = None
    text: Words | None = None
    kakao_template_id: Code | None = Field(None, description="Empty takes AlimTalk away from it.")


class DecideTemplateRequest(RestRequest):
    """What KakaoTalk said."""

    approval: Literal["approved", "rejected"]


class MessageTemplateQuery(PageQuery):
    """Which templates; the list is newest first."""


class MessageTemplatePage(RestResponse):
    """Templates, newest first."""

    items: list[MessageTemplateView]
    next_cursor: str = Field(description="Empty on the last page.")


def _in_small_letters(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class OperatorTemplateQuery(PageQuery):
    """Which templates of all academies; the list is newest first."""

    approval: Annotated[ApprovalName | None, BeforeValidator(_in_small_letters)] = Field(
        None, description="In capitals or not; `pending` waits for what KakaoTalk says."
    )
    academy_id: str = Field(
        "", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="Only this academy's."
    )


class OperatorTemplateView(RestResponse):
    """A template and whose it is."""

    academy_id: str
    academy_code: str
    academy_name: str
    template: MessageTemplateView


class OperatorTemplatePage(RestResponse):
    """Templates of academies, newest first."""

    items: list[OperatorTemplateView]
    next_cursor: str = Field(description="Empty on the last page.")


class OptOutRequest(RestRequest):
    """A number that wants no advertising of this academy."""

    phone: Typed = Field(description=PHONE)


class OptOutQuery(PageQuery):
    """Which numbers; the list is newest first."""

    phone: str | None = Field(None, min_length=1, max_length=40, description=f"Only this one. {PHONE}")


class OptOutView(RestResponse):
    """A number that wants no advertising."""

    phone: str = Field(description="The number, masked.")


class OptOutEntryView(OptOutView):
    """A number that wants no advertising, and since when."""

    created_at: AwareDatetime


class OptOutPage(RestResponse):
    """Numbers that want no advertising, newest first."""

    items: list[OptOutEntryView]
    next_cursor: str = Field(description="Empty on the last page.")
