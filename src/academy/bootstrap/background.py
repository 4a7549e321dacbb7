"""What the outbox relay and the reconciler run with."""

from academy.application.jobs.reconcile import Reconciler
from academy.application.jobs.relay import OutboxRelay
from academy.application.ports.object_store import UploadGateway
from academy.application.video.catalogue import VideoCatalogue
from academy.application.video.job_types import video_job_types
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names
from academy.infrastructure.ids import new_id

__all__ = ["catalogue", "outbox_relay", "reconciler"]


def outbox_relay(backends: Backends) -> OutboxRelay:
    """Return the relay from the outbox to the broker."""
    return OutboxRelay(backends.database, backends.queue, backends.telemetry, backends.video_objects)


def reconciler(backends: Backends) -> Reconciler:
    """Return the reconciler of every job type."""
    return Reconciler(backends.database, video_job_types(queue_names(backends.settings)), backends.telemetry)


def catalogue(backends: Backends, uploads: UploadGateway) -> VideoCatalogue:
    """Return the use cases of videos."""
    types = video_job_types(queue_names(backends.settings))
    return VideoCatalogue(backends.database, backends.video_objects, uploads, types, new_id)
