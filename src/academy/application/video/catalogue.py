"""What people do with videos: upload, list, retry, cancel, delete (VID-1, VID-8)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import (
    ObjectHead,
    ObjectStore,
    UploadGateway,
    UploadPart,
    UploadTicket,
)
from academy.application.ports.page import Page
from academy.application.uploads import ABANDONED_AFTER, open_upload, sent_object
from academy.application.video.job_types import cancel_transcodes, submit_purge, submit_transcode
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.tenant.tenant import source_key
from academy.domain.video import refusals
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.sniff import SNIFF_BYTES, sniff
from academy.domain.video.video import UPLOAD_URL_LIFETIME, AccessMode, Video, VideoState

__all__ = ["BeginUpload", "Keep", "UploadLimits", "VideoCatalogue", "fail_open_upload", "find"]

Keep = Callable[[Transaction, Video, UploadTicket], None]
"""Writes what belongs to a new upload, in its transaction."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What an upload may be: bytes, and how long its URLs are good."""

    max_bytes: int = 20 << 30
    url_seconds: int = int(UPLOAD_URL_LIFETIME.total_seconds())


@dataclass(frozen=True, slots=True)
class BeginUpload:
    """A teacher's wish to upload: `size` in bytes; `content_type` must be video/… or audio/…."""

    title: str
    file_name: str
    size: int
    content_type: str
    access_mode: AccessMode = AccessMode.FREE_REVIEW


