"""The format of the producers of graph requests (CON-2): `{taskType, taskId?, payload, timestamp?}` in, one result out (GRA-1).

A request becomes a job of ours here and nowhere else; what is told of it on the way and at the end is written in their words.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, JsonValue, StrictInt

from academy.contracts.base import Contract, InvalidMessage, LenientContract
from academy.contracts.graph import (
    AddNodes,
    GenerateGraph,
    GraphBuilt,
    Language,
    NodesAdded,
    Reported,
    SummarizeGraph,
    SummaryMade,
    TaskText,
)
from academy.contracts.incoming_fields import Incoming, LooseId, OptionalId, short_enough
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


def _either(snake: str, *camel: str) -> Any:  # noqa: ANN401 - what Field takes
    return AliasChoices(*camel, snake)


def _one_or_more(value: object) -> object:
    """Take one text for a list of one, and nothing for none."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else value


_Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...] | None),
]


class _Payload(LenientContract):
    """What a producer writes in `payload`; unknown fields are dropped, secrets among them."""

    user_id: LooseId = Field(validation_alias=_either("user_id", "userId"), serialization_alias="userId")
    bucket: str = Field("", max_length=200, description="Must be the system's own where it is named.")

    def ours(self) -> dict[str, Any]:
        """Return it by our own names."""
        return self.model_dump(by_alias=False)


class _Sources(_Payload):
    s3_key: _Texts = Field(
        (), validation_alias=_either("s3_key", "s3Key", "s3Keys"), description="One key or a list of keys."
    )
    extra_s3_keys: _Texts = Field((), validation_alias=_either("extra_s3_keys", "extraS3Keys"))
    s3_prefix: _Texts = Field(
        (),
        validation_alias=_either("s3_prefix", "s3Prefix", "s3Prefixes"),
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

    include_summary: bool = Field(False, validation_alias=_either("include_summary", "includeSummary"))
    language: Language = "auto"
    seed: int = Field(0, ge=0, le=2**31 - 1)


class AddNodePayload(_Sources):
    """Of `ADD_NODE_REQUEST`."""


class SummaryPayload(_Payload):
    """Of `GRAPH_SUMMARY_REQUEST`."""

    language: Language = "auto"


class IngestPayload(_Payload):
    """Of `MICROSCOPE_INGEST_REQUEST`."""

    key: str = Field(validation_alias=_either("key", "s3Key", "s3_key"))
    document_id: OptionalId = Field(None, validation_alias=_either("document_id", "documentId", "nodeId"))
    title: str | None = None
    language: Language = "auto"

    def ours(self) -> dict[str, Any]:
        whole = self.model_dump(by_alias=False)
        return {**whole, "document_id": self.document_id or "", "title": self.title or ""}


class _AskPayload(_Payload):
    document_ids: _Texts = Field((), validation_alias=_either("document_ids", "documentIds", "documentId"))
    language: Language = "auto"


class QueryPayload(_AskPayload):
    """Of `MICROSCOPE_QUERY_REQUEST`."""

    question: str = Field(min_length=1, max_length=2000, validation_alias=AliasChoices("question", "query"))
    limit: int = Field(5, ge=1, le=20, description="Passages to answer from.")


class SynthesizePayload(_AskPayload):
    """Of `MICROSCOPE_SYNTHESIZE_REQUEST`."""

    topic: str = Field("", max_length=500, description="Empty: of everything.")
    sentences: int = Field(8, ge=1, le=30)


class RelatedQuestionsPayload(_AskPayload):
    """Of `MICROSCOPE_RELATED_QUESTIONS_REQUEST`."""

    question: str = Field(
        "",
        max_length=2000,
        validation_alias=AliasChoices("question", "query"),
        description="Near this one; empty: about what is most important.",
    )
    limit: int = Field(5, ge=1, le=20)


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

    task_type: str = Field(validation_alias=_either("task_type", "taskType", "type"), description="…_REQUEST")
    task_id: Annotated[TaskText | StrictInt | None, Field(union_mode="left_to_right")] = Field(
        None,
        validation_alias=_either("task_id", "taskId"),
        description="The producer's own id, number or text; the same one is done once. Without it every message is a task of its own.",
    )
    payload: dict[str, JsonValue]
    timestamp: JsonValue = Field(None, description="Taken in any form and not used.")

    def incoming(self) -> Incoming:
        """Return this as a job keyed by the producer's id; raise InvalidMessage for a task type that there is not."""
        task = _BY_REQUEST.get(self.task_type)
        if task is None:
            raise InvalidMessage(f"taskType is none of {', '.join(_BY_REQUEST)}")
        identified = self.task_id is not None and str(self.task_id) != ""
        payload = {
            **task.asked.model_validate(self.payload).ours(),
            "task_id": self.task_id if identified else None,
        }
        key = short_enough("graph:", str(self.task_id)) if identified else ""
        return Incoming("", task.job_type, "", "", payload, key, "", "", legacy=True)
