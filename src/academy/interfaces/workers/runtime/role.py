"""From a setup to a running worker: the same for every role."""

import gc
from datetime import timedelta

from academy.bootstrap.settings import Queues
from academy.bootstrap.worker import WorkerSetup
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.running import run_accompanied
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["run_worker", "worker_of"]

SQL_WAIT_SECONDS = 2.0
"""SQS charges for every call; our own tables do not, and a short wait ends a drain quickly."""


def worker_of(setup: WorkerSetup) -> Worker:
    """Return the worker over its setup; nothing runs yet."""
    backends, settings = setup.backends, setup.backends.settings
    config = WorkerConfig(
        name=setup.name,
        queues=setup.queues,
        slots=setup.slots,
        lease=timedelta(seconds=settings.lease_seconds),
        receive_wait=settings.sqs_wait_seconds if settings.queue_backend is Queues.SQS else SQL_WAIT_SECONDS,
        drain=timedelta(seconds=settings.drain_seconds),
    )
    parts = WorkerParts(
        backends.database,
        backends.queue,
        backends.queue,
        backends.progress,
        setup.intake,
        setup.types,
        setup.handlers,
        backends.clock,
        backends.telemetry,
        backends.tracer,
    )
    return Worker(config, parts)


async def run_worker(setup: WorkerSetup) -> None:
    """Work until SIGTERM, until the machine goes, or until there was nothing to do for long; with probes where settings want them."""
    # What was loaded stays to the end: no collection need walk it again, least of all the last one, which cost a fifth of a whole start.
    gc.freeze()
    await run_accompanied(setup, worker_of)