class VideoCatalogue:
    """The use cases of videos. Methods without I/O beside the database take a transaction and are synchronous."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        uploads: UploadGateway,
        types: JobTypes,
        new_id: Callable[[], str],
        limits: UploadLimits | None = None,
    ) -> None:
        """Take ports, the registry of job types and a maker of ids."""
        self._database = database
        self._store = store
        self._uploads = uploads
        self._types = types
        self._new_id = new_id
        self._limits = limits or UploadLimits()

    async def begin_upload(
        self, tenant_id: str, wish: BeginUpload, keep: Keep | None = None
    ) -> tuple[Video, UploadTicket]:
        """Open an upload and record the video as PENDING; `keep` writes what belongs into the same transaction.

        Raises Refused, ObjectStoreUnavailable, and what `keep` raises: then nothing is recorded and the upload is dropped.
        """
        self._check(wish)
        video_id = self._new_id()
        key = source_key(tenant_id, video_id)

        def record(ticket: UploadTicket) -> Awaitable[Video]:
            def work(tx: Transaction) -> Video:
                video = self._record(tx, tenant_id, video_id, key, wish, ticket)
                if keep is not None:
                    keep(tx, video, ticket)
                return video

            return self._database.run(work)

        return await open_upload(
            self._uploads, key, wish.size, wish.content_type, self._limits.url_seconds, record
        )

    async def complete_upload(
        self, tenant_id: str, video_id: str, parts: Sequence[UploadPart], trace: str = ""
    ) -> tuple[Video, Job]:
        """Check the uploaded object and queue its transcode; completing twice gives the same job.

        Raises NotFound, Conflict, ObjectStoreUnavailable, Refused: while something is missing the video stays PENDING and may be
        completed again; a whole file that is no recording makes it FAILED with that failure, so nothing is left half-done.
        """
        video = await self._database.read(lambda tx: find(tx, tenant_id, video_id))
        if video.state is not VideoState.PENDING:
            return await self._database.read(lambda tx: self._already_completed(tx, tenant_id, video_id))
        head, first = await self._sent(video, parts)
        wrong = _wrong(video, head.size, first)
        if wrong is not None:
            failure = video_failure(wrong)
            await self._database.run(lambda tx: fail_open_upload(tx, video, failure))
            raise Refused(failure)
        return await self._database.run(lambda tx: self._queue(tx, tenant_id, video_id, head.etag, trace))

    def retry(self, tx: Transaction, tenant_id: str, video_id: str, trace: str = "") -> tuple[Video, Job]:
        """Make the stream of a FAILED video again. Raises NotFound, Conflict."""
        video = find(tx, tenant_id, video_id, lock=True)
        if video.state is not VideoState.FAILED:
            raise Conflict(refusals.NOT_FAILED)
        earlier = tx.jobs.get(video.job_id)
        etag = str(earlier.payload.get("etag", "")) if earlier else ""
        return self._start(tx, video, f"video:{video.id}:{self._new_id()}", etag, trace)

    def delete(self, tx: Transaction, tenant_id: str, video_id: str, trace: str = "") -> Job:
        """Take a video out of every list at once and queue the removal of all its objects. Raises NotFound."""
        video = tx.videos.get(tenant_id, video_id, lock=True)
        if video is None:
            raise NotFound("video")
        cancel_transcodes(tx, self._types, tenant_id, video_id)
        tx.videos.save(replace(video, state=VideoState.DELETING))
        return submit_purge(tx, self._types, video, self._new_id(), trace)

    def cancel_processing(self, tx: Transaction, tenant_id: str, video_id: str) -> Video:
        """Stop making a stream; the video becomes FAILED with the reason "cancelled". Raises NotFound, Conflict."""
        video = find(tx, tenant_id, video_id, lock=True)
        if video.state not in {VideoState.UPLOADED, VideoState.PROCESSING}:
            raise Conflict(refusals.NOT_PROCESSING)
        cancel(tx, self._types, video.job_id)
        return find(tx, tenant_id, video_id)

    def rename(
        self,
        tx: Transaction,
        tenant_id: str,
        video_id: str,
        *,
        title: str | None,
        access_mode: AccessMode | None,
    ) -> Video:
        """Change what people see. Raises NotFound."""
        video = find(tx, tenant_id, video_id, lock=True)
        changed = replace(video, title=title or video.title, access_mode=access_mode or video.access_mode)
        tx.videos.save(changed)
        return changed

    def get(self, tx: Transaction, tenant_id: str, video_id: str) -> Video:
        """Return a video. Raises NotFound."""
        return find(tx, tenant_id, video_id)

    def list(
        self, tx: Transaction, tenant_id: str, cursor: str, limit: int, *, ready_only: bool
    ) -> Page[Video]:
        """Return a page of videos, newest first; raises ValueError for a cursor that is not ours."""
        return tx.videos.list(tenant_id, cursor, limit, ready_only=ready_only)

    async def _sent(self, video: Video, parts: Sequence[UploadPart]) -> tuple[ObjectHead, bytes]:
        """Join what was sent; return what the store knows of it and its first bytes. Raises Refused."""
        missing = video_failure(VideoFailure.UPLOAD_NOT_FOUND)
        return await sent_object(
            self._store,
            self._uploads,
            video.file_key,
            video.upload_id,
            parts,
            first_bytes=SNIFF_BYTES,
            missing=missing,
        )

    def _check(self, wish: BeginUpload) -> None:
        if wish.size <= 0:
            raise Refused(video_failure(VideoFailure.EMPTY_FILE))
        if wish.size > self._limits.max_bytes:
            raise Refused(video_failure(VideoFailure.UPLOAD_TOO_LARGE))
        if not wish.content_type.startswith(("video/", "audio/")):
            raise Refused(video_failure(VideoFailure.CONTENT_TYPE_MISMATCH))

    def _record(
        self,
        tx: Transaction,
        tenant_id: str,
        video_id: str,
        key: str,
        wish: BeginUpload,
        ticket: UploadTicket,
    ) -> Video:
        now = tx.now()
        video = Video(
            id=video_id,
            tenant_id=tenant_id,
            title=wish.title,
            state=VideoState.PENDING,
            file_key=key,
            file_name=wish.file_name,
            size=wish.size,
            content_type=wish.content_type,
            upload_id=ticket.upload_id,
            job_id="",
            revision="",
            encrypted=False,
            duration=0.0,
            rungs=(),
            access_mode=wish.access_mode,
            failure=None,
            created_at=now,
            updated_at=now,
        )
        tx.videos.add(video)
        return video

    def _queue(
        self, tx: Transaction, tenant_id: str, video_id: str, etag: str, trace: str
    ) -> tuple[Video, Job]:
        video = find(tx, tenant_id, video_id, lock=True)
        if video.state is not VideoState.PENDING:
            return self._already_completed(tx, tenant_id, video_id)
        if tx.now() - video.created_at >= ABANDONED_AFTER:
            # Its source may be removed at any moment.
            raise Conflict(video_failure(VideoFailure.UPLOAD_EXPIRED))
        return self._start(tx, video, f"video:{video.id}:{video.file_key}", etag, trace)

    def _start(self, tx: Transaction, video: Video, key: str, etag: str, trace: str) -> tuple[Video, Job]:
        job = submit_transcode(tx, self._types, video, self._new_id(), key, etag=etag, trace=trace)
        uploaded = replace(video, state=VideoState.UPLOADED, job_id=job.id, failure=None)
        tx.videos.save(uploaded)
        return uploaded, job

    def _already_completed(self, tx: Transaction, tenant_id: str, video_id: str) -> tuple[Video, Job]:
        video = find(tx, tenant_id, video_id)
        job = tx.jobs.get(video.job_id)
        if job is not None:
            return video, job
        expired = video_failure(VideoFailure.UPLOAD_EXPIRED)
        if video.failure and video.failure.code != expired.code:
            raise Refused(video.failure)
        raise Conflict(expired)


def _wrong(video: Video, size: int, first: bytes) -> VideoFailure | None:
    if size == 0:
        return VideoFailure.EMPTY_FILE
    if size != video.size:
        return VideoFailure.SIZE_MISMATCH
    return None if sniff(first) else VideoFailure.NOT_A_VIDEO


def fail_open_upload(tx: Transaction, video: Video, failure: Failure) -> None:
    """End an upload that is still open."""
    current = tx.videos.get(video.tenant_id, video.id, lock=True)
    if current and current.state is VideoState.PENDING:
        tx.videos.save(replace(current, state=VideoState.FAILED, failure=failure))


def find(tx: Transaction, tenant_id: str, video_id: str, *, lock: bool = False) -> Video:
    """Return a video that is not being deleted. Raises NotFound."""
    video = tx.videos.get(tenant_id, video_id, lock=lock)
    if video is None or video.state is VideoState.DELETING:
        raise NotFound("video")
    return video
