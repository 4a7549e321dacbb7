"""The overlays of scans: pictures of pages with what was read, in the object store, and what becomes of those nobody shows (OMR-4)."""

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta

from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectStore
from academy.domain.omr.scan import Scan, ScanState

__all__ = ["LEFT_AFTER", "OVERLAY_ROOT", "Overlays", "overlay_folder", "reading_name"]

OVERLAY_ROOT = "scans/"
LEFT_AFTER = timedelta(hours=2)
"""Age from which an overlay belongs to no attempt that is still running: a job's attempt ends after an hour."""
_PARTS = 5
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_BATCH = 1000


def overlay_folder(tenant_id: str, scan_id: str) -> str:
    """Return where the overlays of a scan lie, of every revision; ends with "/"."""
    return f"{OVERLAY_ROOT}{tenant_id}/{scan_id}/"


def reading_name(job_id: str) -> str:
    """Return a job's part in the names of what its attempts read; an id that a producer made up is no part of a key."""
    return job_id if _PLAIN.fullmatch(job_id) else hashlib.sha256(job_id.encode()).hexdigest()[:32]


class Overlays:
    """Takes away overlays that no page names any more."""

    def __init__(self, database: Database, store: ObjectStore) -> None:
        """Take rows and the AI bucket."""
        self._database = database
        self._store = store

    async def drop(self, tenant_id: str, scan_id: str) -> None:
        """Delete all of a scan whose removal is committed; what is put later, or a crash leaves, goes with `sweep`.

        Raises ObjectStoreUnavailable.
        """
        keys = [head.key async for head in self._store.list(overlay_folder(tenant_id, scan_id))]
        await self._store.delete(keys)

    async def sweep(self, older_than: timedelta = LEFT_AFTER) -> int:
        """Delete the overlays, older than that, of scans that are gone and of readings that do not count; return how many.

        Looks at every overlay there is. Raises DatabaseUnavailable, ObjectStoreUnavailable: the next call finds the rest.
        """
        now = await self._database.read(lambda tx: tx.now())
        removed, old = 0, list[str]()
        async for head in self._store.list(OVERLAY_ROOT):
            if now - head.modified_at < older_than:
                continue
            old.append(head.key)
            if len(old) == _BATCH:
                removed += await self._delete_left(old)
                old = []
        return removed + await self._delete_left(old)

    async def _delete_left(self, keys: Sequence[str]) -> int:
        # The rows are read after the objects were seen: what does not count by then never will again.
        left = await self._database.read(lambda tx: _left(tx, keys))
        await self._store.delete(left)
        return len(left)


def _left(tx: Transaction, keys: Sequence[str]) -> list[str]:
    """Return those keys that belong to no reading that counts or is under way."""
    scans: dict[tuple[str, str], Scan | None] = {}
    left = []
    for key in keys:
        parts = key.split("/")
        if len(parts) != _PARTS:
            continue
        _, tenant_id, scan_id, revision, _ = parts
        named = tenant_id, scan_id
        if named not in scans:
            scans[named] = tx.scans.get(tenant_id, scan_id)
        scan = scans[named]
        if scan is None or not _counts(scan, revision):
            left.append(key)
    return left


def _counts(scan: Scan, revision: str) -> bool:
    """Return whether a reading is the one that counts, or an attempt at the one that will."""
    under_way = scan.state is ScanState.READING and revision.rpartition("-")[0] == reading_name(scan.job_id)
    return revision == scan.revision or under_way
