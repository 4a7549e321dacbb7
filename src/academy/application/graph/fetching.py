"""Bring the inputs of a request to this machine: small ones together, into one file, the others into a file each (GRA-2)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.contracts.graph import InputOutcome

__all__ = ["PACKED_BYTES", "Fetched", "Fetching"]

PACKED_BYTES = 64 << 10
"""Inputs of fewer bytes lie together in one file: ten thousand files cost more than what stands in them."""
_LARGEST_INPUT = 1 << 30
_TOGETHER, _AT_ONCE = 128, 16
_CONTAINERS = (b"%PDF", b"PK")
"""First bytes of what may hold far more than its size says; each lies alone."""
_PACK = "in/pack"

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where each input lies, by key, as a line of `inputs.jsonl`, and what became of those that do not."""

    lines: Sequence[Line]
    outcomes: tuple[InputOutcome, ...]


class Fetching:
    """Brings objects of known names into a folder."""

    def __init__(
        self,
        store: ObjectStore,
        folder: Path,
        sizes: Mapping[str, int | None],
        report: Callable[[float], None],
    ) -> None:
        """Take where from, where to, the keys with the size of each where it is known, and who is told how much is done."""
        self._store = store
        self._folder = folder
        self._sizes = dict(sorted(sizes.items()))
        self._names = {key: f"in/{at:05}" for at, key in enumerate(self._sizes)}
        self._report = report
        self._lines: dict[str, Line] = {}
        self._refused: dict[str, InputOutcome] = {}

    async def run(self) -> Fetched:
        """Bring all of them. Raises ObjectStoreUnavailable, OSError, and groups of these."""
        (self._folder / "in").mkdir(exist_ok=True)
        small = [key for key, size in self._sizes.items() if size is None or size < PACKED_BYTES]
        with await asyncio.to_thread((self._folder / _PACK).open, "wb") as pack:
            for first in range(0, len(small), _TOGETHER):
                await self._bring_small(small[first : first + _TOGETHER], pack)
        some = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for key in self._sizes:
                if key not in self._lines:
                    group.create_task(self._bring_alone(key, some))
        lines = [self._lines[key] for key in self._sizes if key in self._lines]
        return Fetched(lines, tuple(self._refused[key] for key in sorted(self._refused)))

    async def _bring_small(self, keys: Sequence[str], pack: IO[bytes]) -> None:
        found = await self._store.get_small(keys, max_bytes=PACKED_BYTES - 1)
        await asyncio.to_thread(self._keep, found, pack)
        self._tell()

    def _keep(self, found: Mapping[str, bytes], pack: IO[bytes]) -> None:
        for key, data in found.items():
            if data.startswith(_CONTAINERS):
                (self._folder / self._names[key]).write_bytes(data)
                self._lines[key] = {"key": key, "file": self._names[key]}
            else:
                self._lines[key] = {"key": key, "file": _PACK, "start": pack.tell(), "size": len(data)}
                pack.write(data)
        pack.flush()

    async def _bring_alone(self, key: str, some: asyncio.Semaphore) -> None:
        async with some:
            refused = await self._download(key)
        if refused is None:
            self._lines[key] = {"key": key, "file": self._names[key]}
        else:
            code, message = refused
            self._refused[key] = InputOutcome(key=key, status="failed", code=code, message=message)
        self._tell()

    async def _download(self, key: str) -> tuple[str, str] | None:
        """Bring one object into a file of its own, or return why not."""
        size = self._sizes[key]
        try:
            if size is None:
                size = (await self._store.head(key)).size
            if size > _LARGEST_INPUT:
                return "input_too_large", "It has more than 1 GiB; split it into several files."
            await self._store.download(key, self._folder / self._names[key])
        except ObjectMissing:
            return "object_missing", "No object has this key; upload it first."
        return None

    def _tell(self) -> None:
        self._report((len(self._lines) + len(self._refused)) / len(self._sizes))
