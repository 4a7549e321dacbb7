"""A media engine in memory, a fuse that blows at the n-th call of a port, and a place where videos are made with both."""

import hashlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from academy.application.jobs.admission import Claimed
from academy.application.jobs.attempt import Attempt, JobHandler, Work
from academy.application.jobs.settle import settle
from academy.application.ports.database import JobFilter
from academy.application.ports.media import ChunkFiles, EncryptionKey, MediaEngine, Report, ThumbnailFiles
from academy.application.ports.object_store import ObjectHead
from academy.application.video.catalogue import BeginUpload, UploadLimits, VideoCatalogue
from academy.application.video.expiry import UploadExpiry
from academy.application.video.job_types import PURGE, SWEEP, TRANSCODE, video_job_types
from academy.application.video.purge import PurgeHandler, SweepHandler
from academy.application.video.transcode import TranscodeHandler
from academy.domain.job.job import Job
from academy.domain.upload import UploadPlan
from academy.domain.video.ladder import LadderSettings, RungSettings
from academy.domain.video.plan import Chunk, StreamPlan
from academy.domain.video.source import AudioTrack, FieldOrder, SourceInfo, Transfer, VideoTrack
from academy.domain.video.stream import Fragment, Rendition, Segment
from academy.domain.video.video import Video
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.uploads import MemoryUploadGateway
from tests.support.jobs import LEASE, QUEUE, World, open_world

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(64)
LADDER = LadderSettings(
    rungs=(RungSettings(720, 23.0, 2_500_000), RungSettings(360, 23.0, 750_000)), chunk_seconds=6.0
)
SECRET = b"s" * 32
CODECS = {"720p": "avc1.64001f", "360p": "avc1.64001e"}


class Killed(BaseException):
    """The process ends here: no handler may catch it, nothing of it is settled."""


@dataclass
class Fuse:
    """Raises `error` at the call number `at` (from 1), before or after the call took effect."""

    at: int = 0
    after: bool = False
    error: BaseException = field(default_factory=Killed)
    calls: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        """Note a call; blow if it is this one's turn."""
        self.calls.append(name)
        if len(self.calls) == self.at and not self.after:
            raise self.error

    def behind(self) -> None:
        """Blow after the call, if it was this one's turn."""
        if len(self.calls) == self.at and self.after:
            raise self.error


