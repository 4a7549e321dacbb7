"""What the video worker runs with."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.rotation import PolledQueue
from academy.application.ports.object_store import UploadGateway
from academy.application.video.job_types import PURGE, SWEEP, TRANSCODE, video_job_types
from academy.application.video.purge import PurgeHandler, SweepHandler
from academy.application.video.transcode import TranscodeHandler
from academy.bootstrap.backends import Backends, asked, check_backends, open_backends, open_uploads
from academy.bootstrap.media_tools import media_tools
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.bootstrap.worker import WorkerSetup, worker_setup
from academy.domain.video.ladder import LadderSettings
from academy.infrastructure.ffmpeg.engine import FfmpegMediaEngine
from academy.infrastructure.process import LocalChildProcesses

__all__ = ["check_video_worker", "open_video_worker", "video_worker_setup"]


@asynccontextmanager
async def open_video_worker(settings: Settings) -> AsyncIterator[WorkerSetup]:
    """Open what the video worker needs. Raises MediaError when ffmpeg is missing."""
    async with (
        open_backends(settings) as backends,
        open_uploads(settings, backends.clock, settings.bucket_video) as uploads,
    ):
        yield video_worker_setup(backends, uploads)


def video_worker_setup(backends: Backends, uploads: UploadGateway) -> WorkerSetup:
    """Return the setup over backends that are open already."""
    settings = backends.settings
    queue, tenant = settings.queue_video, settings.queue_video_tenant
    return worker_setup(
        backends,
        "video",
        queues=[PolledQueue(queue)],
        slots=settings.video_slots,
        types=video_job_types(queue_names(settings)),
        handlers=_handlers(backends, uploads),
        queue_tenants={queue: tenant} if tenant else None,
    )


async def check_video_worker(setup: WorkerSetup) -> list[tuple[str, str]]:
    """Ask every adapter and tool; return (what, "ok" or what is wrong and how to fix it)."""
    tools = media_tools(setup.backends.settings)
    return [
        *await check_backends(setup.backends),
        ("ffmpeg", await asked(tools.check(LocalChildProcesses()))),
    ]


def _handlers(backends: Backends, uploads: UploadGateway) -> dict[str, JobHandler]:
    settings = backends.settings
    tools = media_tools(settings)
    engine = FfmpegMediaEngine(LocalChildProcesses(), tools, threads=settings.video_threads)
    scratch = settings.work_dir or Path(tempfile.gettempdir()) / "academy-video"
    secret = settings.content_secret.get_secret_value().encode() if settings.video_encrypt else None
    ladder = LadderSettings(chunk_seconds=settings.video_chunk_seconds)
    database, store = backends.database, backends.video_objects
    return {
        TRANSCODE: TranscodeHandler(database, engine, store, scratch, secret, ladder),
        PURGE: PurgeHandler(database, store, uploads),
        SWEEP: SweepHandler(database, store),
    }
