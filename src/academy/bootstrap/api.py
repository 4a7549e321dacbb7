"""What the HTTP API runs with."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from academy.application.academics.classes import Classes
from academy.application.academics.exams import Exams
from academy.application.academics.lectures import Lectures
from academy.application.academics.people import People
from academy.application.academics.roster import Roster
from academy.application.ai.documents import Documents
from academy.application.ai.exam_desk import ExamDesk
from academy.application.ai.following import ScoresFollow
from academy.application.ai.overlays import Overlays
from academy.application.ai.review import Review
from academy.application.graph.desk import GraphDesk
from academy.application.jobs.fleet import FleetGauges
from academy.application.jobs.job_type import JobTypes
from academy.application.messaging.desk import Desk
from academy.application.messaging.orders import Orders
from academy.application.ports.clock import Clock
from academy.application.ports.database import Database
from academy.application.ports.job_queue import QueueAdmin
from academy.application.ports.object_store import ObjectStore, UploadGateway, UploadReceiver
from academy.application.ports.progress import ProgressStore
from academy.application.ports.telemetry import Telemetry, Tracer
from academy.application.video.catalogue import UploadLimits, VideoCatalogue
from academy.application.video.playback import Playback
from academy.bootstrap.backends import Backends, open_backends, open_uploads, url_signer
from academy.bootstrap.background import fleet_gauges
from academy.bootstrap.job_types import all_job_types
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Objects, Settings
from academy.domain.signing import UrlSigner
from academy.domain.video.playback import PlaybackSigner
from academy.infrastructure.filesystem.uploads import FolderUploadGateway
from academy.infrastructure.ids import new_id

__all__ = ["ApiServices", "ServedBucket", "SignedObjects", "open_api_services"]


@dataclass(frozen=True, slots=True)
class ServedBucket:
    """A bucket whose signed addresses lead to us."""

    store: ObjectStore
    receiver: UploadReceiver


@dataclass(frozen=True, slots=True)
class SignedObjects:
    """What `/objects` serves: nothing, unless the objects lie in a folder."""

    signer: UrlSigner
    buckets: Mapping[str, ServedBucket] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiServices:
    """Use cases and ports behind the HTTP API.

    Attributes:
        objects: None when a cloud store serves its own signed addresses.
        queue_names: the broker's names of all queues.
        fleet: counts jobs, queues and workers for the metrics.
        metrics: returns every metric in Prometheus' text format.
    """

    settings: Settings
    clock: Clock
    new_id: Callable[[], str]
    database: Database
    queue: QueueAdmin
    queue_names: tuple[str, ...]
    progress: ProgressStore
    video_objects: ObjectStore
    telemetry: Telemetry
    tracer: Tracer
    fleet: FleetGauges
    metrics: Callable[[], bytes]
    types: JobTypes
    catalogue: VideoCatalogue
    playback: Playback
    people: People
    roster: Roster
    classes: Classes
    lectures: Lectures
    exams: Exams
    message_desk: Desk
    message_orders: Orders
    ai_objects: ObjectStore
    documents: Documents
    exam_desk: ExamDesk
    overlays: Overlays
    review: Review
    graph_desk: GraphDesk
    objects: SignedObjects | None


@asynccontextmanager
async def open_api_services(
    settings: Settings, backends: Backends | None = None
) -> AsyncIterator[ApiServices]:
    """Open what the API needs, over backends that are open already if one process holds several roles."""
    async with AsyncExitStack() as stack:
        shared = backends
        if shared is None:
            shared = await stack.enter_async_context(open_backends(settings))
        uploads, ai_uploads = [
            await stack.enter_async_context(open_uploads(settings, shared.clock, bucket))
            for bucket in (settings.bucket_video, settings.bucket_ai)
        ]
        yield _services(settings, shared, uploads, ai_uploads)


def _services(
    settings: Settings, backends: Backends, uploads: UploadGateway, ai_uploads: UploadGateway
) -> ApiServices:
    queues = queue_names(settings)
    types = all_job_types(settings)
    limits = UploadLimits(max_bytes=settings.upload_max_bytes)
    signer = PlaybackSigner(settings.playback_keys, settings.playback_key_id)
    content_secret = settings.content_secret.get_secret_value().encode()
    return ApiServices(
        settings=settings,
        clock=backends.clock,
        new_id=new_id,
        database=backends.database,
        queue=backends.queue,
        queue_names=tuple(queues.values()),
        progress=backends.progress,
        video_objects=backends.video_objects,
        telemetry=backends.telemetry,
        tracer=backends.tracer,
        fleet=fleet_gauges(backends),
        metrics=backends.telemetry.exposition,
        types=types,
        catalogue=VideoCatalogue(backends.database, backends.video_objects, uploads, types, new_id, limits),
        playback=Playback(signer, content_secret, backends.clock, new_id),
        people=People(new_id, ScoresFollow()),
        roster=Roster(new_id, ScoresFollow()),
        classes=Classes(new_id, ScoresFollow()),
        lectures=Lectures(new_id),
        exams=Exams(new_id, ScoresFollow()),
        message_desk=Desk(new_id),
        message_orders=Orders(types, new_id),
        ai_objects=backends.ai_objects,
        documents=Documents(backends.database, backends.ai_objects, ai_uploads, new_id),
        exam_desk=ExamDesk(types, new_id),
        overlays=Overlays(backends.database, backends.ai_objects),
        review=Review(),
        graph_desk=GraphDesk(types, backends.ai_objects, new_id),
        objects=_served(settings, backends, uploads, ai_uploads),
    )


def _served(
    settings: Settings, backends: Backends, uploads: UploadGateway, ai_uploads: UploadGateway
) -> SignedObjects | None:
    if settings.objects_backend is not Objects.FOLDER:
        return None
    assert isinstance(uploads, FolderUploadGateway)
    assert isinstance(ai_uploads, FolderUploadGateway)
    buckets = {
        settings.bucket_video: ServedBucket(backends.video_objects, uploads),
        settings.bucket_ai: ServedBucket(backends.ai_objects, ai_uploads),
    }
    return SignedObjects(url_signer(settings), buckets)
