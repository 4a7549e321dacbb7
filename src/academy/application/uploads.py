"""What every direct upload has in common: opened with its record, and looked at once it was sent (VID-1)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from academy.application.errors import Refused
from academy.application.ports.object_store import (
    ObjectHead,
    ObjectMissing,
    ObjectStore,
    UploadGateway,
    UploadMismatch,
    UploadPart,
    UploadTicket,
)
from academy.domain.failures import Failure

__all__ = ["ABANDONED_AFTER", "EXPIRY_SLACK", "PARTS_MISMATCH", "open_upload", "sent_object"]

T = TypeVar("T")

PARTS_MISMATCH = Failure(
    "parts_mismatch",
    "The parts named at completion are not the ones that were uploaded; send every part's number and ETag.",
    "업로드된 조각과 완료 요청의 조각이 다릅니다. 모든 조각의 번호와 ETag를 보내 주세요.",
)

ABANDONED_AFTER = timedelta(hours=48)
"""How long after its begin an upload may be completed."""
EXPIRY_SLACK = timedelta(minutes=10)
"""Since ABANDONED_AFTER nobody may complete; a completion that began just before has ended when this is over."""


async def open_upload(
    uploads: UploadGateway,
    key: str,
    size: int,
    content_type: str,
    url_seconds: int,
    record: Callable[[UploadTicket], Awaitable[T]],
) -> tuple[T, UploadTicket]:
    """Open an upload and record it; where `record` raises, the upload is dropped. Raises ObjectStoreUnavailable too."""
    ticket = await uploads.begin(key, size, content_type, url_seconds)
    try:
        return await record(ticket), ticket
    except BaseException:
        if ticket.upload_id:
            await uploads.abort(key, ticket.upload_id)
        raise


async def sent_object(
    store: ObjectStore,
    uploads: UploadGateway,
    key: str,
    upload_id: str,
    parts: Sequence[UploadPart],
    *,
    first_bytes: int,
    missing: Failure,
) -> tuple[ObjectHead, bytes]:
    """Join what was sent; return what the store knows of it and its first bytes.

    Raises Refused (`missing`, `parts_mismatch`), ObjectStoreUnavailable.
    """
    try:
        if upload_id:
            await uploads.complete(key, upload_id, parts)
        head = await store.head(key)
        return head, await store.get_range(key, 0, first_bytes)
    except ObjectMissing:
        raise Refused(missing) from None
    except UploadMismatch:
        raise Refused(PARTS_MISMATCH) from None
