"""The queues of the whole system and what each is made with (QUE-1)."""

from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.settings import Settings

__all__ = ["queue_names", "queue_plan"]

MESSAGING_VISIBILITY_SECONDS = 60


def queue_names(settings: Settings) -> dict[str, str]:
    """Return the broker's name of each queue, by the name that job types use."""
    return {
        "video": settings.queue_video,
        "ai_lite": settings.queue_ai_lite,
        "ai_basic": settings.queue_ai_basic,
        "ai_premium": settings.queue_ai_premium,
        "messaging": settings.queue_messaging,
        "graph_requests": settings.queue_graph_requests,
        "graph_results": settings.queue_graph_results,
    }


def queue_plan(settings: Settings) -> list[QueueSettings]:
    """Return every queue as it has to be; each has its dead-letter queue."""
    return [
        QueueSettings(name, visibility_seconds=MESSAGING_VISIBILITY_SECONDS)
        if use == "messaging"
        else QueueSettings(name)
        for use, name in queue_names(settings).items()
    ]
