"""Text messages: preview, orders, the log (MSG-4, MSG-5, MSG-6)."""

from datetime import UTC
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from academy.contracts.rest.common import (
    Cursor,
    PageQuery,
    QueryParameters,
    RestRequest,
    RestResponse,
    YearOutOfRange,
)
from academy.contracts.rest.jobs import FailureView, JobView
from academy.contracts.rest.messaging_settings import PHONE, Typed, Words, composed
from academy.contracts.times import WrittenDay, WrittenTime

__all__ = [
    "AudienceName",
    "ChannelName",
    "LogEntryView",
    "LogFileQuery",
    "LogFilter",
    "LogPage",
    "LogQuery",
    "MessageStateName",
    "OrderMessagesRequest",
    "OrderPage",
    "OrderQuery",
    "OrderReportView",
    "OrderStateName",
    "OrderView",
    "OrderWithJob",
    "PreviewItem",
    "PreviewProblem",
    "PreviewView",
    "RecipientRequest",
]

ChannelName = Literal["sms", "lms", "alimtalk"]
AudienceName = Literal["parents", "students", "both"]
OrderStateName = Literal["WAITING", "SENDING", "DONE", "CANCELLED"]
MessageStateName = Literal[
    "QUEUED", "SENDING", "SENT", "DELIVERED", "UNDELIVERED", "FAILED", "AMBIGUOUS", "CANCELLED"
]


