"""Write what producers of graph requests read: progress, results, and answers to what became no job (GRA-1)."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from academy.application.graph.effects import ERASE, TEND
from academy.application.graph.evidence import told_outcomes
from academy.contracts.base import InvalidMessage
from academy.contracts.field_words import BODIES
from academy.contracts.graph import Degraded, LeftOut
from academy.contracts.graph_told import GraphProgress, GraphResult, ProgressTold
from academy.contracts.graph_wire import TASKS, GraphTask, task_of
from academy.contracts.strict_json import UNFIT_CODES, read_object
from academy.domain.failures import Failure
from academy.domain.graph.characters import whole
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState

__all__ = ["progress_text", "refusal_text", "result_text"]

UNKNOWN_TASK = "UNKNOWN"
_INVALID = "request_invalid"
_NOT_UNDERSTOOD = "요청을 이해할 수 없습니다. 공개된 스키마로 확인한 뒤 다시 보내 주세요."
_CANCELLED = Failure("cancelled", "Somebody stopped the task.", "누군가 작업을 취소했습니다.")
_NOT_DONE = Failure("not_done", "The task was not done.", "작업이 처리되지 않았습니다.")
_LOOKED_AT = 64 << 10
_NAMES = {
    "task_id": ("taskId", "task_id"),
    "user_id": ("userId", "user_id"),
    "task_type": ("taskType", "task_type", "type"),
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
    told["degraded"] = [*told["degraded"], *_left_out(job)]
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


def refusal_text(body: str, error: InvalidMessage, number: str, at: datetime) -> str | None:
    """Return the result of a message that became no job, with whatever ids can be read in it; None for one of our own."""
    try:
        data: Mapping[str, Any] | None = read_object(body)
    except InvalidMessage:
        data = None
    if data is not None and _ours(data):
        return None
    ids = _ids(body, data)
    named = str(ids["task_type"] or "").removesuffix("_REQUEST")
    task = next((task for task in TASKS if task.name == named), None) or task_of(named)
    told = {
        "userId": ids["user_id"],
        "jobId": None,
        **_status("FAILED", error.reason, _INVALID if error.code in {"", *UNFIT_CODES} else error.code),
        "errorKo": error.korean or _korean(error.code),
        "retryable": False,
    }
    return _message(f"{_name(task)}_RESULT", ids["task_id"], number, at, told)


def _korean(code: str) -> str:
    """Return in Korean why a message is none, where its reason is told in English alone."""
    return BODIES[code][1] if code in BODIES else _NOT_UNDERSTOOD


def _left_out(job: Job) -> list[dict[str, str]]:
    """Return what the result tells of fields of the request that there are not: a misspelt one changed nothing."""
    found = [LeftOut.model_validate(each) for each in job.payload.get("left_out", ())]
    return [_hint(each).model_dump() for each in found]


def _hint(field: LeftOut) -> Degraded:
    meant = f"; was {field.nearest} meant?" if field.nearest else "."
    message = f"{field.name} is no field of this request, or is there under another name too, and was left out{meant}"
    return Degraded(what="request", code="unknown_field", message=message)


def _name(task: GraphTask | None) -> str:
    return task.name if task else UNKNOWN_TASK


def _failed(job: Job) -> dict[str, Any]:
    failure = job.failure
    if failure is None:
        failure = _CANCELLED if job.end_reason is EndReason.CANCELLED else _NOT_DONE
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


def _ours(data: Mapping[str, Any]) -> bool:
    """Return whether a message announces a job that no producer waits for: of tending or erasing, or ordered over HTTP."""
    if "v" not in data:
        return False
    if data.get("type") in (TEND, ERASE):
        return True
    payload = data.get("payload")
    known = isinstance(name := data.get("type"), str) and task_of(name) is not None
    return known and isinstance(payload, dict) and payload.get("task_id") is None


def _ids(body: str, data: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what can be read of the ids in a message that is wrong in some way; None for each that cannot."""
    if data is None:
        return {what: _whole(_found(body[:_LOOKED_AT], names)) for what, names in _NAMES.items()}
    payload = data.get("payload")
    places = (data, payload) if isinstance(payload, dict) else (data,)
    return {what: _whole(_first(places, names)) for what, names in _NAMES.items()}


def _whole(value: str | int | None) -> str | int | None:
    return whole(value) if isinstance(value, str) else value


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
