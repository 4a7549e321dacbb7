"""Messages about the AI worker as a whole, and the specification of answer sheets."""

from academy.contracts.catalogue.message import (
    AI_BASIC_QUEUE,
    AI_LITE_QUEUE,
    AI_PREMIUM_QUEUE,
    Json,
    PublishedMessage,
)
from academy.contracts.incoming import LegacyAiJob
from academy.contracts.omr import SheetSpecification

__all__ = ["AI_MESSAGES"]

_SHEET: Json = {
    "v": 1,
    "id": "vendor-answer-card-20",
    "version": 1,
    "width": 210,
    "height": 297,
    "anchor": "markers",
    "markers": [
        {"kind": "square", "x": 12, "y": 12, "size": 6},
        {"kind": "square", "x": 198, "y": 12, "size": 6},
        {"kind": "square", "x": 12, "y": 285, "size": 6},
    ],
    "code": None,
    "blocks": [
        {
            "name": "questions",
            "purpose": "choice",
            "run": "down",
            "grid": {"x": 40, "y": 60, "field_step": 9.5, "choice_step": 8, "width": 4.4, "height": 3.6},
            "fields": [str(number) for number in range(1, 21)],
            "choices": ["1", "2", "3", "4", "5"],
        },
        {
            "name": "student",
            "purpose": "identifier",
            "run": "across",
            "grid": {
                "x": 120,
                "y": 60,
                "field_step": 6,
                "choice_step": 6,
                "width": 4,
                "height": 4,
                "shape": "box",
            },
            "fields": [f"digit-{number}" for number in range(1, 9)],
            "choices": list("0123456789"),
        },
    ],
}

AI_MESSAGES = (
    PublishedMessage(
        "legacy.ai-job",
        "Have the AI worker do something (older format)",
        "As the producers that exist today send it to the queue of its tier: academy-ai-jobs-lite, -basic or -premium.",
        LegacyAiJob,
        channel=AI_BASIC_QUEUE,
        also=(AI_LITE_QUEUE, AI_PREMIUM_QUEUE),
        examples=(
            {
                "job_id": "7f1c6e02-52f1-4d6c-9e2d-0d8f4a6b1a55",
                "job_type": "omr_grading",
                "tier": "basic",
                "payload": {"scan_id": "0196a0d1-5c1e-7d20-8a11-2f6b1c9e4a02"},
                "tenant_id": 3,
                "source_domain": "exams",
                "source_id": 88041,
                "created_at": "2026-03-02T18:02:11",
                "attempt": 1,
            },
        ),
    ),
    PublishedMessage(
        "omr.sheet",
        "Specification of an answer sheet",
        "Says where on the page what is marked. Drawing, reading and scoring follow it, for own sheets and for those of other vendors.",
        SheetSpecification,
        examples=(_SHEET,),
    ),
)
