"""Write what producers of graph requests read: progress, results, and answers to what became no job (GRA-1)."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from academy.application.graph.evidence import told_outcomes
from academy.contracts.base import InvalidMessage
from academy.contracts.graph_told import GraphProgress, GraphResult, ProgressTold
from academy.contracts.graph_wire import TASKS, GraphTask, task_of
from academy.contracts.strict_json import read_object
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState

__all__ = ["progress_text", "refusal_text", "result_text"]

UNKNOWN_TASK = "UNKNOWN"
_LOOKED_AT = 64 << 10
_NAMES = {
    "task_id": ("taskId", "task_id"),
    "user_id": ("userId", "user_id"),
    "task_type": ("taskType", "type"),
}


def result_text(job: Job, number: str) -> str:
    """Return the result of a finished graph job; `number` is the result's id."""
    assert job.finished_at is not None
    task = task_of(job.type)
    assert task is not None
    told: dict[str, Any] = {"userId": job.payload.get("user_id"), "jobId": job.id}
    if job.state is JobState.SUCCEEDED and job.result is not None:
        result = task.result.model_validate(job.result)
        told |= {**result.model_dump(mode="json", by_alias=True), **_status("COMPLETED", "", "")}
    else:
        told |= _failed(job)
    return _message(f"{task.name}_RESULT", job.payload.get("task_id"), number, job.finished_at, told)


def progress_text(job: Job, progress: Progress, sequence: int, at: datetime) -> str:
    """Return how far a graph job is."""
    task = task_of(job.type)
    assert task is not None
    told = ProgressTold(
        user_id=str(job.payload.get("user_id")),
        job_id=job.id,
        percent=progress.percent,
        sequence=sequence,
        stage=progress.step,
        stage_number=progress.step_index,
        stages=progress.step_count,
        remaining_seconds=progress.remaining_seconds,
        attempt=job.attempt,
    )
    message = GraphProgress(
        task_type=f"{task.name}_PROGRESS",
        task_id=job.payload.get("task_id"),
        timestamp=_written(at),
        payload=told,
    )
    return message.model_dump_json(by_alias=True)


def refusal_text(body: str, reason: str, number: str, at: datetime) -> str:
    """Return the result of a message that became no job, with whatever ids can be read in it."""
    ids = _ids(body)
    named = str(ids["task_type"] or "").removesuffix("_REQUEST")
    task = next((task for task in TASKS if task.name == named), None)
    told = {
        "userId": ids["user_id"],
        "jobId": None,
        **_status("FAILED", reason, "request_invalid"),
        "retryable": False,
    }
    return _message(f"{_name(task)}_RESULT", ids["task_id"], number, at, told)


def _name(task: GraphTask | None) -> str:
    return task.name if task else UNKNOWN_TASK


def _failed(job: Job) -> dict[str, Any]:
    failure = job.failure
    if failure is None:
        cancelled = job.end_reason is EndReason.CANCELLED
        code = "cancelled" if cancelled else "not_done"
        failure = Failure(code, "Somebody stopped the task." if cancelled else "The task was not done.")
    return {
        **_status("FAILED", failure.message, failure.code),
        "errorKo": failure.message_ko,
        "errorStage": failure.stage,
        "retryable": failure.retryable,
        **told_outcomes(failure),
        "degraded": [],
    }


def _status(status: Literal["COMPLETED", "FAILED"], error: str, code: str) -> dict[str, Any]:
    return {"status": status, "error": error, "errorCode": code}


def _message(task_type: str, task_id: Any, number: str, at: datetime, payload: dict[str, Any]) -> str:  # noqa: ANN401 - JSON
    message = GraphResult(
        task_type=task_type, task_id=task_id, result_id=number, timestamp=_written(at), payload=payload
    )
    return message.model_dump_json(by_alias=True)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ids(body: str) -> Mapping[str, Any]:
    """Return what can be read of the ids in a message that is wrong in some way; None for each that cannot."""
    try:
        data: Mapping[str, Any] = read_object(body)
    except InvalidMessage:
        return {what: _whole(_found(body[:_LOOKED_AT], names)) for what, names in _NAMES.items()}
    payload = data.get("payload")
    places = (data, payload) if isinstance(payload, dict) else (data,)
    return {what: _whole(_first(places, names)) for what, names in _NAMES.items()}


def _whole(value: str | int | None) -> str | int | None:
    """Return an id that every encoding can say: halves of surrogate pairs are replaced."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _first(places: tuple[Mapping[str, Any], ...], names: tuple[str, ...]) -> str | int | None:
    for place in places:
        for name in names:
            value = place.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= 200:
                return value
    return None


def _found(text: str, names: tuple[str, ...]) -> str | int | None:
    """Look for `"name": value` in text that is no JSON: a message that was cut off still names its task."""
    for name in names:
        match = re.search(
            rf'"{name}"\s*:\s*("(?:[^"\\\x00-\x1f]|\\.){{0,200}}"|-?\d{{1,18}}(?![\d.eE]))', text
        )
        if match:
            try:
                value = json.loads(match[1])
            except ValueError:
                continue
            return value if isinstance(value, str | int) else None
    return None
