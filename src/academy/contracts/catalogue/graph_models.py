"""Whole messages of the graph worker as strangers read them: one model for each task type, so that each has a schema of its own.

The worker itself reads and writes them through `graph_wire` and `graph_told`; the tests hold the two to each other.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, JsonValue, create_model

from academy.contracts.base import LenientContract
from academy.contracts.graph import MOST_LISTED, Degraded, InputOutcome, OutcomeCounts, TaskId, Told
from academy.contracts.graph_loose import LooseTaskId
from academy.contracts.graph_told import ProgressTold
from academy.contracts.graph_wire import TASKS, GraphTask

__all__ = ["PublishedProgress", "PublishedRefusal", "published_request", "published_result"]

_TASK_ID = Annotated[
    LooseTaskId,
    Field(
        description="Your own id, number or text. The same one is done once, however often it is sent; without it every message is a "
        "task of its own. Give every request an id of its own: with another payload it is refused with task_id_reused."
    ),
]
_WHEN = Annotated[JsonValue, Field(description="Taken in any form and not used.")]
_AT = Annotated[str, Field(description="RFC 3339, UTC.")]
_RESULT_ID = Annotated[
    str,
    Field(description="Id of this result: the same however often it is sent. Keep it to notice repetitions."),
]


class FailedTold(Told):
    """`payload` of a result whose `status` is FAILED."""

    user_id: str | int | None = Field(None, description="null where the request named none.")
    job_id: str | None = Field(None, description="null where the request became no job.")
    status: Literal["FAILED"]
    error: str = Field(description="One English sentence that says what is wrong and how to mend it.")
    error_code: str = Field(min_length=1, description="Stable, snake_case; safe to switch on.")
    error_ko: str = Field("", description="The same in Korean.")
    error_stage: str = Field("", description="The step that failed, empty when unknown.")
    retryable: bool = Field(description="Whether the same request may succeed later without a change.")
    outcomes: tuple[InputOutcome, ...] = Field(
        (), max_length=MOST_LISTED, strict=False, description="Of `no_readable_input` the first ones."
    )
    outcome_counts: OutcomeCounts = OutcomeCounts()
    outcomes_key: str = Field("", max_length=1024, description="All outcomes, one JSON object per line.")
    degraded: tuple[Degraded, ...] = Field((), strict=False)


class PublishedProgress(Told):
    """How far a task is."""

    task_type: str = Field(json_schema_extra={"enum": [f"{task.name}_PROGRESS" for task in TASKS]})
    task_id: TaskId = None
    timestamp: _AT
    payload: ProgressTold


class PublishedRefusal(Told):
    """A result of a message that names no task type that there is."""

    task_type: Literal["UNKNOWN_RESULT"]
    task_id: TaskId = None
    result_id: _RESULT_ID
    timestamp: _AT
    payload: FailedTold


def published_request(task: GraphTask) -> type[BaseModel]:
    """Return the model of a task's request."""
    fields: dict[str, Any] = {
        "taskType": (Literal[f"{task.name}_REQUEST"], Field(description="Older producers write `type`.")),
        "taskId": (_TASK_ID, None),
        "payload": (task.asked, ...),
        "timestamp": (_WHEN, None),
    }
    return create_model(f"{task.name}_REQUEST", __base__=LenientContract, **fields)


def published_result(task: GraphTask) -> type[BaseModel]:
    """Return the model of a task's result: COMPLETED with what its type gives, or FAILED with why."""
    done: dict[str, Any] = {
        "job_id": (Annotated[str, Field(description="Our id of the task.")], ...),
        "status": (Literal["COMPLETED"], ...),
        "error": (Literal[""], ""),
        "error_code": (Literal[""], ""),
    }
    completed = create_model(f"{task.result.__name__}Told", __base__=task.result, **done)
    fields: dict[str, Any] = {
        "task_type": (Literal[f"{task.name}_RESULT"], ...),
        "task_id": (TaskId, None),
        "result_id": (_RESULT_ID, ...),
        "timestamp": (_AT, ...),
        "payload": (completed | FailedTold, ...),
    }
    return create_model(f"{task.name}_RESULT", __base__=Told, **fields)
