"""Messages about knowledge graphs and the microscope, in the words of their producers."""

from academy.contracts.catalogue.graph_examples import COMPLETED, FAILED, PAYLOADS, PROGRESS, REFUSED
from academy.contracts.catalogue.graph_file_examples import FILES
from academy.contracts.catalogue.graph_models import (
    PublishedProgress,
    PublishedRefusal,
    published_request,
    published_result,
)
from academy.contracts.catalogue.message import GRAPH_QUEUE, RESULT_QUEUE, Json, PublishedMessage
from academy.contracts.graph import InputOutcome
from academy.contracts.graph_file import GraphFile
from academy.contracts.graph_summary import GraphSummary
from academy.contracts.graph_wire import TASKS, GraphTask
from academy.contracts.microscope import MicroscopeFile

__all__ = ["GRAPH_MESSAGES"]

_AT = "2026-03-02T00:00:07.120Z"
_TITLES = {
    "GRAPH_GENERATION": ("Make a knowledge graph", "Chats, notes and documents become a user's graph."),
    "GRAPH_SUMMARY": ("Say what a graph holds", "In numbers and in words; every claim cites nodes."),
    "ADD_NODE": ("Let documents join a graph", "Without a rebuild; nodes and clusters stay what they were."),
    "MICROSCOPE_INGEST": (
        "Read a document under the microscope",
        "One document becomes passages, entities and relations.",
    ),
    "MICROSCOPE_QUERY": ("Ask documents", "The answer is theirs, and every sentence is cited."),
    "MICROSCOPE_SYNTHESIZE": ("Put documents together", "What several documents say of a topic."),
    "MICROSCOPE_RELATED_QUESTIONS": ("Find related questions", "Questions that the documents answer."),
}


def _messages(task: GraphTask) -> tuple[PublishedMessage, PublishedMessage]:
    title, summary = _TITLES[task.name]
    task_id = f"{task.name.lower().replace('_', '-')}-1"
    request: Json = {
        "taskType": f"{task.name}_REQUEST",
        "taskId": task_id,
        "payload": PAYLOADS[task.name],
        "timestamp": "2026-03-02T00:00:00Z",
    }
    return (
        PublishedMessage(
            f"{task.name}_REQUEST",
            title,
            f"{summary} Answered by one {task.name}_RESULT on {RESULT_QUEUE}.",
            published_request(task),
            channel=GRAPH_QUEUE,
            examples=(request,),
        ),
        PublishedMessage(
            f"{task.name}_RESULT",
            f"Result of {task.name}_REQUEST",
            "One for every request, COMPLETED or FAILED; sent once or more often, always under the same resultId.",
            published_result(task),
            channel=RESULT_QUEUE,
            examples=tuple(_result(task, task_id, payload) for payload in (COMPLETED[task.name], FAILED)),
        ),
    )


def _result(task: GraphTask, task_id: str, payload: Json) -> Json:
    common = {
        "userId": PAYLOADS[task.name]["userId"],
        "jobId": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
    }
    return {
        "taskType": f"{task.name}_RESULT",
        "taskId": task_id,
        "resultId": "5f0c3c57-36f5-5d6c-9f5e-0d9a1f1b7c11",
        "timestamp": _AT,
        "payload": {**common, **payload},
    }


_OTHER = (
    PublishedMessage(
        "GRAPH_PROGRESS",
        "How far a graph task is",
        "None, one or several before the result, taskType …_PROGRESS; the one with the higher sequence is the later.",
        PublishedProgress,
        channel=RESULT_QUEUE,
        examples=(PROGRESS,),
    ),
    PublishedMessage(
        "UNKNOWN_RESULT",
        "Result of a graph request of no known task type",
        "FAILED with request_invalid, and with whatever ids could be read in the message.",
        PublishedRefusal,
        channel=RESULT_QUEUE,
        examples=(REFUSED,),
    ),
    PublishedMessage(
        "graph_final",
        "A graph as a file",
        "What lies under resultS3Key of GRAPH_GENERATION_RESULT and ADD_NODE_RESULT: graph_final.json.",
        GraphFile,
        examples=(FILES["graph"],),
    ),
    PublishedMessage(
        "graph_summary",
        "A graph's summary as a file",
        "What lies under summaryS3Key: summary.json.",
        GraphSummary,
        examples=(FILES["summary"],),
    ),
    PublishedMessage(
        "graph_outcome",
        "What became of one input",
        "A line of the file under outcomesS3Key; the worst 200 stand in the result itself.",
        InputOutcome,
        examples=(FILES["outcome"],),
    ),
    PublishedMessage(
        "microscope_document",
        "A document under the microscope as a file",
        "What lies under resultS3Key of MICROSCOPE_INGEST_RESULT: microscope.json.",
        MicroscopeFile,
        examples=(FILES["microscope"],),
    ),
)
GRAPH_MESSAGES: tuple[PublishedMessage, ...] = (
    *(message for task in TASKS for message in _messages(task)),
    *_OTHER,
)
