"""The messages as documents for people who write in another language (CON-3): JSON Schema and AsyncAPI.

Sources: JSON Schema 2020-12; AsyncAPI 3.0.0 with its SQS channel binding 0.2.0. The schemas hold no reference to one another and
use only words that draft-07 knows as well, so that any validator can read each of them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from academy.contracts.claim_check import ClaimCheckMessage
from academy.contracts.envelope import Envelope
from academy.contracts.incoming import LegacyVideoDelete, LegacyVideoJob
from academy.contracts.video import PurgeVideo, SweepVideo, TranscodeResult, TranscodeVideo

__all__ = ["MESSAGES", "VIDEO_QUEUE", "PublishedMessage", "asyncapi_document", "documents", "message_schema"]

Json = dict[str, Any]

VIDEO_QUEUE = "academy-video-jobs"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """One message and what a stranger needs to know of it.

    Attributes:
        name: of its schema file, and of the job type for an enveloped one.
        title, summary: for the reader.
        model: of the whole message, or of the payload when `enveloped`.
        enveloped: whether the model is the payload of an envelope.
        channel: the queue it travels on; "" for what never stands on a queue alone.
        examples: complete and valid.
    """

    name: str
    title: str
    summary: str
    model: type[BaseModel]
    enveloped: bool = False
    channel: str = ""
    examples: tuple[Json, ...] = field(default=())


def _envelope(job_type: str, key: str, payload: Json) -> Json:
    return {
        "v": 1,
        "id": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
        "type": job_type,
        "tenant_id": "0196a0c0-0000-7000-8000-00000000aca1",
        "payload": payload,
        "created_at": "2026-03-02T09:00:00.000+09:00",
        "idempotency_key": key,
        "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "reply_to": "",
    }


_SOURCE = "tenants/0196a0c0-0000-7000-8000-00000000aca1/video/source/lecture-2026-03-02.mp4"
_RUNG: Json = {
    "name": "720p",
    "width": 1280,
    "height": 720,
    "codecs": "avc1.64001f,mp4a.40.2",
    "peak_bitrate": 2_310_400,
    "average_bitrate": 1_684_200,
    "copied": False,
}
_RESULT: Json = {
    "video_id": "lecture-2026-03-02",
    "revision": "0196a0c2-3",
    "duration": 3012.48,
    "encrypted": True,
    "rungs": [_RUNG],
    "warnings": ["rotated"],
}

MESSAGES = (
    PublishedMessage(
        "video.transcode",
        "Make a video's stream",
        "An uploaded file becomes an adaptive stream. The video's row is made when there is none.",
        TranscodeVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            _envelope(
                "video.transcode",
                "video:lecture-2026-03-02:1",
                {"video_id": "lecture-2026-03-02", "file_key": _SOURCE},
            ),
        ),
    ),
    PublishedMessage(
        "video.purge",
        "Remove a video",
        "Every object of the video is removed, then its row.",
        PurgeVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            _envelope("video.purge", "video-purge:lecture-2026-03-02", {"video_id": "lecture-2026-03-02"}),
        ),
    ),
    PublishedMessage(
        "video.sweep",
        "Tidy up after a video",
        "Every revision but the published one is removed. The system sends this to itself.",
        SweepVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            _envelope(
                "video.sweep",
                "video-sweep:0196a0c2:3",
                {"video_id": "lecture-2026-03-02", "keep_revision": "0196a0c2-3"},
            ),
        ),
    ),
    PublishedMessage(
        "legacy.video-job",
        "Make a video's stream (older format)",
        "As the producers that exist today send it. New producers send `video.transcode`.",
        LegacyVideoJob,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "video_id": 1042,
                "file_key": "uploads/1042.mp4",
                "tenant_code": "daechi",
                "created_at": "2026-03-02T09:00:00",
                "attempt": 1,
            },
        ),
    ),
    PublishedMessage(
        "legacy.video-delete",
        "Remove a video (older format)",
        "As the producers that exist today send it. New producers send `video.purge`.",
        LegacyVideoDelete,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "action": "delete_r2",
                "tenant_id": 3,
                "video_id": 1042,
                "file_key": "uploads/1042.mp4",
                "hls_prefix": "hls/1042/",
                "created_at": "2026-03-02T09:00:00",
            },
        ),
    ),
    PublishedMessage(
        "claim-check",
        "Message that lies in the object store",
        "Stands for a message too large for the queue; the object holds the message.",
        ClaimCheckMessage,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "claim_check": {
                    "v": 1,
                    "key": "tenants/daechi/claim-checks/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            },
        ),
    ),
    PublishedMessage(
        "envelope",
        "Envelope",
        "What every message of ours has around its payload.",
        Envelope,
        examples=(
            _envelope("video.transcode", "k-1", {"video_id": "lecture-2026-03-02", "file_key": _SOURCE}),
        ),
    ),
    PublishedMessage(
        "video.transcode.result",
        "Result of making a stream",
        "Stands in the job's row and in the API's answer.",
        TranscodeResult,
        examples=(_RESULT,),
    ),
)


def message_schema(message: PublishedMessage) -> Json:
    """Return the JSON Schema of a whole message."""
    schema = _schema_of(Envelope if message.enveloped else message.model)
    if message.enveloped:
        own = schema["properties"]
        own["type"] = {"type": "string", "const": message.name, "description": "Job type."}
        own["payload"] = _schema_of(message.model)
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
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Academy queues",
            "version": "1.0.0",
            "description": "Put a message on a queue and a worker does the work. docs/messages.md is the guide.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "videoJobs": {
                "address": VIDEO_QUEUE,
                "title": "Video jobs",
                "description": "A standard queue: at least once, in no order.",
                "messages": {m.name: {"$ref": f"#/components/messages/{m.name}"} for m in travelling},
                "bindings": {"sqs": _sqs_binding(VIDEO_QUEUE)},
            },
            "videoDeadLetters": {
                "address": f"{VIDEO_QUEUE}-dlq",
                "title": "Video messages nobody could work on",
                "description": "The body as it came; the message attribute DeadLetterReason says why it is here.",
                "messages": {"any": {"$ref": "#/components/messages/dead-letter"}},
            },
        },
        "operations": {
            "takeVideoJobs": {
                "action": "receive",
                "title": "The video worker takes jobs",
                "channel": {"$ref": "#/channels/videoJobs"},
                "messages": [{"$ref": f"#/channels/videoJobs/messages/{m.name}"} for m in travelling],
            },
            "setVideoMessagesAside": {
                "action": "send",
                "title": "The video worker sets aside what it cannot understand",
                "channel": {"$ref": "#/channels/videoDeadLetters"},
                "messages": [{"$ref": "#/channels/videoDeadLetters/messages/any"}],
            },
        },
        "components": {
            "messages": {**{m.name: _asyncapi_message(m) for m in travelling}, "dead-letter": _DEAD_LETTER},
        },
    }


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


def _sqs_binding(queue: str) -> Json:
    return {
        "bindingVersion": "0.2.0",
        "queue": {
            "name": queue,
            "fifoQueue": False,
            "receiveMessageWaitTime": 20,
            "visibilityTimeout": 120,
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
