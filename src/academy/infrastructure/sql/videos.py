"""Video rows."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.page import Page
from academy.domain.video.video import RungSummary, Video, VideoState
from academy.infrastructure.sql import cursors
from academy.infrastructure.sql.columns import millis, now, row_now
from academy.infrastructure.sql.tables import playback_sessions, videos, watched

__all__ = ["SqlVideoRepository"]


class SqlVideoRepository:
    """`VideoRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def add(self, video: Video) -> bool:
        """Insert a video; return False when its id exists."""
        new = self._insert(videos).values(_columns(video)).on_conflict_do_nothing()
        return self._connection.execute(new.returning(videos.c.id)).one_or_none() is not None

    def get(self, tenant_id: str, video_id: str, *, lock: bool = False) -> Video | None:
        """Return a video or None; `lock` keeps the row until the transaction ends."""
        query = select(videos).where(videos.c.tenant_id == tenant_id, videos.c.id == video_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _video(row)

    def list(self, tenant_id: str, cursor: str, limit: int, *, ready_only: bool = False) -> Page[Video]:
        """Return videos, newest first, without those being deleted; a cursor that is not ours raises ValueError."""
        query = select(videos).where(videos.c.tenant_id == tenant_id, videos.c.state != VideoState.DELETING)
        if ready_only:
            query = query.where(videos.c.state == VideoState.READY)
        newest = cursors.newest_first(query, videos, cursor, limit)
        found = [_video(row) for row in self._connection.execute(newest)]
        return cursors.page_of_newest(found, limit)

    def save(self, video: Video) -> None:
        """Write every field of an existing video and touch updated_at; the move from the stored state was checked."""
        fields = _columns(video) | {"updated_at": row_now()}
        mine = (videos.c.tenant_id == video.tenant_id) & (videos.c.id == video.id)
        self._connection.execute(update(videos).where(mine).values(fields))

    def remove(self, tenant_id: str, video_id: str) -> None:
        """Delete the row and what viewers did with it."""
        for table in (playback_sessions, watched):
            theirs = (table.c.tenant_id == tenant_id) & (table.c.video_id == video_id)
            self._connection.execute(delete(table).where(theirs))
        mine = (videos.c.tenant_id == tenant_id) & (videos.c.id == video_id)
        self._connection.execute(delete(videos).where(mine))

    def file_in_use(self, tenant_id: str, file_key: str, *, but: str) -> bool:
        """Return whether a video other than `but`, which is not being deleted, has this source."""
        others = (videos.c.tenant_id == tenant_id, videos.c.id != but, videos.c.file_key == file_key)
        query = select(videos.c.id).where(*others, videos.c.state != VideoState.DELETING).limit(1)
        return self._connection.execute(query).one_or_none() is not None

    def abandoned(self, older_than: timedelta, limit: int) -> Sequence[Video]:
        """Return PENDING videos whose upload began longer ago than that."""
        # Written out, not bound: the partial index on uploads is only recognised by its literal condition.
        uploading = text("videos.state = 'PENDING'")
        old = select(videos).where(uploading, videos.c.created_at < now() - millis(older_than))
        return [
            _video(row) for row in self._connection.execute(old.order_by(videos.c.created_at).limit(limit))
        ]


def _columns(video: Video) -> dict[str, Any]:
    fields = {column.name: getattr(video, column.name) for column in videos.columns}
    return fields | {"rungs": [asdict(rung) for rung in video.rungs]}


def _video(row: Sequence[Any]) -> Video:
    video = Video(*row)
    rungs: Sequence[dict[str, Any]] = row[_RUNGS]
    return replace(video, rungs=tuple(RungSummary(**rung) for rung in rungs))


_RUNGS = list(videos.columns.keys()).index("rungs")
