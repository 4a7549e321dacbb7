"""The handler of `video.transcode`: from an uploaded file to a published adaptive stream."""

import asyncio
import errno
import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.owned import check_ids, check_owned
from academy.application.ports.database import Database
from academy.application.ports.media import EncryptionKey, MediaEngine, MediaError, ThumbnailFiles
from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.application.video.owned import check_not_deleted
from academy.application.video.publish import publish
from academy.application.video.shelf import WorkShelf
from academy.contracts.video import TranscodedRung, TranscodeResult, TranscodeVideo
from academy.domain.tenant.tenant import hls_prefix, work_prefix
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.hls import bit_rates, target_duration
from academy.domain.video.ladder import LadderSettings, plan_stream
from academy.domain.video.plan import Chunk, StreamPlan
from academy.domain.video.playback import content_key
from academy.domain.video.source import SourceInfo
from academy.domain.video.stream import Rendition

__all__ = ["TranscodeHandler", "revision_name"]

FORGOTTEN_SECONDS = 24 * 3600
"""Age at which a folder is nobody's: no attempt may last half as long."""


def revision_name(job_id: str, token: int) -> str:
    """Return the name of the revision that one attempt publishes; no two attempts share one."""
    return f"r{token}-{hashlib.sha256(job_id.encode()).hexdigest()[:12]}"


@dataclass(slots=True)
class _Pieces:
    """What was encoded: rung name → files in order, the audio track, preview pictures."""

    rungs: dict[str, list[Path]]
    audio: Path | None
    previews: list[Path]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One attempt's surroundings."""

    work: Work
    payload: TranscodeVideo
    folder: Path
    source: Path
    info: SourceInfo
    plan: StreamPlan
    shelf: WorkShelf

    def reporter(self, step: str, start: float = 0.0, share: float = 1.0) -> Callable[[float], None]:
        """Return where the progress of a part of `step` goes that begins at `start` and makes up `share` of it."""
        return lambda fraction: self.work.report(step, start + share * fraction)


