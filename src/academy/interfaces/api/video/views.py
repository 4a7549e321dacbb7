"""Videos: upload, list, manage (VID-1, VID-8)."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.object_store import UploadPart, UploadTicket
from academy.application.video.catalogue import BeginUpload, Keep
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.videos import (
    BeginUploadRequest,
    ChangeVideoRequest,
    CompleteUploadRequest,
    UploadStarted,
    VideoAndJob,
    VideoPage,
    VideoQuery,
    VideoView,
)
from academy.domain.job.job import Job
from academy.domain.video.video import AccessMode, Video, VideoState
from academy.interfaces.api.accounts.members import EVERYBODY, MANAGERS
from academy.interfaces.api.endpoint import AlreadyAnswered, TenantEndpoint
from academy.interfaces.api.jobs.present import job_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters
from academy.interfaces.api.video.present import ticket_view, video_view

__all__ = [
    "VideoCancelView",
    "VideoCompleteView",
    "VideoDetailView",
    "VideoListView",
    "VideoRetryView",
]


class _VideoEndpoint(TenantEndpoint):
    def shown(self, video: Video) -> VideoView:
        """Return a video as this member sees it."""
        path = self.services.playback.poster(video, self.member.viewer)
        poster_url = f"{self.services.settings.media_base}/{path}" if path else ""
        return video_view(video, self.language, staff=self.member.manages, poster_url=poster_url)

    def both(self, video: Video, job: Job) -> VideoAndJob:
        """Return a video and the job that works on it."""
        return VideoAndJob(video=self.shown(video), job=job_view(job, None, self.language))


class VideoListView(_VideoEndpoint):
    """All videos of an academy."""

    roles: ClassVar = {"GET": EVERYBODY, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(VideoQuery)],
        responses={200: VideoPage},
        operation_id="list_videos",
        tags=["videos"],
    )
    def get(self, request: Request) -> Response:
        """List videos, newest first; students and parents see those that are ready."""
        query = self.query(VideoQuery)
        page = self.page(
            lambda tx: self.services.catalogue.list(
                tx, self.member.tenant_id, query.cursor, query.limit, ready_only=not self.member.manages
            )
        )
        items = [self.shown(video) for video in page.items]
        return Response(VideoPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=BeginUploadRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: UploadStarted},
        operation_id="begin_upload",
        tags=["videos"],
    )
    def post(self, request: Request) -> Response:
        """Begin an upload: the answer says where to PUT the file; then POST `…/complete`."""
        asked = self.body(BeginUploadRequest)
        key = self.idempotency_key()
        before = self.answered_before(key)
        if before is not None:
            return before
        fields: dict[str, Any] = asked.model_dump() | {"access_mode": AccessMode(asked.access_mode)}
        try:
            video, ticket = self.portal.call(
                self.services.catalogue.begin_upload,
                self.member.tenant_id,
                BeginUpload(**fields),
                self._keep(key),
            )
        except AlreadyAnswered as same:
            # Two requests with one key at once: the other one was first to commit.
            return self.replay(same.stored)
        where = {"Location": f"/api/v1/videos/{video.id}"}
        return Response(self._started(video, ticket), 201, headers=where)

    def _started(self, video: Video, ticket: UploadTicket) -> UploadStarted:
        return UploadStarted(video=self.shown(video), upload=ticket_view(ticket))

    def _keep(self, key: str) -> Keep:
        def keep(tx: Transaction, video: Video, ticket: UploadTicket) -> None:
            stored = self.begin(tx, key)
            if stored is not None:
                raise AlreadyAnswered(stored)
            self.finish(tx, key, 201, self._started(video, ticket))

        return keep


class VideoDetailView(_VideoEndpoint):
    """One video."""

    roles: ClassVar = {"GET": EVERYBODY, "PATCH": MANAGERS, "DELETE": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={200: VideoView}, operation_id="get_video", tags=["videos"])
    def get(self, request: Request, video_id: str) -> Response:
        """Show a video."""
        video = self.services.database.read_sync(
            lambda tx: self.services.catalogue.get(tx, self.member.tenant_id, video_id)
        )
        if not self.member.manages and video.state is not VideoState.READY:
            raise NotFound("video")
        return Response(self.shown(video))

    @extend_schema(
        request=ChangeVideoRequest,
        parameters=[TENANT],
        responses={200: VideoView},
        operation_id="change_video",
        tags=["videos"],
    )
    def patch(self, request: Request, video_id: str) -> Response:
        """Change the title or who may watch."""
        asked = self.body(ChangeVideoRequest)
        mode = AccessMode(asked.access_mode) if asked.access_mode else None
        video = self.services.database.run_sync(
            lambda tx: self.services.catalogue.rename(
                tx, self.member.tenant_id, video_id, title=asked.title, access_mode=mode
            )
        )
        return Response(self.shown(video))

    @extend_schema(
        parameters=[TENANT], responses={202: JobView}, operation_id="delete_video", tags=["videos"]
    )
    def delete(self, request: Request, video_id: str) -> Response:
        """Delete a video: it is gone from every list at once, the answer is the job that removes its objects."""
        job = self.services.database.run_sync(
            lambda tx: self.services.catalogue.delete(tx, self.member.tenant_id, video_id, self.traceparent)
        )
        return Response(job_view(job, None, self.language), 202)


class VideoCompleteView(_VideoEndpoint):
    """The end of an upload."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=CompleteUploadRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: VideoAndJob},
        operation_id="complete_upload",
        tags=["videos"],
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Complete an upload: the file is checked and its stream is queued. Completing twice gives the same job."""
        asked = self.body(CompleteUploadRequest)
        key = self.idempotency_key()
        before = self.answered_before(key)
        if before is not None:
            return before
        parts = [UploadPart(part.number, part.etag.strip('"')) for part in asked.parts]
        complete, tenant_id = self.services.catalogue.complete_upload, self.member.tenant_id
        with self.services.tracer.span("submit", self.traceparent):
            video, job = self.portal.call(complete, tenant_id, video_id, parts, self.traceparent)
        # The use case itself gives the same job however often it runs, so the answer may be kept after it.
        return self.once(202, lambda _tx: self.both(video, job))


class VideoRetryView(_VideoEndpoint):
    """Another try."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=None,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: VideoAndJob},
        operation_id="retry_video",
        tags=["videos"],
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Make the stream of a failed video again."""
        return self.once(
            202,
            lambda tx: self.both(
                *self.services.catalogue.retry(tx, self.member.tenant_id, video_id, self.traceparent)
            ),
        )


class VideoCancelView(_VideoEndpoint):
    """The wish to stop."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=None,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: VideoView},
        operation_id="cancel_video",
        tags=["videos"],
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Stop making a stream; the video becomes FAILED within seconds."""
        return self.once(
            202,
            lambda tx: self.shown(
                self.services.catalogue.cancel_processing(tx, self.member.tenant_id, video_id)
            ),
        )
