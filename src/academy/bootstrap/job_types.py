"""The job types of the whole system, for whoever looks after jobs of every kind."""

from academy.application.ai.job_types import ai_job_types
from academy.application.graph.job_types import graph_job_types
from academy.application.jobs.job_type import JobTypes
from academy.application.messaging.job_types import messaging_job_types
from academy.application.video.job_types import video_job_types
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings

__all__ = ["all_job_types"]


def all_job_types(settings: Settings) -> JobTypes:
    """Return every job type, bound to the broker's queue names; each feature's registry alone is enough for its worker."""
    names = queue_names(settings)
    every = (video_job_types, messaging_job_types, ai_job_types, graph_job_types)
    return JobTypes([job_type for registry in every for job_type in registry(names)], names)
