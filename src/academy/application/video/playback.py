"""Watching: sessions, signed addresses, heartbeats, completion (VID-7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.clock import Clock
from academy.application.ports.database import Database, PlaybackSession, Transaction, ViewerProgress
from academy.application.ports.page import Page
from academy.application.video.catalogue import find
from academy.domain.tenant.tenant import hls_prefix
from academy.domain.video import refusals
from academy.domain.video.playback import Grant, PlaybackSigner, PlaybackTokenRefused, content_key
from academy.domain.video.video import AccessMode, Video
from academy.domain.video.watching import Beat, Verdict, Watched, judge

__all__ = ["OpenedPlayback", "Playback"]

TOKEN_SECONDS = 4 * 3600
REOPENED_WITHIN = timedelta(minutes=5)
"""A page that is loaded again goes on with its session; so nobody can fill the table by asking."""
FORGOTTEN_AFTER = timedelta(days=2)
POSTER_STEP_SECONDS = 3600
WATCHABLE_SECONDS = 5.0
"""How long a look at a video's row is good for its media: a stream is hundreds of small files."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class OpenedPlayback:
    """What a player needs.

    Attributes:
        path: of the master playlist, `media/{token}/…/master.m3u8`, relative to the media host.
        poster_path, sprites_path: signed the same way.
        resume_at: seconds into the video where the viewer left off.
        expires: seconds since 1970 at which the addresses stop working.
    """

    session: PlaybackSession
    video: Video
    path: str
    poster_path: str
    sprites_path: str
    resume_at: float
    expires: int


class Playback:
    """Use cases of a viewer; all but `check_media` take a transaction."""

    def __init__(
        self, signer: PlaybackSigner, content_secret: bytes, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        """Take the signer of addresses and the secret that content keys derive from."""
        self._signer = signer
        self._content_secret = content_secret
        self._clock = clock
        self._new_id = new_id
        self._watchable: dict[tuple[str, str, str], tuple[float, bool]] = {}

    def open(self, tx: Transaction, tenant_id: str, video_id: str, viewer: str) -> OpenedPlayback:
        """Let a viewer watch a published video. Raises NotFound, Conflict (not ready), Refused (blocked)."""
        video = find(tx, tenant_id, video_id)
        if video.access_mode is AccessMode.BLOCKED:
            raise Refused(refusals.PLAYBACK_BLOCKED)
        if not video.revision:
            raise Conflict(refusals.NOT_READY)
        expires = int(self._clock.now().timestamp()) + TOKEN_SECONDS
        prefix = hls_prefix(tenant_id, video_id, video.revision)
        base = f"media/{self._signer.sign(prefix, viewer, expires)}/{prefix}"
        session = self._session(tx, video, viewer)
        seen = tx.playback.watched(tenant_id, video_id, viewer)
        resume = seen.watched.furthest if seen and not seen.completed else 0.0
        poster, sprites = f"{base}thumbnails/poster.jpg", f"{base}thumbnails/thumbnails.vtt"
        return OpenedPlayback(session, video, f"{base}master.m3u8", poster, sprites, resume, expires)

    def _session(self, tx: Transaction, video: Video, viewer: str) -> PlaybackSession:
        mine = (video.tenant_id, video.id, viewer)
        mode = video.access_mode.value
        session = tx.playback.recent(*mine, mode, REOPENED_WITHIN)
        if session is not None:
            return session
        tx.playback.forget(*mine, FORGOTTEN_AFTER)
        return tx.playback.open(self._new_id(), *mine, mode)

    def poster(self, video: Video, viewer: str) -> str:
        """Return the signed path of a video's poster, relative to the media host, "" when it may not be watched.

        It works for one to two hours and stays the same within an hour, so that a browser can keep the picture.
        """
        if not video.playable:
            return ""
        now = int(self._clock.now().timestamp())
        expires = now - now % POSTER_STEP_SECONDS + 2 * POSTER_STEP_SECONDS
        prefix = hls_prefix(video.tenant_id, video.id, video.revision)
        return f"media/{self._signer.sign(prefix, viewer, expires)}/{prefix}thumbnails/poster.jpg"

    def beat(
        self, tx: Transaction, tenant_id: str, session_id: str, viewer: str, beat: Beat
    ) -> tuple[Verdict, bool]:
        """Judge a heartbeat and keep what it adds; return the verdict and whether the video is completed.

        `beat.elapsed` is replaced by the time that really passed. Raises NotFound.
        """
        session = tx.playback.session(tenant_id, session_id, lock=True)
        if session is None or session.viewer != viewer:
            raise NotFound("playback session")
        video = find(tx, tenant_id, session.video_id)
        seen = tx.playback.watched(tenant_id, video.id, viewer)
        watched = seen.watched if seen else Watched()
        since = session.last_beat_at or session.created_at
        if seen:
            # Time that another session of this viewer was credited for is not there to be credited twice.
            since = max(since, seen.updated_at)
        elapsed = (tx.now() - since).total_seconds()
        true_beat = Beat(beat.position, beat.played_from, beat.rate, max(0.0, elapsed))
        verdict = judge(video.access_mode, watched, true_beat, video.duration)
        completed = verdict.watched.completed(video.duration)
        tx.playback.beat(session.id)
        if verdict.watched != watched:
            tx.playback.save_watched(tenant_id, video.id, viewer, verdict.watched, completed)
        return verdict, completed or bool(seen and seen.completed)

    def check(self, token: str, path: str) -> Grant:
        """Return what a token grants for a media path. Raises PlaybackTokenRefused; what may be watched now says `check_media`."""
        return self._signer.verify(token, path, self._clock.now().timestamp())

    async def check_media(self, database: Database, token: str, path: str) -> Grant:
        """Return what a token grants for a media path of a video that may be watched now, by a look a few seconds old at most.

        Raises PlaybackTokenRefused, DatabaseUnavailable.
        """
        grant = self.check(token, path)
        key, now = (grant.tenant_id, grant.video_id, grant.revision), self._clock.monotonic()
        until, watchable = self._watchable.get(key, (now, False))
        if until <= now:
            watchable = await database.read(lambda tx: _watchable(tx, grant) is not None)
            if len(self._watchable) >= MOST_REMEMBERED:
                self._watchable.clear()
            self._watchable[key] = (now + WATCHABLE_SECONDS, watchable)
        if not watchable:
            raise PlaybackTokenRefused("not_allowed")
        return grant

    def content_key(self, tx: Transaction, token: str, path: str) -> bytes:
        """Return the AES key of the revision that `path` lies in, if the token opens it and the video may be watched now.

        Raises PlaybackTokenRefused.
        """
        grant = self.check(token, path)
        video = _watchable(tx, grant)
        if video is None or video.revision != grant.revision:
            raise PlaybackTokenRefused("not_allowed")
        return content_key(self._content_secret, grant.tenant_id, grant.video_id, grant.revision)

    def viewers(
        self, tx: Transaction, tenant_id: str, video_id: str, cursor: str, limit: int
    ) -> Page[ViewerProgress]:
        """Return who watched how much. Raises NotFound, ValueError."""
        find(tx, tenant_id, video_id)
        return tx.playback.viewers(tenant_id, video_id, cursor, limit)


def _watchable(tx: Transaction, grant: Grant) -> Video | None:
    """Return the video that a token is about unless it is gone, on its way out or blocked."""
    video = tx.videos.get(grant.tenant_id, grant.video_id)
    return video if video is not None and video.playable else None
