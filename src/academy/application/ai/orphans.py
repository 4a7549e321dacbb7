"""Objects of documents that no row names: what an attempt made whose worker was killed before it could say so (DOC-1, SEC-2)."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from academy.application.ai.overlays import LEFT_AFTER
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectStore
from academy.domain.document.document import DOCUMENT_ROOT

__all__ = ["Orphans"]

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
        now = await self._database.read(lambda tx: tx.now())
        removed, old = 0, list[str]()
        async for head in self._store.list(f"{DOCUMENT_ROOT}/"):
            if now - head.modified_at < older_than or len(head.key.split("/")) != _PARTS:
                continue
            old.append(head.key)
            if len(old) == _BATCH:
                removed += await self._delete_left(old, most - removed)
                old = []
                if removed >= most:
                    return removed
        return removed + await self._delete_left(old, most - removed)

    async def _delete_left(self, keys: Sequence[str], most: int) -> int:
        # The rows are read after the objects were seen: what has none by then never will.
        left = (await self._database.read(lambda tx: _left(tx, keys)))[:most]
        await self._store.delete(left)
        return len(left)


def _left(tx: Transaction, keys: Sequence[str]) -> list[str]:
    """Return those keys of documents that no row names."""
    left = []
    for tenant_id, group in groupby(sorted(keys), key=lambda key: key.split("/")[1]):
        theirs = list(group)
        known = {each.key for each in tx.documents.get_many(tenant_id, [key.split("/")[2] for key in theirs])}
        left += [key for key in theirs if key not in known]
    return left
