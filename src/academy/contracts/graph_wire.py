"""The format of the producers of graph requests (CON-2): `{taskType, taskId?, payload, timestamp?}` in, one result out (GRA-1).

A request becomes a job of ours here and nowhere else; what is told of it on the way and at the end is written in their words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, JsonValue, ValidationError

from academy.contracts.base import Contract, InvalidMessage, LenientContract, misfit
from academy.contracts.graph import (
    AddNodes,
    GenerateGraph,
    GraphBuilt,
    Language,
    NodesAdded,
    Reported,
    SummarizeGraph,
    SummaryMade,
)
from academy.contracts.graph_loose import (
    MOST_LEFT_OUT,
    Documents,
    Flag,
    Keys,
    LooseTaskId,
    OneDocument,
    Prefixes,
    Whole,
    either,
    left_out,
    names_of,
    nearest,
    unfit,
)
from academy.contracts.incoming_fields import FileKey, Incoming, LooseId, short_enough
from academy.contracts.microscope import (
    AskMicroscope,
    DocumentIngested,
    IngestDocument,
    MicroscopeAnswer,
    RelatedQuestions,
    RelatedQuestionsMade,
    Synthesis,
    Synthesize,
)

__all__ = ["TASKS", "GraphRequest", "GraphTask", "task_of"]

_REQUEST = "_REQUEST"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")


class _Payload(LenientContract):
    """What a producer writes in `payload`; unknown fields are dropped, secrets among them."""

    user_id: LooseId = Field(validation_alias=either("userId"), serialization_alias="userId")
    bucket: str = Field("", max_length=200, description="Must be the system's own where it is named.")

    def ours(self) -> dict[str, Any]:
        """Return it by our own names."""
        return self.model_dump(by_alias=False)


class _Sources(_Payload):
    s3_key: Keys = Field(
        (), validation_alias=either("s3Key", "s3Keys"), description="One key or a list of keys."
    )
    extra_s3_keys: Keys = Field((), validation_alias=either("extraS3Keys", "extraS3Key"))
    s3_prefix: Prefixes = Field(
        (),
        validation_alias=either("s3Prefix", "s3Prefixes"),
        description="Everything under it; ends with `/`.",
    )

    def ours(self) -> dict[str, Any]:
        whole = self.model_dump(by_alias=False)
        keys, extra, prefixes = (whole.pop(name) for name in ("s3_key", "extra_s3_keys", "s3_prefix"))
        return {
            **whole,
            "keys": list(dict.fromkeys([*keys, *extra])),
            "prefixes": list(dict.fromkeys(prefixes)),
        }


class GenerationPayload(_Sources):
    """Of `GRAPH_GENERATION_REQUEST`."""

    include_summary: Flag = Field(False, validation_alias=either("includeSummary"))
    language: Language = "auto"
    seed: Whole = Field(0, ge=0, le=2**31 - 1)


class AddNodePayload(_Sources):
    """Of `ADD_NODE_REQUEST`."""


class SummaryPayload(_Payload):
    """Of `GRAPH_SUMMARY_REQUEST`."""

    language: Language = "auto"


class IngestPayload(_Payload):
    """Of `MICROSCOPE_INGEST_REQUEST`."""

    key: FileKey = Field(validation_alias=either("s3Key", "key"))
    document_id: OneDocument = Field(None, validation_alias=either("documentId", "nodeId"))
    title: Annotated[str, Field(max_length=500)] | None = None
    language: Language = "auto"

    def ours(self) -> dict[str, Any]:
        whole = self.model_dump(by_alias=False)
        return {**whole, "document_id": self.document_id or "", "title": self.title or ""}


class _AskPayload(_Payload):
    document_ids: Documents = Field((), validation_alias=either("documentIds", "documentId"))
    language: Language = "auto"


class QueryPayload(_AskPayload):
    """Of `MICROSCOPE_QUERY_REQUEST`."""

    question: str = Field(min_length=1, max_length=2000, validation_alias=either("question", "query"))
    limit: Whole = Field(5, ge=1, le=20, description="Passages to answer from.")


class SynthesizePayload(_AskPayload):
    """Of `MICROSCOPE_SYNTHESIZE_REQUEST`."""

    topic: str = Field("", max_length=500, description="Empty: of everything.")
    sentences: Whole = Field(8, ge=1, le=30)


class RelatedQuestionsPayload(_AskPayload):
    """Of `MICROSCOPE_RELATED_QUESTIONS_REQUEST`."""

    question: str = Field(
        "",
        max_length=2000,
        validation_alias=either("question", "query"),
        description="Near this one; empty: about what is most important.",
    )
    limit: Whole = Field(5, ge=1, le=20)


@dataclass(frozen=True, slots=True)
class GraphTask:
    """One task type: its name without `_REQUEST`, our job type, what its payload is in their words and in ours, and its result."""

    name: str
    job_type: str
    asked: type[_Payload]
    payload: type[Contract]
    result: type[Reported]


TASKS = (
    GraphTask("GRAPH_GENERATION", "graph.generate", GenerationPayload, GenerateGraph, GraphBuilt),
    GraphTask("GRAPH_SUMMARY", "graph.summarize", SummaryPayload, SummarizeGraph, SummaryMade),
    GraphTask("ADD_NODE", "graph.add_node", AddNodePayload, AddNodes, NodesAdded),
    GraphTask("MICROSCOPE_INGEST", "microscope.ingest", IngestPayload, IngestDocument, DocumentIngested),
    GraphTask("MICROSCOPE_QUERY", "microscope.query", QueryPayload, AskMicroscope, MicroscopeAnswer),
    GraphTask("MICROSCOPE_SYNTHESIZE", "microscope.synthesize", SynthesizePayload, Synthesize, Synthesis),
    GraphTask(
        "MICROSCOPE_RELATED_QUESTIONS",
        "microscope.related_questions",
        RelatedQuestionsPayload,
        RelatedQuestions,
        RelatedQuestionsMade,
    ),
)
_BY_REQUEST = {task.name + _REQUEST: task for task in TASKS}
_BY_JOB_TYPE = {task.job_type: task for task in TASKS}


def task_of(job_type: str) -> GraphTask | None:
    """Return the task that a job type does, None when none."""
    return _BY_JOB_TYPE.get(job_type)


class GraphRequest(LenientContract):
    """`{taskType (older: type), taskId?, payload, timestamp?}` on the queue of graph requests."""

    task_type: str = Field(validation_alias=either("taskType", "type"), description="…_REQUEST")
    task_id: LooseTaskId = Field(
        None,
        validation_alias=either("taskId"),
        description='The producer\'s own id, number or text (77 and "77" are two); the same one is done once. Without it every message is a task of its own.',
    )
    payload: dict[str, JsonValue]
    timestamp: JsonValue = Field(None, description="Taken in any form and not used.")

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Incoming:
        """Return a message as a job keyed by the producer's id. Raises InvalidMessage, in whole sentences."""
        try:
            request = cls.model_validate(data)
        except ValidationError as error:
            raise misfit(error) from None
        return request.incoming(_misplaced(data, request.payload))

    def incoming(self, misplaced: list[dict[str, str]]) -> Incoming:
        """Return this as a job; `misplaced`: fields of the payload that stand beside it. Raises InvalidMessage."""
        task = _BY_REQUEST.get(self.task_type)
        if task is None:
            raise _no_task(self.task_type)
        try:
            asked = task.asked.model_validate(self.payload)
        except ValidationError as error:
            raise unfit(error, task.asked, self.payload) from None
        identified = self.task_id is not None and str(self.task_id) != ""
        payload = {**asked.ours(), "task_id": self.task_id if identified else None}
        unread = [*misplaced, *left_out(task.asked, self.payload)]
        if unread:
            payload["left_out"] = unread
        # The number 77 and the text "77" are two tasks: their producers may be two.
        kind = "graph:" if isinstance(self.task_id, str) else "graph-number:"
        key = short_enough(kind, str(self.task_id)) if identified else ""
        return Incoming("", task.job_type, "", "", payload, key, "", "", legacy=True)


def _misplaced(data: Mapping[str, Any], payload: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the fields of a payload that stand beside it: whatever else stands there is a producer's own affair."""
    payload_names = {str(name) for each in TASKS for name in names_of(each.asked)}
    found = sorted(name for name in data if name in payload_names and name not in payload)
    return [{"name": name, "nearest": f"payload.{name}"} for name in found][:MOST_LEFT_OUT]


def _no_task(name: str) -> InvalidMessage:
    """Return why a message names no task; what it names is shown where it has the form of a name."""
    names = ", ".join(_BY_REQUEST)
    near = nearest(name, _BY_REQUEST)
    shown = f'"{name}" was sent' if _NAME.fullmatch(name) else "something else was sent"
    meant = f"; {near} may be meant" if near else ""
    return InvalidMessage(
        f"taskType is none of {names}: {shown}{meant}.",
        korean=f"taskType이 올바르지 않습니다{f'. {near}를 쓰려고 했는지 확인해 주세요' if near else ''}. 쓸 수 있는 값: {names}.",
    )