class FusedStore(MemoryObjectStore):
    """Objects in memory whose every call goes through a fuse."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.fuse = Fuse()
        self.puts: list[str] = []

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",
        spare: bool = False,
    ) -> None:
        self.fuse.before(f"put {key}")
        await super().put(key, data, content_type=content_type, spare=spare)
        self.puts.append(key)
        self.fuse.behind()

    async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
        self.fuse.before(f"get {key}")
        return await super().get(key, max_bytes=max_bytes)

    async def head(self, key: str) -> ObjectHead:
        self.fuse.before(f"head {key}")
        return await super().head(key)

    async def stream(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        self.fuse.before(f"stream {key}")
        async for piece in super().stream(key, start=start, length=length):
            yield piece

    async def download(self, key: str, target: Path) -> int:
        self.fuse.before(f"download {key}")
        return await super().download(key, target)

    async def list(self, prefix: str) -> AsyncIterator[ObjectHead]:
        self.fuse.before(f"list {prefix}")
        async for head in super().list(prefix):
            yield head

    async def delete(self, keys: Sequence[str]) -> None:
        self.fuse.before(f"delete {len(keys)}")
        await super().delete(keys)
        self.fuse.behind()

    def stored(self, prefix: str = "") -> set[str]:
        """Return every key there is."""
        return {key for key in self._objects if key.startswith(prefix)}


def source_info(content: bytes, seconds: float = 30.0) -> SourceInfo:
    """Return what a probe of a 720p recording says."""
    video = VideoTrack(
        *(0, "hevc", "Main", 93, "yuv420p", 1280, 720, 1280, 720, 0, Fraction(1), Fraction(30), False, 0.0),
        *(seconds, 2_000_000, Transfer.SDR, FieldOrder.PROGRESSIVE),
    )
    audio = AudioTrack(1, "aac", 2, 48_000, 0.0, seconds)
    return SourceInfo("mov", len(content), seconds, video, audio, hashlib.sha256(content).hexdigest())


class MemoryMediaEngine:
    """Makes small files that say what they were made of; every call goes through a fuse."""

    def __init__(self, seconds: float = 30.0) -> None:
        self.fuse = Fuse()
        self.seconds = seconds
        self.encoded: list[int] = []

    async def probe(self, source: Path) -> SourceInfo:
        self.fuse.before("probe")
        return source_info(source.read_bytes(), self.seconds)  # noqa: ASYNC240 - small

    async def encode_chunk(
        self, source: Path, info: SourceInfo, plan: StreamPlan, chunk: Chunk, folder: Path, report: Report
    ) -> ChunkFiles:
        self.fuse.before(f"encode {chunk.index}")
        report(0.5)
        files = {rung.name: folder / f"{rung.name}.mp4" for rung in plan.rungs}
        for name, path in files.items():
            path.write_bytes(f"{info.fingerprint} {name} {chunk.index}".encode())
        preview = folder / "preview.jpg"
        preview.write_bytes(f"preview {chunk.index}".encode())
        self.encoded.append(chunk.index)
        self.fuse.behind()
        return ChunkFiles(files, (preview,))

    async def copy_video(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        self.fuse.before("copy")
        path = folder / "copy.mp4"
        path.write_bytes(b"copy")
        return path

    async def encode_audio(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        self.fuse.before("audio")
        report(0.5)
        path = folder / "audio.mp4"
        path.write_bytes(f"{info.fingerprint} audio".encode())
        self.fuse.behind()
        return path

    async def package(
        self,
        plan: StreamPlan,
        rungs: dict[str, tuple[Path, ...]],
        audio: Path | None,
        key: EncryptionKey | None,
        folder: Path,
        report: Report,
    ) -> tuple[Rendition, ...]:
        self.fuse.before("package")
        made = []
        for name, pieces in (*rungs.items(), *([("audio", (audio,))] if audio else [])):
            place = folder / name
            place.mkdir()
            for file in ("init.mp4", "index.m3u8", "iframes.m3u8"):
                (place / file).write_bytes(b"x")
            segments = []
            for number, piece in enumerate(pieces, 1):
                assert piece is not None
                content = piece.read_bytes()
                (place / f"{number:05}.m4s").write_bytes(content)
                fragments = (Fragment(6.0, 0, len(content), 1),)
                segments.append(Segment(f"{number:05}.m4s", 6.0, len(content), fragments))
            width, height = (0, 0) if name == "audio" else (1280, 720)
            codec = CODECS.get(name, "mp4a.40.2")
            made.append(
                Rendition(
                    name,
                    codec,
                    width,
                    height,
                    Fraction(30),
                    "init.mp4",
                    tuple(segments),
                    2 if not width else 0,
                )
            )
            report(len(made) / 3)
        (folder / "master.m3u8").write_bytes(b"#EXTM3U")
        return tuple(made)

    async def thumbnails(
        self,
        plan: StreamPlan,
        previews: tuple[Path, ...],
        source: Path,
        info: SourceInfo,
        folder: Path,
        report: Report,
    ) -> ThumbnailFiles:
        self.fuse.before("thumbnails")
        poster, sprite, vtt = folder / "poster.jpg", folder / "sprite-001.jpg", folder / "thumbnails.vtt"
        poster.write_bytes(previews[0].read_bytes())
        sprite.write_bytes(b"".join(preview.read_bytes() for preview in previews))
        vtt.write_bytes(b"WEBVTT")
        report(1.0)
        return ThumbnailFiles(poster, (sprite,), vtt)


def stream_names(chunks: int = 5) -> set[str]:
    """Return the names within a complete published revision."""
    media = {f"{rung}/{n:05}.m4s" for rung in ("720p", "360p") for n in range(1, chunks + 1)}
    lists = {
        f"{name}/{file}"
        for name in ("720p", "360p", "audio")
        for file in ("init.mp4", "index.m3u8", "iframes.m3u8")
    }
    pictures = {f"thumbnails/{name}" for name in ("poster.jpg", "sprite-001.jpg", "thumbnails.vtt")}
    return media | lists | pictures | {"audio/00001.m4s", "master.m3u8"}


@dataclass
class Studio:
    """Everything that makes videos; the academy is `t1`."""

    world: World
    store: FusedStore
    engine: MemoryMediaEngine
    uploads: MemoryUploadGateway
    catalogue: VideoCatalogue
    expiry: UploadExpiry
    scratch: Path
    handlers: dict[str, JobHandler]

    async def upload(self, content: bytes = MP4, **wish: object) -> Video:
        """Begin an upload and send its bytes; it is not completed."""
        fields = {"title": "1강", "file_name": "1.mp4", "size": len(content), "content_type": "video/mp4"}
        video, _ = await self.catalogue.begin_upload("t1", BeginUpload(**{**fields, **wish}))  # type: ignore[arg-type]
        await self.store.put(video.file_key, content)
        return video

    async def uploaded(self, content: bytes = MP4) -> Video:
        """Upload and complete."""
        video = await self.upload(content)
        return (await self.catalogue.complete_upload("t1", video.id, ()))[0]

    async def ready(self) -> Video:
        """Return a published video, swept."""
        video = await self.uploaded()
        await self.work_off()
        return self.video(video.id)

    async def message(self, **fields: object) -> None:
        """Put an older producer's message on the queue."""
        await self.world.publish(json.dumps(fields))

    def video(self, video_id: str, tenant: str = "t1") -> Video:
        """Return a video that must be there."""
        video = self.world.database.read_sync(lambda tx: tx.videos.get(tenant, video_id))
        assert video is not None
        return video

    def jobs(self, video_id: str) -> dict[str, list[Job]]:
        """Return the jobs of a video by type, oldest first."""
        where = JobFilter(tenant_id="t1", subject=f"video:{video_id}")
        found: dict[str, list[Job]] = {}
        for job in reversed(self.world.database.read_sync(lambda tx: tx.jobs.list(where, "", 1000)).items):
            found.setdefault(job.type, []).append(job)
        return found

    async def take(self, worker: str = "w1") -> list[Claimed]:
        """Relay, receive and claim what is due."""
        await self.world.relay().relay_once()
        intake = self.world.intake(worker, handled=frozenset(self.handlers))
        admission = await intake.admit(await self.world.receive())
        await self.world.queue.ack([delivery.receipt for delivery in admission.finished])
        return admission.claimed

    def begin(self, claimed: Claimed) -> Attempt:
        """Return an attempt."""
        return Attempt(
            claimed, self.world.types[claimed.job.type], self.handlers[claimed.job.type], self.world.clock
        )

    async def finish(self, attempt: Attempt) -> Job:
        """Run an attempt, settle it, ack its message; return the job after it."""
        end = await attempt.run()
        if end is not None:
            ends = [(attempt.job, end)]
            if self.world.database.run_sync(lambda tx: settle(tx, self.world.types, ends)):
                await self.world.queue.ack([attempt.claimed.delivery.receipt])
        return self.world.job(attempt.job.id)

    async def crash(self, claimed: Claimed) -> None:
        """Run a handler as a process would that is killed on the way: nothing is settled, its lease runs out."""
        assert claimed.payload is not None
        work = Work(claimed.job, claimed.payload, lambda *_: None)
        with suppress(Killed):
            await self.handlers[claimed.job.type].run(work)
        self.store.fuse, self.engine.fuse = Fuse(), Fuse()
        self.world.manual.advance(LEASE.total_seconds() + 1)

    async def work_off(self, rounds: int = 50) -> list[Job]:
        """Do every job that is due until nothing is left; return the jobs as they ended."""
        done = []
        for _ in range(rounds):
            claims = await self.take()
            if not claims:
                break
            done += [await self.finish(self.begin(claimed)) for claimed in claims]
        return done

    def published(self, video: Video) -> set[str]:
        """Return the names of what lies under a video's published revision."""
        prefix = f"tenants/{video.tenant_id}/video/hls/{video.id}/{video.revision}/"
        return {key.removeprefix(prefix) for key in self.store.stored(prefix)}

    def strays(self, video: Video) -> set[str]:
        """Return what lies around of a video beside its source and its published revision."""
        kept = f"tenants/{video.tenant_id}/video/hls/{video.id}/{video.revision}/"
        ours = {key for key in self.store.stored() if f"/{video.id}/" in key}
        return {key for key in ours if not key.startswith(kept) and key != video.file_key}


