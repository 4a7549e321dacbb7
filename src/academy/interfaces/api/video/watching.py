"""Watching: sessions, heartbeats, viewers (VID-7)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.errors import NotFound
from academy.application.ports.database import Transaction, ViewerProgress
from academy.application.video.playback import OpenedPlayback
from academy.contracts.rest.playback import (
    BeatAnswer,
    BeatRequest,
    PlaybackOpened,
    ViewerPage,
    ViewerQuery,
    ViewerView,
)
from academy.domain.tenant.tenant import Role
from academy.domain.video.video import VideoState
from academy.domain.video.watching import Beat
from academy.interfaces.api.accounts.members import EVERYBODY, MANAGERS
from academy.interfaces.api.accounts.models import Membership
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.schema import TENANT, parameters

__all__ = ["BeatView", "PlaybackView", "ViewerListView"]

HEARTBEAT_SECONDS = 10


class PlaybackView(TenantEndpoint):
    """The begin of watching."""

    roles: ClassVar = {"POST": EVERYBODY}

    @extend_schema(
        request=None,
        parameters=[TENANT],
        responses={201: PlaybackOpened},
        operation_id="open_playback",
        tags=["playback"],
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Open a playback session: the answer holds signed addresses for a player."""

        def work(tx: Transaction) -> OpenedPlayback:
            if not self.member.manages:
                video = self.services.catalogue.get(tx, self.member.tenant_id, video_id)
                if video.state is not VideoState.READY:
                    raise NotFound("video")
            return self.services.playback.open(tx, self.member.tenant_id, video_id, self.member.viewer)

        opened = self.services.database.run_sync(work)
        base = self.services.settings.media_base
        answer = PlaybackOpened(
            session_id=opened.session.id,
            master_url=f"{base}/{opened.path}",
            poster_url=f"{base}/{opened.poster_path}",
            sprites_url=f"{base}/{opened.sprites_path}",
            expires_at=datetime.fromtimestamp(opened.expires, UTC),
            mode=opened.video.access_mode.value,
            duration=opened.video.duration,
            resume_at=opened.resume_at,
            heartbeat_seconds=HEARTBEAT_SECONDS,
        )
        return Response(answer, 201)


class BeatView(TenantEndpoint):
    """A player's heartbeat."""

    roles: ClassVar = {"POST": EVERYBODY}

    @extend_schema(
        request=BeatRequest,
        parameters=[TENANT],
        responses={200: BeatAnswer},
        operation_id="beat",
        tags=["playback"],
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Say what was played since the last beat; the answer says what is allowed next."""
        asked = self.body(BeatRequest)
        # The use case puts in the time that really passed.
        beat = Beat(asked.position, asked.played_from, asked.rate, elapsed=0.0)
        verdict, completed = self.services.database.run_sync(
            lambda tx: self.services.playback.beat(
                tx, self.member.tenant_id, session_id, self.member.viewer, beat
            )
        )
        answer: dict[str, Any] = {
            "code": verdict.code,
            "allowed_position": verdict.allowed_position,
            "watched_seconds": round(verdict.watched.seconds(), 3),
            "completed": completed,
        }
        return Response(BeatAnswer(**answer))


class ViewerListView(TenantEndpoint):
    """Who watched."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(ViewerQuery)],
        responses={200: ViewerPage},
        operation_id="list_viewers",
        tags=["playback"],
    )
    def get(self, request: Request, video_id: str) -> Response:
        """List who watched how much of a video."""
        query = self.query(ViewerQuery)
        tenant_id = self.member.tenant_id
        duration, page = self.page(
            lambda tx: (
                self.services.catalogue.get(tx, tenant_id, video_id).duration,
                self.services.playback.viewers(tx, tenant_id, video_id, query.cursor, query.limit),
            )
        )
        members = self._members([each.viewer for each in page.items])
        items = [_viewer_view(each, members.get(each.viewer), duration) for each in page.items]
        return Response(ViewerPage(items=items, next_cursor=page.next_cursor))

    def _members(self, viewers: Sequence[str]) -> dict[str, Membership]:
        ids = [uuid.UUID(viewer) for viewer in viewers]
        members = Membership.objects.filter(tenant_id=self.member.tenant_id, user__in=ids)
        return {each.user.viewer: each for each in members.select_related("user")}


def _viewer_view(progress: ViewerProgress, member: Membership | None, duration: float) -> ViewerView:
    seconds = progress.watched.seconds()
    return ViewerView(
        viewer=progress.viewer,
        name=member.user.name if member else "",
        role=Role(member.role).value if member else None,
        watched_seconds=round(seconds, 3),
        share=round(min(1.0, seconds / duration), 4) if duration > 0 else 0.0,
        furthest=progress.watched.furthest,
        completed=progress.completed,
        updated_at=progress.updated_at,
    )
