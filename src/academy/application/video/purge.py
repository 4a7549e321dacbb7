"""The handlers that remove objects: `video.purge` all of a video, `video.sweep` what is finished with (VID-5, VID-8)."""

from collections.abc import Awaitable, Callable

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.owned import check_ids, check_owned
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectStore, UploadGateway
from academy.application.video.job_types import transcodes_under_way
from academy.application.video.owned import check_key_of_video, check_prefix_of_video
from academy.contracts.video import PurgeVideo, SweepVideo
from academy.domain.failures import Failure
from academy.domain.tenant.tenant import hls_prefix, video_prefixes, work_prefix
from academy.domain.video.failures import VideoFailure, video_failure

__all__ = ["PurgeHandler", "SweepHandler"]

STILL_RUNNING = Failure(
    "transcode_still_running",
    "The video is still being processed; it is removed as soon as that has stopped.",
    "동영상을 아직 처리하고 있습니다. 처리가 멈추면 삭제합니다.",
    retryable=True,
)
BATCH = 500


async def _remove(store: ObjectStore, prefix: str, keep: str, allowed: Callable[[], Awaitable[bool]]) -> bool:
    """Delete what lies under `prefix` but not under `keep`; asks `allowed` before every batch and stops at a no."""
    batch: list[str] = []
    async for head in store.list(prefix):
        if not (keep and head.key.startswith(keep)):
            batch.append(head.key)
        if len(batch) == BATCH:
            if not await allowed():
                return False
            await store.delete(batch)
            batch = []
    if batch:
        if not await allowed():
            return False
        await store.delete(batch)
    return True


async def _always() -> bool:
    return True


class PurgeHandler:
    """Removes every object of a video; fails (and is tried again) while one is left."""

    def __init__(self, database: Database, store: ObjectStore, uploads: UploadGateway) -> None:
        """Purge from `store`; `uploads` is told of a video that was still being sent."""
        self._database = database
        self._store = store
        self._uploads = uploads

    async def run(self, work: Work) -> None:
        """Remove source, work and streams. Raises WorkFailed."""
        payload = work.payload
        assert isinstance(payload, PurgeVideo)
        tenant_id = work.job.tenant_id
        await self._check(tenant_id, payload)
        if await self._database.read(lambda tx: transcodes_under_way(tx, tenant_id, payload.video_id)):
            raise WorkFailed(STILL_RUNNING)
        await self._end_upload(tenant_id, payload.video_id)
        prefixes = list(video_prefixes(tenant_id, payload.video_id))
        if payload.hls_prefix:
            prefixes.append(payload.hls_prefix.rstrip("/") + "/")
        await self._remove_source(tenant_id, payload)
        for index, prefix in enumerate(prefixes):
            await _remove(self._store, prefix, "", _always)
            work.report("delete", (index + 1) / (len(prefixes) + 1))
        for prefix in prefixes:
            async for _ in self._store.list(prefix):
                raise WorkFailed(video_failure(VideoFailure.PURGE_FAILED))

    async def _check(self, tenant_id: str, payload: PurgeVideo) -> None:
        check_ids(tenant_id, payload.video_id)
        extra = [key for key in (payload.file_key, payload.hls_prefix) if key]
        await check_owned(self._database, tenant_id, *extra)
        if payload.hls_prefix:
            check_prefix_of_video(payload.hls_prefix, payload.video_id)
        check_key_of_video(payload.file_key, payload.video_id)

    async def _end_upload(self, tenant_id: str, video_id: str) -> None:
        """Drop what was sent of a video that was deleted before its upload was complete."""
        video = await self._database.read(lambda tx: tx.videos.get(tenant_id, video_id))
        if video is not None and video.upload_id:
            await self._uploads.abort(video.file_key, video.upload_id)

    async def _remove_source(self, tenant_id: str, payload: PurgeVideo) -> None:
        """Remove a source outside the usual place, unless another video lives on it: older producers may share one."""
        key, video_id = payload.file_key, payload.video_id
        if key and not await self._database.read(
            lambda tx: tx.videos.file_in_use(tenant_id, key, but=video_id)
        ):
            await self._store.delete([key])


class SweepHandler:
    """Removes finished work and every revision but the published one."""

    def __init__(self, database: Database, store: ObjectStore) -> None:
        """Sweep `store`."""
        self._database = database
        self._store = store

    async def run(self, work: Work) -> None:
        """Remove what the job before this one left; a newer job of the video sweeps for itself."""
        payload = work.payload
        assert isinstance(payload, SweepVideo)
        tenant_id = work.job.tenant_id
        check_ids(tenant_id, payload.video_id, *filter(None, [payload.keep_revision]))

        async def allowed() -> bool:
            # What is listed now may belong to a job that came later; its row is older than its objects, so a look at the
            # row between listing and deleting tells.
            return await self._database.read(lambda tx: self._settled(tx, tenant_id, payload))

        if await _remove(self._store, work_prefix(tenant_id, payload.video_id), "", allowed):
            work.report("delete", 0.5)
            keep = (
                hls_prefix(tenant_id, payload.video_id, payload.keep_revision)
                if payload.keep_revision
                else ""
            )
            await _remove(self._store, hls_prefix(tenant_id, payload.video_id), keep, allowed)

    def _settled(self, tx: Transaction, tenant_id: str, payload: SweepVideo) -> bool:
        video = tx.videos.get(tenant_id, payload.video_id)
        if video is None or video.revision != payload.keep_revision:
            return False
        job = tx.jobs.get(video.job_id)
        return job is None or job.finished
