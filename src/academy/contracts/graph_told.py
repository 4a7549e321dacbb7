"""What producers of graph requests read on their queue (GRA-1): progress on the way, one result at the end, refusals too."""

from pydantic import Field, JsonValue

from academy.contracts.graph import TaskId, Told

__all__ = ["GraphProgress", "GraphResult", "ProgressTold"]


class ProgressTold(Told):
    """`payload` of a progress message."""

    user_id: str
    job_id: str
    percent: float = Field(ge=0, le=100, description="Of the whole task.")
    sequence: int = Field(
        ge=0, description="Only grows for one task: of two messages the higher one is the later."
    )
    stage: str
    stage_number: int = Field(ge=1)
    stages: int = Field(ge=1)
    remaining_seconds: float | None = Field(None, description="Estimate; null until one is possible.")
    attempt: int = Field(ge=0)


class GraphProgress(Told):
    """`…_PROGRESS`: some or none come before the result, never one that matters after it."""

    task_type: str
    task_id: TaskId
    timestamp: str
    payload: ProgressTold


class GraphResult(Told):
    """`…_RESULT`: one for every request. It may be sent more than once, always under the same `resultId`.

    `payload` has `userId`, `status`, `jobId`, `error`, `errorCode`; of a COMPLETED task also what its type gives, see the schemas.
    """

    task_type: str
    task_id: TaskId
    result_id: str
    timestamp: str
    payload: dict[str, JsonValue]
