"""What remains of uploads that nobody completed (VID-1), removed by the reconciler."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from academy.application.ports.database import Database, DatabaseUnavailable
from academy.application.ports.object_store import ObjectStore, ObjectStoreUnavailable, UploadGateway
from academy.application.uploads import ABANDONED_AFTER, EXPIRY_SLACK
from academy.application.video.catalogue import fail_open_upload
from academy.domain.video.failures import VideoFailure, video_failure

__all__ = ["LEFT_AFTER_SECONDS", "UploadExpiry"]

log = logging.getLogger(__name__)

LEFT_AFTER_SECONDS = (ABANDONED_AFTER + timedelta(hours=2)).total_seconds()
"""Age at which what lies in a store's own folders belongs to no upload that could still be completed."""
PERIOD_SECONDS = 300.0


class UploadExpiry:
    """Ends uploads that were never completed and removes what was sent of them."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        uploads: UploadGateway,
        sweep: Callable[[float], Awaitable[int]] | None = None,
    ) -> None:
        """Take ports; `sweep` removes what crashed writes left in a store of our own that is older than so many seconds."""
        self._database = database
        self._store = store
        self._uploads = uploads
        self._sweep = sweep

    async def expire_abandoned(self, limit: int = 100) -> int:
        """Fail uploads that were never completed, after removing what was sent; return how many.

        Raises DatabaseUnavailable, ObjectStoreUnavailable: then the rest is found again by the next call.
        """
        old = ABANDONED_AFTER + EXPIRY_SLACK
        abandoned = await self._database.read(lambda tx: tx.videos.abandoned(old, limit))
        failure = video_failure(VideoFailure.UPLOAD_EXPIRED)
        for video in abandoned:
            if video.upload_id:
                await self._uploads.abort(video.file_key, video.upload_id)
            await self._store.delete([video.file_key])
            await self._database.run(lambda tx, v=video: fail_open_upload(tx, v, failure))  # type: ignore[misc]
        return len(abandoned)

    async def expire_until(self, stop: asyncio.Event) -> None:
        """Look for abandoned uploads and what crashes left every few minutes until `stop` is set."""
        while not stop.is_set():
            try:
                await self.expire_abandoned()
                if self._sweep is not None and (removed := await self._sweep(LEFT_AFTER_SECONDS)):
                    log.info("store_swept", extra={"removed": removed})
            except (DatabaseUnavailable, ObjectStoreUnavailable) as error:
                log.warning("expire_failed", extra={"error": str(error)})
            try:
                await asyncio.wait_for(stop.wait(), PERIOD_SECONDS)
            except TimeoutError:
                continue