class TranscodeHandler:
    """Downloads, probes, encodes what no earlier attempt finished, packages, publishes."""

    def __init__(
        self,
        database: Database,
        media: MediaEngine,
        store: ObjectStore,
        scratch: Path,
        content_secret: bytes | None,
        ladder: LadderSettings,
    ) -> None:
        """Work in folders under `scratch`; without `content_secret` the stream is not encrypted."""
        self._database = database
        self._media = media
        self._store = store
        self._scratch = scratch
        self._content_secret = content_secret
        self._ladder = ladder

    async def run(self, work: Work) -> TranscodeResult:
        """Make and publish the stream of one video. Raises WorkFailed."""
        payload = work.payload
        assert isinstance(payload, TranscodeVideo)
        check_ids(work.job.tenant_id, payload.video_id)
        await check_owned(self._database, work.job.tenant_id, payload.file_key)
        await check_not_deleted(self._database, work.job.tenant_id, payload.video_id)
        home = self._scratch / f"job-{hashlib.sha256(work.job.id.encode()).hexdigest()[:16]}"
        folder = home / str(work.job.token)
        try:
            await asyncio.to_thread(_make_room, home, folder)
            return await self._make(work, payload, folder)
        except MediaError as error:
            raise WorkFailed(error.failure) from error
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise WorkFailed(video_failure(VideoFailure.DISK_FULL)) from error
        finally:
            await asyncio.to_thread(_clear, home, folder)

    async def _make(self, work: Work, payload: TranscodeVideo, folder: Path) -> TranscodeResult:
        work.report("download", 0.0)
        source = folder / "source"
        try:
            await self._download(payload.file_key, source, lambda fraction: work.report("download", fraction))
            # Afterwards: whatever was replaced while it was read is noticed, too.
            head = await self._store.head(payload.file_key)
        except ObjectMissing:
            raise WorkFailed(video_failure(VideoFailure.SOURCE_VANISHED, stage="download")) from None
        if payload.etag and head.etag != payload.etag:
            raise WorkFailed(video_failure(VideoFailure.UPLOAD_REPLACED, stage="download"))
        work.report("probe", 0.0)
        info = await self._media.probe(source)
        plan = plan_stream(info, self._ladder)
        revision = revision_name(work.job.id, work.job.token)
        prefix = f"{work_prefix(work.job.tenant_id, payload.video_id)}{plan.recipe}/"
        shelf = WorkShelf(self._store, prefix, revision)
        scene = _Scene(work, payload, folder, source, info, plan, shelf)
        pieces = await self._encode(scene)
        renditions = await self._package(scene, pieces, revision)
        await self._thumbnails(scene, pieces)
        target = hls_prefix(work.job.tenant_id, payload.video_id, revision)
        await publish(self._store, folder / "out", target, scene.reporter("upload"))
        return self._result(payload, plan, info, revision, renditions)

    async def _download(self, key: str, source: Path, report: Callable[[float], None]) -> None:
        """Fetch the source in constant memory, telling how far it is: a large one takes longer than a stall may last."""
        size, done = (await self._store.head(key)).size, 0
        with await asyncio.to_thread(source.open, "xb") as file:
            async for piece in self._store.stream(key):
                await asyncio.to_thread(file.write, piece)
                done += len(piece)
                report(done / max(size, done))

    async def _encode(self, scene: _Scene) -> _Pieces:
        plan = scene.plan
        pieces = _Pieces({rung.name: [] for rung in plan.rungs}, None, [])
        encoded = any(not rung.copy for rung in plan.rungs)
        chunks = plan.chunks if encoded else ()
        # Sound and copied streams cost little beside encoding: a twentieth each.
        parts = len(chunks) + 0.05 * 2
        at = 0.0
        for chunk in chunks:
            await self._encode_chunk(scene, chunk, pieces, scene.reporter("transcode", at / parts, 1 / parts))
            at += 1.0
        for rung in plan.rungs:
            if rung.copy:
                report = scene.reporter("transcode", at / parts, 0.05 / parts)
                pieces.rungs[rung.name] = [
                    await self._media.copy_video(
                        scene.source, scene.info, plan, self._inside(scene, "copy"), report
                    )
                ]
        if plan.audio is not None:
            report = scene.reporter("transcode", (parts - 0.05) / parts, 0.05 / parts)
            pieces.audio = await self._encode_audio(scene, report)
        return pieces

    async def _encode_chunk(
        self, scene: _Scene, chunk: Chunk, pieces: _Pieces, report: Callable[[float], None]
    ) -> None:
        name = f"chunk-{chunk.index:05d}"
        folder = self._inside(scene, name)
        files = await scene.shelf.get(name, folder)
        if files is None:
            made = await self._media.encode_chunk(scene.source, scene.info, scene.plan, chunk, folder, report)
            files = {**made.rungs, **{f"preview-{i:05d}": path for i, path in enumerate(made.previews)}}
            await scene.shelf.put(name, files)
        report(1.0)
        for label in sorted(files):
            if label.startswith("preview-"):
                pieces.previews.append(files[label])
            else:
                pieces.rungs[label].append(files[label])

    async def _encode_audio(self, scene: _Scene, report: Callable[[float], None]) -> Path:
        folder = self._inside(scene, "audio")
        files = await scene.shelf.get("audio", folder)
        if files is None:
            path = await self._media.encode_audio(scene.source, scene.info, scene.plan, folder, report)
            files = {"audio": path}
            await scene.shelf.put("audio", files)
        return files["audio"]

    async def _package(self, scene: _Scene, pieces: _Pieces, revision: str) -> tuple[Rendition, ...]:
        key = None
        if self._content_secret is not None:
            job = scene.work.job
            key = EncryptionKey(
                content_key(self._content_secret, job.tenant_id, scene.payload.video_id, revision), "../key"
            )
        rungs = {name: tuple(paths) for name, paths in pieces.rungs.items()}
        folder, report = self._inside(scene, "out"), scene.reporter("package")
        return await self._media.package(scene.plan, rungs, pieces.audio, key, folder, report)

    async def _thumbnails(self, scene: _Scene, pieces: _Pieces) -> ThumbnailFiles | None:
        if scene.plan.thumbnails is None:
            return None
        folder, report = self._inside(scene, "out/thumbnails"), scene.reporter("thumbnails")
        previews = tuple(pieces.previews)
        return await self._media.thumbnails(scene.plan, previews, scene.source, scene.info, folder, report)

    def _inside(self, scene: _Scene, name: str) -> Path:
        folder = scene.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _result(
        self,
        payload: TranscodeVideo,
        plan: StreamPlan,
        info: SourceInfo,
        revision: str,
        renditions: tuple[Rendition, ...],
    ) -> TranscodeResult:
        copied = {rung.name for rung in plan.rungs if rung.copy}
        sound = [r for r in renditions if not r.width]
        shown = [r for r in renditions if r.width] or sound
        target = target_duration(renditions)
        rungs = [
            _rung(
                rung, bit_rates([rung, *sound] if rung.width else [rung], target), copied=rung.name in copied
            )
            for rung in shown
        ]
        return TranscodeResult(
            video_id=payload.video_id,
            revision=revision,
            duration=plan.duration,
            encrypted=self._content_secret is not None,
            rungs=rungs,
            warnings=list(info.warnings),
        )


def _rung(rendition: Rendition, rates: tuple[int, int], *, copied: bool) -> TranscodedRung:
    return TranscodedRung(
        name=rendition.name,
        width=rendition.width,
        height=rendition.height,
        codecs=rendition.codecs,
        peak_bitrate=rates[0],
        average_bitrate=rates[1],
        copied=copied,
    )


def _make_room(home: Path, folder: Path) -> None:
    """Make an attempt's folder; remove what earlier attempts left on this machine when they were killed."""
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True)
    # By the file system's own clock: jobs that went on elsewhere never come back for their folder.
    oldest = home.stat().st_mtime - FORGOTTEN_SECONDS
    for other in home.parent.glob("job-" + "[0-9a-f]" * 16):
        with suppress(FileNotFoundError):  # another worker was quicker
            if other.stat().st_mtime < oldest:
                shutil.rmtree(other, ignore_errors=True)


def _clear(home: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # not empty: a later attempt at the same job is at work in it
        home.rmdir()
