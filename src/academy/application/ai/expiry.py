"""What remains of documents that nobody completed, removed by the reconciler (DOC-1)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from academy.application.ai.documents import Documents
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.application.uploads import ABANDONED_AFTER

__all__ = ["DocumentExpiry"]

log = logging.getLogger(__name__)

LEFT_AFTER_SECONDS = (ABANDONED_AFTER + timedelta(hours=2)).total_seconds()
"""Age at which what lies in a store's own folders belongs to no upload that could still be completed."""
PERIOD_SECONDS = 300.0


class DocumentExpiry:
    """Ends uploads of documents that were never completed, every few minutes."""

    def __init__(self, documents: Documents, sweep: Callable[[float], Awaitable[int]] | None = None) -> None:
        """Take the use cases; `sweep` removes what crashed writes left in a store of our own that is older than so many seconds."""
        self._documents = documents
        self._sweep = sweep

    async def expire_until(self, stop: asyncio.Event) -> None:
        """Look for abandoned documents and what crashes left until `stop` is set."""
        while not stop.is_set():
            try:
                await self._documents.sweep()
                if self._sweep is not None and (removed := await self._sweep(LEFT_AFTER_SECONDS)):
                    log.info("store_swept", extra={"removed": removed})
            except (DatabaseUnavailable, ObjectStoreUnavailable) as error:
                log.warning("expire_failed", extra={"error": str(error)})
            try:
                await asyncio.wait_for(stop.wait(), PERIOD_SECONDS)
            except TimeoutError:
                continue
