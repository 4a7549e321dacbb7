"""The collections that are open: few at a time, the least recently used is closed for the next one."""

import json
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from academy.application.ports.vector_index import VectorsLost

if TYPE_CHECKING:
    from academy.infrastructure.chroma.store import OpenCollection

__all__ = ["OpenedCollections"]


class OpenedCollections:
    """Open collections by the name of their owner. Synchronous, for one thread; raises VectorIndexUnavailable."""

    def __init__(self, limit: int, exact_bytes: int) -> None:
        """Keep up to `limit` open; `exact_bytes` as of OpenCollection."""
        self._limit = limit
        self._exact_bytes = exact_bytes
        self._opened: OrderedDict[str, OpenCollection] = OrderedDict()

    def get(self, name: str, folder: Path, owner: tuple[str, str]) -> "OpenCollection":
        """Return the collection of a folder, opened unless it is. Raises VectorsLost when its files are no longer there."""
        held = self._opened.get(name)
        if held is None or held.folder != folder:
            # Another folder: of a replacement that failed at its last step.
            self.drop(name)
            held = self.open(name, folder, owner)
        self._opened.move_to_end(name)
        if not held.is_there():
            self.drop(name)
            raise VectorsLost(f"the vectors in {folder} have been taken away; build the graph again")
        return held

    def open(self, name: str, folder: Path, owner: tuple[str, str]) -> "OpenCollection":
        """Open a collection that is not open."""
        from academy.infrastructure.chroma import store  # noqa: PLC0415 -- slow to import

        while len(self._opened) >= self._limit:
            self._opened.popitem(last=False)[1].close()
        opened = store.OpenCollection.open(folder, json.dumps(owner), exact_bytes=self._exact_bytes)
        self._opened[name] = opened
        return opened

    def drop(self, name: str) -> None:
        """Close a collection if it is open."""
        held = self._opened.pop(name, None)
        if held is not None:
            held.close()

    def close(self) -> None:
        """Close all."""
        while self._opened:
            self._opened.popitem()[1].close()
