"""The messages as documents for people who write in another language (CON-3): JSON Schema and AsyncAPI.

Sources: JSON Schema 2020-12; AsyncAPI 3.0.0 with its SQS channel binding 0.2.0. The schemas hold no reference to one another and
use only words that draft-07 knows as well, so that any validator can read each of them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from academy.contracts.catalogue import (
    AI_BASIC_QUEUE,
    AI_LITE_QUEUE,
    AI_PREMIUM_QUEUE,
    GRAPH_QUEUE,
    MESSAGES,
    MESSAGING_QUEUE,
    RESULT_QUEUE,
    VIDEO_QUEUE,
    Json,
    PublishedMessage,
)
from academy.contracts.envelope import Envelope

__all__ = ["asyncapi_document", "documents", "message_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VISIBILITY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _JobQueue:
    """A queue on which other systems ask for work.

    Attributes:
        name: of its channel, before `Jobs` and `DeadLetters`.
        worker: who takes from it, for the reader.
    """

    name: str
    address: str
    worker: str
    visibility_seconds: int = VISIBILITY_SECONDS

    @property
    def messages(self) -> list[str]:
        """Return the names of the messages that travel on it."""
        return [message.name for message in MESSAGES if self.address in {message.channel, *message.also}]

    @property
    def title(self) -> str:
        """Return its name as a heading begins with it."""
        return self.name[0].upper() + self.name[1:]


_JOB_QUEUES = (
    _JobQueue("video", VIDEO_QUEUE, "The video worker"),
    _JobQueue("aiLite", AI_LITE_QUEUE, "The AI worker"),
    _JobQueue("aiBasic", AI_BASIC_QUEUE, "The AI worker"),
    _JobQueue("aiPremium", AI_PREMIUM_QUEUE, "The AI worker with models"),
    _JobQueue("messaging", MESSAGING_QUEUE, "The messaging worker", visibility_seconds=60),
    _JobQueue("graph", GRAPH_QUEUE, "The graph worker"),
)


def message_schema(message: PublishedMessage) -> Json:
    """Return the JSON Schema of a whole message."""
    schema = _schema_of(Envelope if message.enveloped else message.model)
    if message.enveloped:
        own = schema["properties"]
        own["type"] = {"type": "string", "const": message.name, "description": "Job type."}
        own["payload"] = _schema_of(message.model)
        for name, note in message.notes.items():
            own[name] = {**own[name], "description": note}
    head = {
        "$schema": DIALECT,
        "$id": f"urn:academy:schema:{message.name}",
        "title": message.title,
        "description": message.summary,
    }
    return {**head, **{name: value for name, value in schema.items() if name not in head}}


def documents() -> dict[str, Json]:
    """Return every document by the name of its file."""
    schemas = {f"{message.name}.json": message_schema(message) for message in MESSAGES}
    return {**schemas, "asyncapi.json": asyncapi_document()}


def asyncapi_document() -> Json:
    """Return the queues, who sends and takes what there, and every message with its schema and examples."""
    travelling = [message for message in MESSAGES if message.channel]
    results = [message.name for message in travelling if message.channel == RESULT_QUEUE]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Academy queues",
            "version": "1.0.0",
            "description": "Put a message on a queue and a worker does the work. docs/messages.md is the guide.",
        },
        "defaultContentType": "application/json",
        "channels": {
            **{f"{queue.name}Jobs": _jobs_channel(queue) for queue in _JOB_QUEUES},
            "jobResults": {
                "address": RESULT_QUEUE,
                "title": "Results",
                "description": "Progress and results of graph requests, and how jobs ended whose request named this queue in "
                "`reply_to`. Other queues are named by the operator.",
                "messages": _references(results),
                "bindings": {"sqs": _sqs_binding(RESULT_QUEUE, VISIBILITY_SECONDS)},
            },
            **{f"{queue.name}DeadLetters": _dead_letters_channel(queue) for queue in _JOB_QUEUES},
        },
        "operations": _operations(results),
        "components": {
            "messages": {**{m.name: _asyncapi_message(m) for m in travelling}, "dead-letter": _DEAD_LETTER},
        },
    }


def _jobs_channel(queue: _JobQueue) -> Json:
    return {
        "address": queue.address,
        "title": f"{queue.title} jobs",
        "description": "A standard queue: at least once, in no order.",
        "messages": _references(queue.messages),
        "bindings": {"sqs": _sqs_binding(queue.address, queue.visibility_seconds)},
    }


def _dead_letters_channel(queue: _JobQueue) -> Json:
    return {
        "address": f"{queue.address}-dlq",
        "title": f"{queue.title} messages nobody could work on",
        "description": "The body as it came; the message attribute DeadLetterReason says why it is here.",
        "messages": {"any": {"$ref": "#/components/messages/dead-letter"}},
    }


def _references(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operations(results: list[str]) -> Json:
    taking = {
        f"take{queue.title}Jobs": {
            "action": "receive",
            "title": f"{queue.worker} takes jobs",
            "channel": {"$ref": f"#/channels/{queue.name}Jobs"},
            "messages": [{"$ref": f"#/channels/{queue.name}Jobs/messages/{name}"} for name in queue.messages],
        }
        for queue in _JOB_QUEUES
    }
    setting_aside = {
        f"set{queue.title}MessagesAside": {
            "action": "send",
            "title": f"{queue.worker} sets aside what it cannot understand",
            "channel": {"$ref": f"#/channels/{queue.name}DeadLetters"},
            "messages": [{"$ref": f"#/channels/{queue.name}DeadLetters/messages/any"}],
        }
        for queue in _JOB_QUEUES
    }
    telling = {
        "action": "send",
        "title": "A worker tells how a graph request goes and ends, or how a job ended to the queue that its request named",
        "channel": {"$ref": "#/channels/jobResults"},
        "messages": [{"$ref": f"#/channels/jobResults/messages/{name}"} for name in results],
    }
    return {**taking, "tellResults": telling, **setting_aside}


_DEAD_LETTER: Json = {
    "name": "dead-letter",
    "title": "Dead letter",
    "summary": "A message that was set aside, unchanged.",
    "headers": {
        "type": "object",
        "properties": {
            "DeadLetterReason": {
                "type": "string",
                "maxLength": 1000,
                "description": "One line for a person.",
            },
            "DeadLetterOrigin": {
                "type": "string",
                "description": "JSON: message_id, sent_at, receive_count.",
            },
        },
    },
    "payload": {"description": "The body as it came; not always JSON."},
}


def _asyncapi_message(message: PublishedMessage) -> Json:
    schema = {
        name: value for name, value in message_schema(message).items() if name not in {"$schema", "$id"}
    }
    return {
        "name": message.name,
        "title": message.title,
        "summary": message.summary,
        "contentType": "application/json",
        "payload": schema,
        "examples": [{"payload": example} for example in message.examples],
    }


def _sqs_binding(queue: str, visibility_seconds: int) -> Json:
    return {
        "bindingVersion": "0.2.0",
        "queue": {
            "name": queue,
            "fifoQueue": False,
            "receiveMessageWaitTime": 20,
            "visibilityTimeout": visibility_seconds,
            "messageRetentionPeriod": 14 * 86_400,
            "redrivePolicy": {"deadLetterQueue": {"name": f"{queue}-dlq"}, "maxReceiveCount": 10},
        },
    }


def _schema_of(model: type[BaseModel]) -> Json:
    schema = model.model_json_schema(mode="validation", by_alias=True)
    definitions = schema.pop("$defs", {})
    inlined = _inline(schema, definitions)
    assert isinstance(inlined, dict)
    return inlined


def _inline(node: object, definitions: Mapping[str, Json]) -> object:
    """Put every definition where it is used, and drop the titles that are only field names over again."""
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[str(node["$ref"]).removeprefix("#/$defs/")]
        return _inline({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    return {
        name: (
            {k: _inline(v, definitions) for k, v in value.items()}
            if name == "properties"
            else _inline(value, definitions)
        )
        for name, value in node.items()
        if name != "title"
    }