def _sensible(moment: AwareDatetime) -> AwareDatetime:
    if not 2000 <= moment.year < 2200:
        raise YearOutOfRange(2000, 2199)
    # As it is kept, so that an order tells the same time when it is made and later.
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _in_capitals(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Moment = Annotated[WrittenTime, AfterValidator(_sensible)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(composed),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(composed)]
Value = Annotated[
    str,
    StringConstraints(max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"),
    AfterValidator(composed),
]
Variables = Annotated[dict[Key, Value], Field(max_length=50)]
Reference = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""The id of something, or empty for nothing."""


class RecipientRequest(RestRequest):
    """Somebody by their number."""

    phone: Typed = Field(description=PHONE)
    name: Name = Field("", description="For lists, and the variable `이름`.")
    variables: Variables = Field(default_factory=dict, description="Stand above those for all.")


class OrderMessagesRequest(RestRequest):
    """What to send to whom; at most 10,000 recipients in all."""

    text: Words = Field(
        "",
        description=(
            "With `#{variable}`s; either this or `template_id`. Up to 2,000 bytes. A `#{` without a name and `}` is refused; "
            "`{이름}` and `#이름` are plain text."
        ),
    )
    template_id: Reference = Field(
        "",
        description=(
            "The academy's template, instead of `text`. KakaoTalk must have approved it where the academy sends by AlimTalk; to send "
            "its text as SMS or LMS regardless, give it in `text`."
        ),
    )
    title: Reference = Field("", description="For lists; recipients do not see it.")
    advertising: bool = Field(
        False, description="The rules for advertising hold: its mark, opt-outs, no sending at night."
    )
    send_at: Moment | None = Field(None, description="Any time to come; null to send at once.")
    skip_invalid: bool = Field(
        False,
        description=(
            "Leave out recipients that cannot be sent to, instead of refusing the whole. Without it `errors` names the first 100 of "
            "them by place: `to.1.phone`, `student_ids.3`, or `class_id.` and the student's id for somebody of the class."
        ),
    )
    to: list[RecipientRequest] = Field(default_factory=list, max_length=10_000)
    class_id: Reference = Field("", description="The students of an active class.")
    on: WrittenDay | None = Field(None, description="The day on which they are in the class; null for today.")
    student_ids: list[Annotated[Reference, StringConstraints(min_length=1)]] = Field(
        default_factory=list,
        max_length=10_000,
        description="Further students; one who has left the academy cannot be sent to.",
    )
    audience: AudienceName = Field("parents", description="Who is written to about those students.")
    variables: Variables = Field(
        default_factory=dict,
        description=(
            "For all; those of a recipient of `to` stand above them. Known without being given: `학원이름` for everybody; "
            "`학생이름`, and `이름` of whoever is written to, for the students of `class_id` and `student_ids`; `반이름` for the "
            "students of `class_id` only; `이름` for a number in `to` where its `name` is given."
        ),
    )


class PreviewProblem(RestResponse):
    """Why a recipient cannot be sent to."""

    code: str
    message: str


class PreviewItem(RestResponse):
    """What becomes of one recipient."""

    name: str
    to: str = Field(description="The number, masked; empty without one.")
    student_id: str = Field(description="On whose account they are written to; empty for a number given.")
    outcome: Literal["ready", "problem", "duplicate", "opted_out"] = Field(
        description="`duplicate`: the same text goes to the same number already."
    )
    channel: ChannelName | None = None
    fallback: ChannelName | None = Field(None, description="Where AlimTalk fails.")
    bytes: int | None = Field(None, description="As carriers count.")
    price: int | None = Field(None, description="Won.")
    text: str | None = Field(
        None, description="As the recipient reads it; null after the first 1,000 that are ready."
    )
    problem: PreviewProblem | None = None


class PreviewView(RestResponse):
    """What an order would do, as things stand now."""

    items: list[PreviewItem] = Field(
        description="Those of `to` in their order, then those of students by name."
    )
    ready: int
    problems: int
    duplicates: int
    opted_out: int
    cost: int = Field(description="Won, of all that are ready.")
    available: int = Field(description="Won that the academy has for it.")
    covered: bool = Field(
        description="Whether it can be ordered as far as credit goes: something is ready, and `available` covers all of it."
    )


class OrderView(RestResponse):
    """Messages that were ordered together."""

    id: str
    title: str
    state: OrderStateName
    total: int = Field(description="How many messages.")
    sender: str
    advertising: bool
    send_at: AwareDatetime | None = Field(description="Null: at once.")
    job_id: str
    created_by: str = Field(description="Id of the user; empty for another system.")
    created_at: AwareDatetime
    updated_at: AwareDatetime


class OrderWithJob(RestResponse):
    """An order and the job that sends it."""

    order: OrderView
    job: JobView


class OrderReportView(RestResponse):
    """How an order stands."""

    order: OrderView
    counts: dict[MessageStateName, int] = Field(description="Messages by state.")
    cost: int = Field(description="Won, of all its messages when they were ordered.")
    reserved: int = Field(description="Won held for messages that are not decided.")
    spent: int = Field(description="Won paid for messages that were sent.")


class OrderQuery(PageQuery):
    """Which orders; the list is newest first."""

    state: Annotated[OrderStateName | None, BeforeValidator(_in_capitals)] = Field(
        None, description="In capitals or not."
    )


class OrderPage(RestResponse):
    """Orders, newest first."""

    items: list[OrderView]
    next_cursor: str = Field(description="Empty on the last page.")


class LogFilter(QueryParameters):
    """Which messages; all that is given has to hold."""

    state: Annotated[MessageStateName | None, BeforeValidator(_in_capitals)] = Field(
        None, description="In capitals or not."
    )
    order_id: str | None = Field(None, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    to: str | None = Field(
        None, min_length=4, max_length=40, description="A whole number, or the last four digits of it."
    )
    name: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="A part of the recipient's name: two letters, or one Korean syllable, or more.",
    )
    since: Moment | None = Field(None, description="Ordered at this time or later.")
    until: Moment | None = Field(None, description="Ordered before this time.")


class LogQuery(PageQuery, LogFilter):
    """Which messages; the list is newest first."""


class LogFileQuery(LogFilter):
    """Which messages, and which part of them; where more follow, the header `Link` names it (RFC 8288)."""

    cursor: Cursor = Field("", description="As in the header `Link` of the part before; empty for the first.")
    limit: int = Field(10_000, ge=1, le=10_000, description="How many messages at most.")


class LogEntryView(RestResponse):
    """One message and what became of it."""

    id: str
    order_id: str
    name: str
    to: str = Field(description="The number, masked.")
    channel: ChannelName = Field(description="The way it is to go first.")
    fallback: ChannelName | None = Field(
        description="The second way, for AlimTalk that does not reach the phone."
    )
    went_by: ChannelName | None = Field(description="The way it went, once the carrier has said so.")
    text: str
    kakao_template_id: str = Field(description="Empty unless it goes by AlimTalk.")
    price: int = Field(description="Won that were reserved: of two ways the dearer one's price.")
    cost: int = Field(
        description="Won as it stands: 0 if nothing reached the phone, and no more than the way it went costs."
    )
    state: MessageStateName
    provider_id: str = Field(description="The provider's number of it; empty before it has one.")
    failure: FailureView | None = Field(description="Why it did not reach the recipient.")
    created_at: AwareDatetime
    updated_at: AwareDatetime = Field(
        description="When it came to this state: of SENT, when the provider had it; of DELIVERED, when we learnt that."
    )


class LogPage(RestResponse):
    """Messages, newest first."""

    items: list[LogEntryView]
    next_cursor: str = Field(description="Empty on the last page.")
