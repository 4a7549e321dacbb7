"""Jobs: what is being done and how far it is (API-3)."""

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from academy.contracts.rest.common import PageQuery, RestResponse

__all__ = [
    "FailureView",
    "JobPage",
    "JobQuery",
    "JobStateName",
    "JobStatus",
    "JobView",
    "OperatorFailureView",
    "OperatorJobPage",
    "OperatorJobQuery",
    "OperatorJobView",
    "ProgressView",
]

JobStateName = Literal["PENDING", "RUNNING", "RETRY_WAIT", "SUCCEEDED", "FAILED", "CANCELLED", "DEAD"]
JobStatus = Literal["queued", "running", "retrying", "cancelling", "succeeded", "failed", "cancelled"]


class FailureView(RestResponse):
    """Why something failed."""

    code: str = Field(description="Stable, snake_case; clients may switch on it.")
    message: str = Field(description="For people, in the language asked for.")
    retryable: bool = Field(
        description="Whether the same work may succeed later without a change by a person."
    )
    stage: str = Field(description="The step that failed, empty when unknown.")


class ProgressView(RestResponse):
    """How far a running job is."""

    step: str
    step_index: int = Field(description="From 1.")
    step_count: int
    percent: float = Field(description="0 to 100 of the whole job.")
    remaining_seconds: float | None = Field(description="An estimate; null until one is possible.")


class JobView(RestResponse):
    """A job. `status` is the outcome as a person sees it, `state` where the machinery stands."""

    id: str
    type: str
    subject: str = Field(description="What it is about, for example `video:{id}`.")
    state: JobStateName
    status: JobStatus
    status_text: str = Field(description="`status` and its reason in a sentence, in the language asked for.")
    reason: str | None = Field(description="Why the last attempt or the job ended other than well.")
    failure: FailureView | None
    progress: ProgressView | None = Field(description="While it runs.")
    attempt: int
    cancel_requested: bool
    result: dict[str, Any] | None = Field(description="Of a job that succeeded; see the result of its type.")
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    next_attempt_at: AwareDatetime | None = Field(
        description="When it is tried again, while `retrying`; when it begins, of a reservation that is `queued`."
    )


class JobQuery(PageQuery):
    """Which jobs; the list is newest first."""

    state: JobStateName | None = None
    type: str | None = Field(None, max_length=100, pattern=r"^[a-z0-9_.]+$")
    subject: str | None = Field(None, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")


class JobPage(RestResponse):
    """Jobs, newest first."""

    items: list[JobView]
    next_cursor: str = Field(description="Empty on the last page.")


class OperatorFailureView(FailureView):
    """With the evidence."""

    detail: str = Field(description="Last lines of a tool's output or the type of an error.")


class OperatorJobView(RestResponse):
    """A job of any academy, as an operator sees it."""

    id: str
    tenant_id: str
    type: str
    queue: str
    subject: str
    state: JobStateName
    reason: str | None
    failure: OperatorFailureView | None
    attempt: int
    interruptions: int
    token: int
    worker: str
    due_at: AwareDatetime | None
    cancel_requested: bool
    trace: str
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class OperatorJobQuery(JobQuery):
    """Which jobs of which academy."""

    tenant_id: str | None = Field(None, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")


class OperatorJobPage(RestResponse):
    """Jobs of all academies, newest first."""

    items: list[OperatorJobView]
    next_cursor: str = Field(description="Empty on the last page.")
