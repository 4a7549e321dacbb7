"""A lecture video and its states (VID-1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from academy.domain.failures import Failure

__all__ = [
    "UPLOAD_URL_LIFETIME",
    "AccessMode",
    "IllegalVideoMove",
    "RungSummary",
    "Video",
    "VideoState",
    "check_move",
]

UPLOAD_URL_LIFETIME = timedelta(hours=6)
"""How long the addresses of an upload are good."""


class VideoState(StrEnum):
    """Where a video stands."""

    PENDING = "PENDING"
    UPLOADED = "UPLOADED"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"
    DELETING = "DELETING"


class AccessMode(StrEnum):
    """How a viewer may watch (VID-7)."""

    FREE_REVIEW = "free_review"
    PROCTORED = "proctored"
    BLOCKED = "blocked"


class IllegalVideoMove(Exception):
    """A move that the table does not allow."""

    def __init__(self, current: VideoState, wanted: VideoState) -> None:
        super().__init__(f"a video cannot go from {current} to {wanted}")
        self.current = current
        self.wanted = wanted


_S = VideoState
_LEGAL: dict[VideoState, frozenset[VideoState]] = {
    _S.PENDING: frozenset({_S.UPLOADED, _S.FAILED, _S.DELETING}),
    _S.UPLOADED: frozenset({_S.PROCESSING, _S.FAILED, _S.DELETING}),
    # PROCESSING → UPLOADED: the job waits for its next attempt or was given back.
    _S.PROCESSING: frozenset({_S.PROCESSING, _S.UPLOADED, _S.READY, _S.FAILED, _S.DELETING}),
    # A new revision is made while the old one stays published.
    _S.READY: frozenset({_S.PROCESSING, _S.UPLOADED, _S.DELETING}),
    _S.FAILED: frozenset({_S.UPLOADED, _S.PROCESSING, _S.DELETING}),
    _S.DELETING: frozenset({_S.DELETING}),
}


def check_move(current: VideoState, wanted: VideoState) -> None:
    """Raise IllegalVideoMove unless a video may go from `current` to `wanted`."""
    if wanted not in _LEGAL[current]:
        raise IllegalVideoMove(current, wanted)


@dataclass(frozen=True, slots=True)
class RungSummary:
    """One rendition as lists and pages show it."""

    name: str
    width: int
    height: int
    codecs: str
    peak_bitrate: int
    average_bitrate: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Video:
    """A video row.

    Attributes:
        id: opaque; UUIDv7 for ours, older producers bring their own.
        title: as the teacher typed it.
        file_key: the uploaded source in the video bucket.
        file_name: as the browser named it, for people only.
        size: bytes promised at init, then measured.
        content_type: promised at init.
        upload_id: the store's id of the upload, "" for a single PUT to a store that cannot revoke its address.
        job_id: the latest transcode job, "" before one.
        revision: published revision ("r3"), "" before the first; playlists live under
            `tenants/{tenant}/video/hls/{video}/{revision}/`.
        encrypted: whether the published segments are AES-128.
        duration: seconds of the published stream, 0 before.
        rungs: what was published.
        access_mode: default for its viewers.
        failure: why the latest processing failed, None otherwise.
    """

    id: str
    tenant_id: str
    title: str
    state: VideoState
    file_key: str
    file_name: str
    size: int
    content_type: str
    upload_id: str
    job_id: str
    revision: str
    encrypted: bool
    duration: float
    rungs: tuple[RungSummary, ...]
    access_mode: AccessMode
    failure: Failure | None
    created_at: datetime
    updated_at: datetime

    @property
    def playable(self) -> bool:
        """Return whether a stream is published and may be watched."""
        published = bool(self.revision) and self.state is not VideoState.DELETING
        return published and self.access_mode is not AccessMode.BLOCKED
