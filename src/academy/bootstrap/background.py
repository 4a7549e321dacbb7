"""What the outbox relay and the reconciler run with."""

import os
import socket

from academy.application.ai.documents import Documents
from academy.application.ai.expiry import DocumentExpiry
from academy.application.ai.orphans import Orphans
from academy.application.ai.overlays import Overlays
from academy.application.jobs.fleet import FleetGauges
from academy.application.jobs.reconcile import Reconciler
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.retention import Retention
from academy.application.ports.object_store import UploadGateway
from academy.application.video.expiry import UploadExpiry
from academy.bootstrap.backends import Backends
from academy.bootstrap.job_types import all_job_types
from academy.bootstrap.queues import queue_names
from academy.infrastructure.filesystem.objects import FolderObjectStore
from academy.infrastructure.ids import new_id

__all__ = [
    "document_expiry",
    "fleet_gauges",
    "outbox_relay",
    "process_name",
    "reconciler",
    "retention",
    "upload_expiry",
]


def process_name(role: str) -> str:
    """Return how a process is named among those that are alive: role, host and process."""
    return f"{role}@{socket.gethostname()}:{os.getpid()}"


def outbox_relay(backends: Backends) -> OutboxRelay:
    """Return the relay from the outbox to the broker."""
    return OutboxRelay(
        backends.database, backends.queue, backends.telemetry, backends.video_objects, backends.tracer
    )


def reconciler(backends: Backends) -> Reconciler:
    """Return the reconciler of every job type."""
    return Reconciler(backends.database, all_job_types(backends.settings), backends.telemetry)


def retention(backends: Backends) -> Retention:
    """Return what removes finished jobs once they are old."""
    return Retention(backends.database, backends.telemetry)


def fleet_gauges(backends: Backends) -> FleetGauges:
    """Return what counts jobs, queues and workers when this process is scraped."""
    queues = queue_names(backends.settings)
    return FleetGauges(
        backends.database,
        backends.queue,
        all_job_types(backends.settings),
        tuple(queues.values()),
        backends.telemetry,
        backends.clock,
    )


def upload_expiry(backends: Backends, uploads: UploadGateway) -> UploadExpiry:
    """Return what ends abandoned uploads; a folder of ours is swept as well, a cloud store does so by its own rules."""
    store = backends.video_objects
    sweep = store.sweep if isinstance(store, FolderObjectStore) else None
    return UploadExpiry(backends.database, store, uploads, sweep)


def document_expiry(backends: Backends, uploads: UploadGateway) -> DocumentExpiry:
    """Return what ends abandoned uploads of documents, into the AI bucket, and takes away what nobody names; else as `upload_expiry`."""
    store = backends.ai_objects
    sweep = store.sweep if isinstance(store, FolderObjectStore) else None
    documents = Documents(backends.database, store, uploads, new_id)
    overlays, orphans = Overlays(backends.database, store), Orphans(backends.database, store)
    return DocumentExpiry(documents, overlays, orphans, sweep)
