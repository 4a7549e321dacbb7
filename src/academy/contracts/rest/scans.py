"""Scans of filled sheets, their pages, and what people decide about them (OMR-2, OMR-4)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from academy.contracts.rest.ai_jobs import TierWish
from academy.contracts.rest.common import QueryParameters, RestRequest, RestResponse
from academy.contracts.rest.jobs import FailureView, JobView
from academy.contracts.rest.people import Identity

__all__ = [
    "AddScanRequest",
    "CandidateView",
    "DecideRequest",
    "DecisionView",
    "DoubtfulFieldView",
    "MarkStateName",
    "MatchView",
    "PageFieldView",
    "PageView",
    "PageWarningView",
    "QuestionScoreView",
    "ReadAgainRequest",
    "ReviewPageView",
    "ReviewQuery",
    "ReviewQueueView",
    "ScanAndJob",
    "ScanList",
    "ScanStateName",
    "ScanView",
    "ScoredPageView",
]

ScanStateName = Literal["reading", "read", "failed"]
MarkStateName = Literal["single", "blank", "multiple", "ambiguous"]
OutcomeName = Literal["right", "partial", "wrong", "blank", "void", "undecided"]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Choice = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class AddScanRequest(TierWish):
    """A scan to be read and graded."""

    document_id: Identity = Field(description="Document `scan` that is `ready`.")


class ReadAgainRequest(TierWish):
    """Another reading of a scan; what people decided stays."""


class ScanView(RestResponse):
    """One uploaded file of filled sheets."""

    id: str
    exam_id: str
    number: int = Field(description="Its place among the exam's scans, from 1; never given twice.")
    document_id: str
    file_name: str
    state: ScanStateName
    pages: int = Field(description="How many it has; 0 before it was read.")
    job_id: str = Field(description="Of the latest reading.")
    failure: FailureView | None
    by: str = Field(description="Id of the user who added it.")
    created_at: AwareDatetime


class ScanAndJob(RestResponse):
    """A scan and the job that reads it."""

    scan: ScanView
    job: JobView


class ScanList(RestResponse):
    """The scans of an exam by number."""

    items: list[ScanView]


class ReviewQuery(QueryParameters):
    """How much of the review queue."""

    limit: int = Field(100, ge=1, le=500, description="How many items at most, by scan and page.")


class CandidateView(RestResponse):
    """A student whose page it may be."""

    student_id: str
    name: str


class DoubtfulFieldView(RestResponse):
    """A field that a person has to decide."""

    field: str
    state: MarkStateName | None = Field(description="As it was read; null where it was not.")
    marked: list[str] = Field(description="Choices that count as marked; of `ambiguous` the likely ones.")
    confidence: float | None = Field(description="Chance, 0 to 1, that state and choices are right.")


class ReviewPageView(RestResponse):
    """A page that a person has to look at."""

    scan_id: str
    scan_number: int
    page: int = Field(description="From 1.")
    reasons: list[FailureView] = Field(description="Why it has no score; empty while only a key is missing.")
    identifier: str = Field(description="As marked, `_` for a blank digit, `?` for one that is uncertain.")
    candidates: list[CandidateView] = Field(description="Students whose page it may be.")
    fields: list[DoubtfulFieldView] = Field(description="Those to decide, in the order of the sheet.")
    overlay_url: str | None = Field(
        description="Picture of the page with what was read drawn over it: signed, good for an hour; null without one."
    )


class ReviewQueueView(RestResponse):
    """What waits for a person, by scan and page."""

    items: list[ReviewPageView]
    waiting: int = Field(description="How many pages wait, all of them.")
    fields: int = Field(description="How many doubtful fields they have.")
    pages: int = Field(description="How many pages were read.")


class PageFieldView(RestResponse):
    """One field of a page as it counts."""

    field: str
    block: str = Field(description="Name of its block.")
    purpose: Literal["choice", "number", "identifier"]
    choices: list[str] = Field(description="What can be marked, in order.")
    state: MarkStateName
    marked: list[str]
    confidence: float = Field(description="0 to 1; 1 where a person decided.")
    doubtful: bool = Field(description="Whether a person has to decide it.")
    decided: bool = Field(description="Whether a person's word counts here.")


class DecisionView(RestResponse):
    """What a person decided: about a field, or with `field` null about whose page it is."""

    number: int = Field(description="Place in the page's log, from 1.")
    by: str = Field(description="Id of the user.")
    by_name: str = Field(description="What that user is called; empty where nothing is known.")
    at: AwareDatetime
    field: str | None
    was: list[str] | None = Field(
        description="Choices that the reader had said; null where it had read nothing."
    )
    marked: list[str] | None = Field(description="What is marked; null: earlier decisions were taken back.")
    student: str | None = Field(
        description="Id of whose page it is; empty: nobody's, it is set aside; null with `field` null: taken back."
    )


class MatchView(RestResponse):
    """Whose a page is."""

    student_id: str = Field(description="Empty where nobody is certain.")
    name: str = Field(description="Of the student.")
    reason: FailureView | None = Field(description="Why a person has to look, or that the page is set aside.")
    identifier: str = Field(description="As marked, `_` for a blank digit, `?` for one that is uncertain.")
    candidates: list[CandidateView] = Field(description="Students whose page it may be.")
    by_person: bool
    changed: bool = Field(description="Whether the reader names another student than when a person decided.")


class QuestionScoreView(RestResponse):
    """How a question of a page went."""

    question: str
    given: list[str]
    outcome: OutcomeName
    points: float | None = Field(description="Null while it is `undecided`.")
    maximum: float
    look_at: list[str] = Field(description="Fields that a person has to decide.")


class ScoredPageView(RestResponse):
    """A page against the answer key."""

    total: float | None = Field(description="Null while it is not graded; `reasons` says why.")
    maximum: float
    reasons: list[FailureView]
    questions: list[QuestionScoreView] = Field(description="In the order of the key.")


class PageWarningView(RestResponse):
    """Something odd about a page, which was read all the same."""

    code: str = Field(description="Stable, snake_case: `streaks`, `code_unreadable`, …")
    message: str = Field(description="For people, in the language asked for.")


class PageView(RestResponse):
    """A page of a scan: what was read, what people decided, whose it is and what it is worth."""

    scan_id: str
    page: int
    problem: FailureView | None = Field(description="Why it could not be read.")
    warnings: list[PageWarningView] = Field(description="What is odd without making the reading worthless.")
    overlay_url: str | None = Field(
        description="Picture of the page with what was read drawn over it: signed, good for an hour; null without one."
    )
    fields: list[PageFieldView]
    decisions: list[DecisionView] = Field(description="The whole log, oldest first; nothing is ever removed.")
    match: MatchView
    score: ScoredPageView | None = Field(description="Null without an answer key.")
    waits: bool = Field(description="Whether a person has to look at it.")


class DecideRequest(RestRequest):
    """What a person sees on the page. Fields and student may be decided together; nothing is ever overwritten."""

    fields: dict[FieldName, list[Choice] | None] = Field(
        default_factory=dict,
        max_length=400,
        description="Marked choices by field; [] for nothing marked, null to take earlier decisions back.",
        examples=[{"7": ["2"], "8": []}],
    )
    student: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = Field(
        None,
        description="Id of the student whose page it is; empty sets the page aside; null takes earlier decisions back; left out: "
        "no word on it.",
    )
    seen: int | None = Field(
        None,
        ge=0,
        description="How many decisions the page had when the person looked; with others since it is refused with `decision_taken`.",
    )
