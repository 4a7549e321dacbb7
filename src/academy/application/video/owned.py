"""Which video a key or prefix in a message may touch, and that a video must not be on its way out."""

from academy.application.errors import WorkFailed
from academy.application.owned import FOREIGN_KEY
from academy.application.ports.database import Database
from academy.domain.video.refusals import VIDEO_DELETED
from academy.domain.video.video import VideoState

__all__ = ["check_key_of_video", "check_not_deleted", "check_prefix_of_video"]

_KINDS = frozenset({"source", "work", "hls"})
_FIXED = _KINDS | {"tenants", "video"}
_LEAST_PARTS = 4
"""`tenants/{tenant}/{folder}/{video}`: what is shorter holds more than one video."""


def check_prefix_of_video(prefix: str, video_id: str) -> None:
    """Raise WorkFailed unless a prefix to be emptied holds this video only: a shorter one would take others with it.

    Its last part is the video's id. An id may be a word of our own layout ("hls"), and a part of another video's place may be this
    one's id: in our layout the prefix must be exactly this video's, elsewhere an id that is such a word names no video.
    """
    parts = prefix.removesuffix("/").split("/")
    if len(parts) < _LEAST_PARTS or parts[-1] != video_id:
        raise WorkFailed(FOREIGN_KEY)
    if _in_our_layout(parts):
        if len(parts) != _LEAST_PARTS + 1:
            raise WorkFailed(FOREIGN_KEY)
    elif video_id in _FIXED:
        raise WorkFailed(FOREIGN_KEY)


def check_key_of_video(key: str, video_id: str) -> None:
    """Raise WorkFailed for an object that, by our layout, is another video's; keys of another layout pass."""
    parts = key.split("/")
    if _in_our_layout(parts) and len(parts) > _LEAST_PARTS + 1 and parts[4] != video_id:
        raise WorkFailed(FOREIGN_KEY)


async def check_not_deleted(database: Database, tenant_id: str, video_id: str) -> None:
    """Raise WorkFailed when a video is gone or about to be: what is made for it now, nobody would remove."""
    video = await database.read(lambda tx: tx.videos.get(tenant_id, video_id))
    if video is None or video.state is VideoState.DELETING:
        raise WorkFailed(VIDEO_DELETED)


def _in_our_layout(parts: list[str]) -> bool:
    """Return whether these are parts of `tenants/{tenant}/video/{kind}/…`."""
    return len(parts) >= _LEAST_PARTS and parts[2] == "video" and parts[3] in _KINDS
