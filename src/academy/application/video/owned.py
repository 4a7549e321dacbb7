"""What a job may touch: an object key in a message must be the tenant's own, and its video must not be on its way out."""

from academy.application.errors import WorkFailed
from academy.application.ports.database import Database, Transaction
from academy.domain.failures import Failure
from academy.domain.object_key import checked_key
from academy.domain.video.video import VideoState

__all__ = ["FOREIGN_KEY", "VIDEO_DELETED", "check_not_deleted", "check_owned", "check_prefix_of_video"]

FOREIGN_KEY = Failure(
    "foreign_key",
    "The file does not belong to this academy, so it is not touched.",
    "이 학원의 파일이 아니므로 처리하지 않습니다.",
)
VIDEO_DELETED = Failure(
    "video_deleted",
    "The video was deleted, so it is not processed.",
    "삭제된 동영상이므로 처리하지 않습니다.",
)


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
    """Raise WorkFailed unless a prefix to be emptied holds one video only: a shorter one would take others with it."""
    if video_id not in prefix.split("/")[2:]:
        raise WorkFailed(FOREIGN_KEY)


async def check_not_deleted(database: Database, tenant_id: str, video_id: str) -> None:
    """Raise WorkFailed when a video is gone or about to be: what is made for it now, nobody would remove."""
    video = await database.read(lambda tx: tx.videos.get(tenant_id, video_id))
    if video is None or video.state is VideoState.DELETING:
        raise WorkFailed(VIDEO_DELETED)


def _names(tx: Transaction, tenant_id: str) -> list[str]:
    """Return the names under which a tenant's objects lie: its id, and its code unless that is another tenant's id."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or tx.tenants.get(tenant.code) is not None:
        return [tenant_id]
    return [tenant_id, tenant.code]
