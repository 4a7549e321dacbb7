"""Objects of documents that no row names: what an attempt made whose worker was killed before it could say so (DOC-1, SEC-2)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from academy.application.ai.overlays import LEFT_AFTER
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectStore
from academy.domain.document.document import DOCUMENT_ROOT, study_document, study_folder

__all__ = ["Orphans"]

_Named = tuple[str, str]
"""The academy and the document that an object's key names."""
_PARTS = 3
_BATCH = 500
MOST_AT_ONCE = 5000


class Orphans:
    """Takes away the objects of documents that nobody can find any more."""

    def __init__(self, database: Database, store: ObjectStore) -> None:
        """Take rows and the AI bucket."""
        self._database = database
        self._store = store

    async def sweep(self, older_than: timedelta = LEFT_AFTER, most: int = MOST_AT_ONCE) -> int:
        """Delete up to `most` objects, older than that, of documents that have no row; return how many.

        A job's rows are written when it ends, within an hour of its first object; an upload's row stands before its object. Raises
        DatabaseUnavailable, ObjectStoreUnavailable: the next call finds the rest.
        """
        now, tenants = await self._database.read(lambda tx: (tx.now(), tx.tenants.all()))
        removed = await self._sweep(f"{DOCUMENT_ROOT}/", _document, now - older_than, most)
        for tenant in tenants:
            if removed < most:
                theirs = partial(_study, tenant.id)
                removed += await self._sweep(
                    study_folder(tenant.id), theirs, now - older_than, most - removed
                )
        return removed

    async def _sweep(
        self, prefix: str, named: Callable[[str], _Named | None], before: datetime, most: int
    ) -> int:
        removed, old = 0, dict[str, _Named]()
        async for head in self._store.list(prefix):
            owner = named(head.key)
            if owner is None or head.modified_at > before:
                continue
            old[head.key] = owner
            if len(old) == _BATCH:
                removed += await self._delete_left(old, most - removed)
                old = {}
                if removed >= most:
                    return removed
        return removed + await self._delete_left(old, most - removed)

    async def _delete_left(self, keys: Mapping[str, _Named], most: int) -> int:
        # The rows are read after the objects were seen: what has none by then never will.
        left = (await self._database.read(lambda tx: _left(tx, keys)))[:most]
        await self._store.delete(left)
        return len(left)


def _document(key: str) -> _Named | None:
    parts = key.split("/")
    return (parts[1], parts[2]) if len(parts) == _PARTS else None


def _study(tenant_id: str, key: str) -> _Named | None:
    document_id = study_document(tenant_id, key)
    return (tenant_id, document_id) if document_id else None


def _left(tx: Transaction, keys: Mapping[str, _Named]) -> list[str]:
    """Return those keys of documents that no row names."""
    left = []
    for tenant_id, group in groupby(
        sorted(keys, key=lambda key: (keys[key], key)), key=lambda key: keys[key][0]
    ):
        theirs = list(group)
        rows = tx.documents.get_many(tenant_id, [keys[key][1] for key in theirs])
        known = {each.key for each in rows}
        left += [key for key in theirs if key not in known]
    return left
