"""The video worker: `python -m academy.interfaces.workers.video`."""

from datetime import timedelta

from academy.bootstrap.remedies import remedies
from academy.bootstrap.settings import Queues, Role, Settings
from academy.bootstrap.video_worker import VideoWorkerParts, check_video_worker, open_video_worker
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.http import serve_probes
from academy.interfaces.workers.runtime.main import report_checks, run_role
from academy.interfaces.workers.runtime.probes import worker_probes
from academy.interfaces.workers.runtime.worker import Worker, drain_on_signals

__all__ = ["video_worker"]


def video_worker(parts: VideoWorkerParts) -> Worker:
    """Return the worker over its parts."""
    backends, settings = parts.backends, parts.backends.settings
    config = WorkerConfig(
        name=parts.name,
        queue=settings.queue_video,
        slots=settings.video_slots,
        lease=timedelta(seconds=settings.lease_seconds),
        # SQS charges for every call; our own tables do not, and a short wait ends a drain quickly.
        receive_wait=settings.sqs_wait_seconds if settings.queue_backend is Queues.SQS else 2.0,
        drain=timedelta(seconds=settings.drain_seconds),
    )
    return Worker(
        config,
        WorkerParts(
            backends.database,
            backends.queue,
            backends.progress,
            parts.intake,
            parts.types,
            parts.handlers,
            backends.clock,
            backends.telemetry,
        ),
    )


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    async with open_video_worker(settings) as parts:
        worker = video_worker(parts)
        drain_on_signals(worker)
        probes = worker_probes(parts.backends, worker.health.alive)
        async with serve_probes(settings.health_bind, probes):
            await worker.run()


async def check(settings: Settings) -> None:
    """Ask every adapter and tool once."""
    async with open_video_worker(settings) as parts:
        report_checks(await check_video_worker(parts), remedies(settings))


if __name__ == "__main__":
    run_role(Role.VIDEO, "Makes adaptive streams of uploaded lecture videos.", run, check)
