"""Jobs of the AI worker: what kinds there are, what each may cost, and ordering one (AI-1)."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from academy.contracts.rest.common import RestRequest, RestResponse
from academy.contracts.rest.people import Identity
from academy.contracts.rest.teaching import Day
from academy.contracts.rosters import RosterChoice

__all__ = [
    "ApplyRosterRequest",
    "ExportAttendanceRequest",
    "ExportScoresRequest",
    "JobTypeList",
    "JobTypeView",
    "OrderJobRequest",
    "PreviewRosterRequest",
    "TierName",
    "TierWish",
]

TierName = Literal["lite", "basic", "premium"]
Named = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z0-9_.]*$")]
_TIER = (
    "How much the job may cost: `lite`, `basic` or `premium`. Empty: the least in which its type is done. Another is "
    "refused with `tier_not_allowed`."
)


class TierWish(RestRequest):
    """How much a job may cost."""

    tier: Named = Field("", description=_TIER, examples=["basic"])


class JobTypeView(RestResponse):
    """What the system knows of a kind of job."""

    name: str
    tiers: list[TierName] = Field(description="Those in which it may be ordered, the least first.")
    isolated: bool = Field(description="Whether it runs in a process of its own, which can be killed.")
    time_limit: float = Field(description="Seconds of one attempt at most.")
    memory_limit: int = Field(description="Bytes that its process may hold; 0 where it has none of its own.")
    attempts: int = Field(description="How often it is tried at most.")
    steps: list[str] = Field(description="As its progress names them, in order.")
    payload: dict[str, Any] = Field(description="JSON Schema of what it is given.")
    result: dict[str, Any] | None = Field(description="JSON Schema of what it answers.")


class JobTypeList(RestResponse):
    """The registry of the AI worker's job types, by name."""

    items: list[JobTypeView]


class OrderJobRequest(TierWish):
    """A job of any of the AI worker's types."""

    type: Named = Field(
        description="As `GET /ai/job-types` names it; another is refused with `job_type_unknown`.",
        examples=["score_excel_export"],
    )
    payload: dict[str, Any] = Field(
        description="As the schema of its type says; what does not fit is refused with `payload_invalid`.",
        examples=[{"class_id": "0192f0c4"}],
    )


class PreviewRosterRequest(TierWish):
    """A roster's spreadsheet to look through."""

    document_id: Identity = Field(description="Document `roster`.")
    sheet: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description="Name of the sheet; empty: the one that looks like a roster."
    )


class ApplyRosterRequest(TierWish):
    """A roster that was previewed, to be taken: all rows or none."""

    document_id: Identity = Field(description="Document `roster`, as previewed.")
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] = Field(
        description="As the preview says: the same file."
    )
    choice: RosterChoice = Field(
        default_factory=RosterChoice,
        description="As the preview says, or changed; left out: as a preview finds it.",
    )


class ExportScoresRequest(TierWish):
    """All scores of a class as a spreadsheet."""


class ExportAttendanceRequest(TierWish):
    """The attendance of a class as a spreadsheet."""

    since: Day | None = Field(
        None, description="First day, in Korea; null for all.", examples=[date(2026, 3, 2)]
    )
    until: Day | None = Field(
        None, description="Last day, in Korea; null for all.", examples=[date(2026, 6, 30)]
    )
