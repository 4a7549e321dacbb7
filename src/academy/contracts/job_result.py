"""What a producer that asked for it gets on its result queue: how a job ended, well or not, in one model (JOB-13)."""

from typing import Literal

from pydantic import Field, JsonValue

from academy.contracts.base import Contract
from academy.contracts.envelope import OpaqueId, TypeName
from academy.contracts.times import WrittenTime

__all__ = ["JOB_RESULT", "JobError", "JobResult"]

JOB_RESULT = "job.result"
"""The envelope's `type`. Its `id` and `idempotency_key` are the result's id: the same however often it is sent."""


class JobError(Contract):
    """Why a job did not succeed."""

    code: str = Field(description="Stable, snake_case; safe to switch on.", max_length=100)
    message: str = Field(description="One English sentence that says what is wrong and how to mend it.")
    message_ko: str = Field("", description="The same in Korean, empty where there is none.")
    retryable: bool = Field(
        description="Whether the same job may succeed later without a change by a person."
    )
    stage: str = Field("", description="The step that failed, empty when unknown.")


class JobResult(Contract):
    """How a job ended. Sent once or more often, with the same envelope id as long as it is the same end.

    After FAILED, DEAD or CANCELLED an operator may give the job a new life: its end is told again, under another id.
    """

    job_id: OpaqueId = Field(
        description="The request's id; where its idempotency key had been used before, the id of that first request."
    )
    job_type: TypeName = Field(description="The request's type; decides the schema of `result`.")
    request_key: str = Field(description="The request's idempotency key: match by this.")
    subject: str = Field("", description="What the job is about (`video:lecture-1`), empty if nothing.")
    status: Literal["SUCCEEDED", "FAILED", "CANCELLED", "DEAD"] = Field(
        description="FAILED: for good; DEAD: attempts used up; CANCELLED: somebody stopped it."
    )
    reason: str = Field("", description="Why it did not succeed, one word; empty for SUCCEEDED.")
    result: dict[str, JsonValue] | None = Field(None, description="Output of a job that SUCCEEDED.")
    error: JobError | None = Field(None, description="What went wrong, where something did.")
    attempts: int = Field(ge=0, description="Attempts begun.")
    finished_at: WrittenTime
