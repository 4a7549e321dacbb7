"""Every published message with what a stranger needs to know of it, and complete examples."""

from academy.contracts.catalogue.ai_common import AI_MESSAGES
from academy.contracts.catalogue.ai_exams import EXAM_MESSAGES
from academy.contracts.catalogue.ai_papers import PAPER_MESSAGES
from academy.contracts.catalogue.common import COMMON_MESSAGES
from academy.contracts.catalogue.graph import GRAPH_MESSAGES
from academy.contracts.catalogue.message import (
    AI_BASIC_QUEUE,
    AI_LITE_QUEUE,
    AI_PREMIUM_QUEUE,
    GRAPH_QUEUE,
    MESSAGING_QUEUE,
    RESULT_QUEUE,
    VIDEO_QUEUE,
    Json,
    PublishedMessage,
)
from academy.contracts.catalogue.messaging import MESSAGING_MESSAGES
from academy.contracts.catalogue.video import VIDEO_MESSAGES

__all__ = [
    "AI_BASIC_QUEUE",
    "AI_LITE_QUEUE",
    "AI_PREMIUM_QUEUE",
    "GRAPH_QUEUE",
    "MESSAGES",
    "MESSAGING_QUEUE",
    "RESULT_QUEUE",
    "VIDEO_QUEUE",
    "Json",
    "PublishedMessage",
]

MESSAGES: tuple[PublishedMessage, ...] = (
    *VIDEO_MESSAGES,
    *MESSAGING_MESSAGES,
    *AI_MESSAGES,
    *EXAM_MESSAGES,
    *PAPER_MESSAGES,
    *GRAPH_MESSAGES,
    *COMMON_MESSAGES,
)
