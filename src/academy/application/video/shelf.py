"""Finished pieces of unfinished work, kept in the object store so that a killed job goes on where it stopped (VID-6)."""

import json
from pathlib import Path

from academy.application.ports.object_store import ObjectMissing, ObjectStore

__all__ = ["WorkShelf"]


class WorkShelf:
    """Pieces by name under one prefix. A piece counts once its manifest is there, which is written last.

    Files carry the writer's name, so that two workers that make the same piece at once never mix theirs.
    """

    def __init__(self, store: ObjectStore, prefix: str, writer: str) -> None:
        """Keep pieces under `prefix` (ends with "/"); `writer` is unique to the attempt."""
        self._store = store
        self._prefix = prefix
        self._writer = writer

    async def put(self, name: str, files: dict[str, Path]) -> None:
        """Keep a finished piece: its files by label."""
        entries = {}
        for label, path in files.items():
            key = f"{self._prefix}{name}/{self._writer}-{label}"
            await self._store.put(key, path)
            entries[label] = {"key": key, "size": path.stat().st_size}
        await self._store.put(
            f"{self._prefix}{name}.json", json.dumps(entries).encode(), content_type="application/json"
        )

    async def get(self, name: str, folder: Path) -> dict[str, Path] | None:
        """Fetch a finished piece into `folder`, or return None when it must be made (again)."""
        try:
            entries = json.loads(await self._store.get(f"{self._prefix}{name}.json"))
            files = {label: folder / f"{name}-{label}" for label in entries}
            for label, path in files.items():
                if await self._store.download(entries[label]["key"], path) != entries[label]["size"]:
                    return None
        except ObjectMissing:
            return None
        return files
