"""What is published of a job type of the AI worker: the message that orders it, and its result."""

from academy.contracts.base import Contract
from academy.contracts.catalogue.message import (
    AI_BASIC_QUEUE,
    AI_LITE_QUEUE,
    AI_PREMIUM_QUEUE,
    Json,
    PublishedMessage,
    envelope,
)

__all__ = ["CLASS", "EXAM", "STUDENTS", "ai_job", "document"]

EXAM = "0196a0d1-0000-7000-8000-000000e4a001"
CLASS = "0196a0d1-0000-7000-8000-00000c1a5501"
STUDENTS = ("0196a0d1-0000-7000-8000-000057d00001", "0196a0d1-0000-7000-8000-000057d00002")
_QUEUES = (AI_LITE_QUEUE, AI_BASIC_QUEUE, AI_PREMIUM_QUEUE)


def ai_job(
    name: str,
    title: str,
    summary: str,
    least: str,
    payload: tuple[type[Contract], Json],
    result: tuple[type[Contract], Json],
) -> tuple[PublishedMessage, PublishedMessage]:
    """Return the messages of a job type; `least` is the queue of its least tier, payload and result come with an example each."""
    queues = _QUEUES[_QUEUES.index(least) :]
    order = PublishedMessage(
        name,
        title,
        f"{summary} The tier is that of the queue on which it stands.",
        payload[0],
        enveloped=True,
        channel=least,
        also=queues[1:],
        examples=(envelope(name, f"{name}:2026-03-02:1", payload[1]),),
    )
    done = PublishedMessage(
        f"{name}.result",
        f"Result of {name}",
        "Stands in the job's row and in the API's answer.",
        result[0],
        examples=(result[1],),
    )
    return order, done


def document(
    number: int, purpose: str, file_name: str, content_type: str, size: int, subject: str = ""
) -> Json:
    """Return an example of a document that a job made."""
    return {
        "id": f"0196a0d1-0000-7000-8000-0000d0c{number:05d}",
        "purpose": purpose,
        "file_name": file_name,
        "content_type": content_type,
        "size": size,
        "subject": subject,
    }
