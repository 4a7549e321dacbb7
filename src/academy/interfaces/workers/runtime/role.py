"""From a setup to a running worker: the same for every role."""

import gc
from datetime import timedelta

from academy.bootstrap.settings import Queues
from academy.bootstrap.worker import WorkerSetup
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.http import serve_probes
from academy.interfaces.workers.runtime.probes import worker_probes
from academy.interfaces.workers.runtime.worker import Worker, drain_on_signals

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
    """Work until SIGTERM, with probes where settings want them."""
    worker = worker_of(setup)
    drain_on_signals(worker)
    # What was loaded stays to the end: no collection need walk it again, least of all the last one, which cost a fifth of a whole start.
    gc.freeze()
    probes = worker_probes(setup.backends, worker.health.alive)
    async with serve_probes(setup.backends.settings.health_bind, probes):
        await worker.run()
