"""What remains of documents that nobody completed and of scans that were removed, taken away by the reconciler (DOC-1, OMR-4)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

from academy.application.ai.documents import Documents
from academy.application.ai.orphans import Orphans
from academy.application.ai.overlays import Overlays
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.application.uploads import ABANDONED_AFTER

__all__ = ["DocumentExpiry"]

log = logging.getLogger(__name__)

LEFT_AFTER_SECONDS = (ABANDONED_AFTER + timedelta(hours=2)).total_seconds()
"""Age at which what lies in a store's own folders belongs to no upload that could still be completed."""
PERIOD_SECONDS = 300.0
THOROUGH_ROUNDS = 12
"""Every object is looked at, so only in every twelfth round."""


class DocumentExpiry:
    """Ends uploads of documents that were never completed, every few minutes, and takes away what nobody shows or names, every hour."""

    def __init__(
        self,
        documents: Documents,
        overlays: Overlays,
        orphans: Orphans,
        sweep: Callable[[float], Awaitable[int]] | None = None,
    ) -> None:
        """Take the use cases; `sweep` removes what crashed writes left in a store of our own that is older than so many seconds."""
        self._documents = documents
        self._overlays = overlays
        self._orphans = orphans
        self._sweep = sweep

    async def expire(self, *, thorough: bool) -> None:
        """Look once for abandoned documents and what crashes left; `thorough` says whether at every object, too.

        Raises DatabaseUnavailable, ObjectStoreUnavailable.
        """
        await self._documents.sweep()
        if self._sweep is not None and (removed := await self._sweep(LEFT_AFTER_SECONDS)):
            log.info("store_swept", extra={"removed": removed})
        if not thorough:
            return
        if removed := await self._overlays.sweep():
            log.info("overlays_swept", extra={"removed": removed})
        if removed := await self._orphans.sweep():
            log.info("orphans_swept", extra={"removed": removed})

    async def expire_until(self, stop: asyncio.Event) -> None:
        """Look for all of it until `stop` is set."""
        for number in count():
            if stop.is_set():
                return
            try:
                await self.expire(thorough=number % THOROUGH_ROUNDS == 0)
            except (DatabaseUnavailable, ObjectStoreUnavailable) as error:
                log.warning("expire_failed", extra={"error": str(error)})
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PERIOD_SECONDS)
