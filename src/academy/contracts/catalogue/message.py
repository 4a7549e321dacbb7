"""What is said of each published message, and the queues on which they travel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

__all__ = [
    "AI_BASIC_QUEUE",
    "AI_LITE_QUEUE",
    "AI_PREMIUM_QUEUE",
    "GRAPH_QUEUE",
    "MESSAGING_QUEUE",
    "RESULT_QUEUE",
    "VIDEO_QUEUE",
    "Json",
    "PublishedMessage",
    "envelope",
]

Json = dict[str, Any]
VIDEO_QUEUE = "academy-video-jobs"
MESSAGING_QUEUE = "academy-messaging-jobs"
AI_LITE_QUEUE = "academy-ai-jobs-lite"
AI_BASIC_QUEUE = "academy-ai-jobs-basic"
AI_PREMIUM_QUEUE = "academy-ai-jobs-premium"
GRAPH_QUEUE = "academy-graph-requests"
RESULT_QUEUE = "academy-graph-results"


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """One message and what a stranger needs to know of it.

    Attributes:
        name: of its schema file, and of the job type for an enveloped one.
        title, summary: for the reader.
        model: of the whole message, or of the payload when `enveloped`.
        enveloped: whether the model is the payload of an envelope.
        channel: the queue it travels on; "" for what never stands on a queue alone.
        also: further queues that take it.
        examples: complete and valid.
        notes: what fields of the envelope mean here, where it is something else than in a request.
    """

    name: str
    title: str
    summary: str
    model: type[BaseModel]
    enveloped: bool = False
    channel: str = ""
    also: tuple[str, ...] = ()
    examples: tuple[Json, ...] = field(default=())
    notes: Mapping[str, str] = field(default_factory=dict)


def envelope(job_type: str, key: str, payload: Json) -> Json:
    """Return a whole message around a payload."""
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
