"""The adapters that several processes share, chosen by settings and opened together.

Only what a setting chooses is imported: a worker on SQLite never loads the SQS client.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from academy.application.ports.clock import Clock
from academy.application.ports.job_queue import JobConsumer, JobPublisher, QueueAdmin
from academy.application.ports.object_store import ObjectStore, UploadGateway
from academy.application.ports.progress import ProgressStore
from academy.application.ports.telemetry import NoTracer, Tracer
from academy.bootstrap.settings import Objects, ProgressBackend, Queues, Settings
from academy.bootstrap.tracing import open_tracer
from academy.domain.signing import UrlSigner
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.prometheus.telemetry import PrometheusTelemetry
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase

if TYPE_CHECKING:
    from academy.infrastructure.s3.location import S3Location

__all__ = [
    "Backends",
    "Broker",
    "asked",
    "backend_checks",
    "check_backends",
    "open_backends",
    "open_uploads",
    "url_signer",
]

SWITCH_SECONDS = 0.0005
"""How long a thread of the process may keep the interpreter while another wants it: an answer of the database, which comes on a
thread, waits this long for a busy event loop and not the 5 ms that Python would let it."""


class Broker(JobPublisher, JobConsumer, QueueAdmin, Protocol):
    """An adapter that is all three."""


@dataclass(frozen=True, slots=True)
class Backends:
    """What every process works with."""

    settings: Settings
    clock: Clock
    database: SqlDatabase
    queue: Broker
    progress: ProgressStore
    video_objects: ObjectStore
    ai_objects: ObjectStore
    telemetry: PrometheusTelemetry
    tracer: Tracer = field(default_factory=NoTracer)


async def asked(answer: Awaitable[object]) -> str:
    """Return "ok" when `answer` comes, else what it raised in words."""
    try:
        await answer
    except Exception as error:  # noqa: BLE001 - told to the operator, who asked
        return f"{type(error).__name__}: {error}"
    return "ok"


async def check_backends(backends: Backends) -> list[tuple[str, str]]:
    """Ask every adapter whether it can work now; return (what, "ok" or what is wrong)."""
    return [(what, await asked(ask())) for what, ask in backend_checks(backends).items()]


def backend_checks(backends: Backends) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return how each adapter is asked whether it can work now."""
    return {
        "database": backends.database.ping,
        "queue": backends.queue.ping,
        "objects": backends.video_objects.ping,
        "progress": backends.progress.ping,
    }


def url_signer(settings: Settings) -> UrlSigner:
    """Return the signer of the URLs that our own API serves."""
    return UrlSigner([settings.upload_secret.get_secret_value().encode()])


@asynccontextmanager
async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
    """Open every adapter; close them in reverse order. Connects lazily: an outage shows at the first use."""
    sys.setswitchinterval(SWITCH_SECONDS)
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        connections = SqlConnections(settings.database, clock, pool_size=settings.database_pool)
        stack.callback(connections.close)
        database = SqlDatabase(connections)
        queue = await _open_queue(stack, settings, connections)
        progress = await _open_progress(stack, settings, connections)
        video, ai = (_objects(settings, clock, name) for name in (settings.bucket_video, settings.bucket_ai))
        tracer = open_tracer(stack, settings)
        yield Backends(settings, clock, database, queue, progress, video, ai, PrometheusTelemetry(), tracer)


async def _open_queue(stack: AsyncExitStack, settings: Settings, connections: SqlConnections) -> Broker:
    if settings.queue_backend is Queues.SQS:
        from academy.infrastructure.aws.credentials import CredentialsSource, container_url  # noqa: PLC0415
        from academy.infrastructure.sqs.client import SqsEndpoint  # noqa: PLC0415
        from academy.infrastructure.sqs.queue import SqsJobQueue  # noqa: PLC0415

        endpoint = SqsEndpoint(
            settings.aws_region,
            settings.sqs_endpoint_url,
            credentials=CredentialsSource(
                settings.aws_access_key_id.get_secret_value(),
                settings.aws_secret_access_key.get_secret_value(),
                settings.aws_session_token.get_secret_value(),
                container_url(settings.aws_container_relative_uri, settings.aws_container_full_uri),
                settings.aws_container_token.get_secret_value(),
                settings.aws_container_token_file,
            ),
        )
        return await stack.enter_async_context(
            SqsJobQueue.open(endpoint, fair_groups=settings.sqs_fair_groups)
        )
    from academy.infrastructure.sql.queue import SqlJobQueue  # noqa: PLC0415

    return SqlJobQueue(connections)


async def _open_progress(
    stack: AsyncExitStack, settings: Settings, connections: SqlConnections
) -> ProgressStore:
    if settings.progress_backend is ProgressBackend.REDIS:
        from academy.infrastructure.redis.progress import RedisProgressStore  # noqa: PLC0415

        return await stack.enter_async_context(RedisProgressStore.open(settings.redis_url.get_secret_value()))
    from academy.infrastructure.sql.progress import SqlProgressStore  # noqa: PLC0415

    return SqlProgressStore(connections)


def _objects(settings: Settings, clock: Clock, bucket: str) -> ObjectStore:
    if settings.objects_backend is Objects.S3:
        from academy.infrastructure.s3.objects import S3ObjectStore  # noqa: PLC0415

        return S3ObjectStore(_location(settings, bucket))
    from academy.infrastructure.filesystem.objects import FolderObjectStore  # noqa: PLC0415

    return FolderObjectStore(
        settings.objects_dir / bucket,
        bucket=bucket,
        signer=url_signer(settings),
        base_url=settings.base_url,
        clock=clock,
    )


@asynccontextmanager
async def open_uploads(settings: Settings, clock: Clock, bucket: str) -> AsyncIterator[UploadGateway]:
    """Open the gateway of direct uploads into a bucket."""
    if settings.objects_backend is Objects.S3:
        from academy.infrastructure.s3.uploads import S3UploadGateway  # noqa: PLC0415

        async with S3UploadGateway.open(_location(settings, bucket), clock) as gateway:
            yield gateway
        return
    from academy.infrastructure.filesystem.uploads import FolderUploadGateway  # noqa: PLC0415

    yield FolderUploadGateway(
        settings.objects_dir / bucket,
        bucket=bucket,
        signer=url_signer(settings),
        base_url=settings.base_url,
        clock=clock,
    )


def _location(settings: Settings, bucket: str) -> "S3Location":
    from academy.infrastructure.s3.location import S3Location  # noqa: PLC0415

    return S3Location(
        bucket=bucket,
        region=settings.r2_region,
        endpoint=settings.r2_endpoint_url,
        access_key_id=settings.r2_access_key_id.get_secret_value(),
        secret_access_key=settings.r2_secret_access_key.get_secret_value(),
    )