@asynccontextmanager
async def open_studio(folder: Path, seconds: float = 30.0) -> AsyncIterator[Studio]:
    """Open a studio in `folder` whose time stands still; a recording lasts `seconds`."""
    clock = ManualClock()
    types = video_job_types({"video": QUEUE})
    async with open_world(folder, clock, types, max_receives=1000) as world:
        store, engine = FusedStore(clock), MemoryMediaEngine(seconds)
        uploads = MemoryUploadGateway(store, clock, UploadPlan(multipart_above=1000, part_size=1000))
        catalogue = VideoCatalogue(
            world.database, store, uploads, types, new_id, UploadLimits(max_bytes=10_000)
        )
        expiry = UploadExpiry(world.database, store, uploads)
        scratch = folder / "scratch"
        handlers: dict[str, JobHandler] = {
            TRANSCODE: TranscodeHandler(world.database, _checked(engine), store, scratch, SECRET, LADDER),
            PURGE: PurgeHandler(world.database, store, uploads),
            SWEEP: SweepHandler(world.database, store),
        }
        yield Studio(world, store, engine, uploads, catalogue, expiry, scratch, handlers)


def _checked(engine: MediaEngine) -> MediaEngine:
    """Return the engine: the type checker sees here that it has the port's shape."""
    return engine
