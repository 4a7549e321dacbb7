"""The queues of the whole system and what each is made with (QUE-1)."""

from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.settings import Settings

__all__ = ["queue_names", "queue_plan", "result_queues"]

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


def result_queues(settings: Settings) -> frozenset[str]:
    """Return the queues that a message may name in `reply_to`: that of graph results and those set by the operator."""
    return frozenset({settings.queue_graph_results, *settings.result_queues})


def queue_plan(settings: Settings) -> list[QueueSettings]:
    """Return every queue as it has to be; each has its dead-letter queue."""
    names = queue_names(settings)
    jobs = [
        QueueSettings(name, visibility_seconds=MESSAGING_VISIBILITY_SECONDS)
        if use == "messaging"
        else QueueSettings(name)
        for use, name in names.items()
    ]
    return [*jobs, *(QueueSettings(name) for name in sorted(result_queues(settings) - set(names.values())))]
