"""What a job may touch: an object key in a message must be the tenant's own, and its video must not be on its way out."""

from academy.application.errors import WorkFailed
from academy.application.ports.database import Database, Transaction
from academy.domain.failures import Failure
from academy.domain.object_key import checked_key
from academy.domain.tenant.tenant import check_id
from academy.domain.video.refusals import VIDEO_DELETED
from academy.domain.video.video import VideoState

__all__ = [
    "FOREIGN_KEY",
    "VIDEO_DELETED",
    "check_ids",
    "check_key_of_video",
    "check_not_deleted",
    "check_owned",
    "check_prefix_of_video",
]

FOREIGN_KEY = Failure(
    "foreign_key",
    "The file does not belong to this academy, so it is not touched.",
    "이 학원의 파일이 아니므로 처리하지 않습니다.",
)
_KINDS = frozenset({"source", "work", "hls"})
_FIXED = _KINDS | {"tenants", "video"}
_LEAST_PARTS = 4
"""`tenants/{tenant}/{folder}/{video}`: what is shorter holds more than one video."""


def check_ids(*ids: str) -> None:
    """Raise WorkFailed unless each can stand in an object key as one part."""
    try:
        for value in ids:
            check_id(value)
    except ValueError:
        raise WorkFailed(FOREIGN_KEY) from None


async def check_owned(database: Database, tenant_id: str, *keys: str) -> None:
    """Raise WorkFailed unless every key lies under the tenant's id or code (older producers use the code)."""
    names = await database.read(lambda tx: _names(tx, tenant_id))
    for key in keys:
        try:
            checked_key(key.removesuffix("/"))
        except ValueError:
            raise WorkFailed(FOREIGN_KEY) from None
        if ".." in key or not any(key.startswith(f"tenants/{name}/") for name in names):
            raise WorkFailed(FOREIGN_KEY)


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


def _names(tx: Transaction, tenant_id: str) -> list[str]:
    """Return the names under which a tenant's objects lie: its id, and its code unless that is another tenant's id."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or tx.tenants.get(tenant.code) is not None:
        return [tenant_id]
    return [tenant_id, tenant.code]
