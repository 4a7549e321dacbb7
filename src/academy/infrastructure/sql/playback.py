"""Playback sessions and what was watched."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.database import PlaybackSession, ViewerProgress
from academy.application.ports.page import Page
from academy.domain.video.watching import Watched
from academy.infrastructure.sql import cursors
from academy.infrastructure.sql.columns import millis, now, row_now
from academy.infrastructure.sql.tables import playback_sessions as sessions
from academy.infrastructure.sql.tables import watched as seen

__all__ = ["SqlPlaybackRepository"]

_PROGRESS = (seen.c.viewer, seen.c.spans, seen.c.furthest, seen.c.completed, seen.c.updated_at)


class SqlPlaybackRepository:
    """`PlaybackRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def open(self, session_id: str, tenant_id: str, video_id: str, viewer: str, mode: str) -> PlaybackSession:
        """Record a session; raises ValueError when its id is taken."""
        owner = {"id": session_id, "tenant_id": tenant_id, "video_id": video_id}
        new = insert(sessions).values(**owner, viewer=viewer, mode=mode, created_at=row_now())
        return PlaybackSession(*self._connection.execute(new.returning(*sessions.c)).one())

    def recent(
        self, tenant_id: str, video_id: str, viewer: str, mode: str, within: timedelta
    ) -> PlaybackSession | None:
        """Return the viewer's latest session of the video in this mode that began no longer ago than `within`, or None."""
        young = (sessions.c.mode == mode) & (sessions.c.created_at >= now() - millis(within))
        query = select(sessions).where(_of(tenant_id, video_id, viewer), young)
        row = self._connection.execute(query.order_by(sessions.c.created_at.desc()).limit(1)).one_or_none()
        return None if row is None else PlaybackSession(*row)

    def forget(self, tenant_id: str, video_id: str, viewer: str, older_than: timedelta) -> None:
        """Delete the viewer's sessions of the video that began longer ago and had no beat since; what was watched stays."""
        last = func.coalesce(sessions.c.last_beat_at, sessions.c.created_at)
        old = last < now() - millis(older_than)
        self._connection.execute(delete(sessions).where(_of(tenant_id, video_id, viewer), old))

    def session(self, tenant_id: str, session_id: str, *, lock: bool = False) -> PlaybackSession | None:
        """Return a session or None."""
        query = select(sessions).where(sessions.c.id == session_id, sessions.c.tenant_id == tenant_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else PlaybackSession(*row)

    def beat(self, session_id: str) -> None:
        """Set last_beat_at to now."""
        mine = sessions.c.id == session_id
        self._connection.execute(update(sessions).where(mine).values(last_beat_at=row_now()))

    def watched(self, tenant_id: str, video_id: str, viewer: str) -> ViewerProgress | None:
        """Return a viewer's progress or None."""
        mine = (seen.c.tenant_id == tenant_id) & (seen.c.video_id == video_id) & (seen.c.viewer == viewer)
        row = self._connection.execute(select(*_PROGRESS).where(mine)).one_or_none()
        return None if row is None else _progress(row)

    def save_watched(
        self, tenant_id: str, video_id: str, viewer: str, watched: Watched, completed: bool
    ) -> None:
        """Write a viewer's progress; completed never falls back to False."""
        owner = {"tenant_id": tenant_id, "video_id": video_id, "viewer": viewer}
        state = {"spans": watched.spans, "furthest": watched.furthest, "updated_at": row_now()}
        new = self._insert(seen).values(**owner, **state, completed=completed)
        done = or_(seen.c.completed, new.excluded.completed)
        self._connection.execute(
            new.on_conflict_do_update(index_elements=list(owner), set_={**state, "completed": done})
        )

    def viewers(self, tenant_id: str, video_id: str, cursor: str, limit: int) -> Page[ViewerProgress]:
        """Return everybody who watched, in order of viewer; a cursor that is not ours raises ValueError."""
        query = select(*_PROGRESS).where(seen.c.tenant_id == tenant_id, seen.c.video_id == video_id)
        if cursor:
            query = query.where(seen.c.viewer > cursors.decode_text(cursor))
        found = [
            _progress(row) for row in self._connection.execute(query.order_by(seen.c.viewer).limit(limit + 1))
        ]
        return cursors.page_of(found, limit, lambda last: cursors.encode_text(last.viewer))


def _of(tenant_id: str, video_id: str, viewer: str) -> ColumnElement[bool]:
    mine = (sessions.c.tenant_id == tenant_id) & (sessions.c.video_id == video_id)
    return mine & (sessions.c.viewer == viewer)


def _progress(row: Sequence[Any]) -> ViewerProgress:
    viewer, spans, furthest, completed, updated_at = row
    watched = Watched(tuple((start, end) for start, end in spans), furthest)
    return ViewerProgress(viewer, watched, completed, updated_at)
