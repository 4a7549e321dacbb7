"""Objects in a dictionary: for tests and for trying things out; gone with the process."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from academy.application.ports.clock import Clock
from academy.application.ports.object_store import ObjectExists, ObjectHead, ObjectMissing, ObjectTooLarge
from academy.domain.object_key import checked_key, checked_prefix

__all__ = ["MemoryObjectStore"]

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Stored:
    data: bytes
    etag: str
    modified_at: datetime


class MemoryObjectStore:
    """ObjectStore of one process. Nothing serves the URLs it signs."""

    def __init__(self, clock: Clock, *, base_url: str = "memory://objects") -> None:
        self._clock = clock
        self._base_url = base_url
        self._objects: dict[str, _Stored] = {}

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",  # noqa: ARG002
        spare: bool = False,  # noqa: ARG002
    ) -> None:
        """See ObjectStore."""
        checked_key(key)
        if isinstance(data, Path):
            content = data.read_bytes()  # noqa: ASYNC240 -- nothing else runs in the tests this serves
        elif isinstance(data, bytes):
            content = data
        else:
            content = b"".join([bytes(piece) async for piece in data])
        self._store(key, content)

    async def create(self, key: str, data: bytes) -> None:
        """See ObjectStore."""
        if checked_key(key) in self._objects:
            raise ObjectExists(key)
        self._store(key, data)

    async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
        """See ObjectStore."""
        data = self._find(key).data
        if len(data) > max_bytes:
            raise ObjectTooLarge(f"{key} has {len(data)} bytes, allowed are {max_bytes}")
        return data

    async def get_small(self, keys: Sequence[str], *, max_bytes: int) -> Mapping[str, bytes]:
        """See ObjectStore."""
        found = {key: self._objects[key].data for key in map(checked_key, keys) if key in self._objects}
        return {key: data for key, data in found.items() if len(data) <= max_bytes}

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """See ObjectStore."""
        if start < 0 or length < 0:
            raise ValueError("a range has no negative bounds")
        return self._find(key).data[start : start + length]

    async def stream(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range has no negative bounds")
        data = self._find(key).data
        end = len(data) if length is None else min(len(data), start + length)
        for offset in range(start, end, _PIECE):
            yield data[offset : min(end, offset + _PIECE)]

    async def download(self, key: str, target: Path) -> int:
        """See ObjectStore."""
        return target.write_bytes(self._find(key).data)  # noqa: ASYNC240

    async def head(self, key: str) -> ObjectHead:
        """See ObjectStore."""
        return _head(key, self._find(key))

    async def list(self, prefix: str) -> AsyncIterator[ObjectHead]:
        """See ObjectStore."""
        checked_prefix(prefix)
        for key in [key for key in self._objects if key.startswith(prefix)]:
            stored = self._objects.get(key)
            if stored:
                yield _head(key, stored)

    async def delete(self, keys: Sequence[str]) -> None:
        """See ObjectStore."""
        for key in keys:
            self._objects.pop(checked_key(key), None)

    async def presign_get(self, key: str, expires_seconds: int) -> str:
        """See ObjectStore."""
        expires_at = self._clock.now() + timedelta(seconds=expires_seconds)
        return f"{self._base_url}/{quote(checked_key(key))}?expires={int(expires_at.timestamp())}"

    async def ping(self) -> None:
        """See ObjectStore."""

    def _store(self, key: str, data: bytes) -> None:
        etag = hashlib.sha256(data).hexdigest()
        self._objects[key] = _Stored(data, etag, self._clock.now())

    def _find(self, key: str) -> _Stored:
        try:
            return self._objects[checked_key(key)]
        except KeyError:
            raise ObjectMissing(key) from None


def _head(key: str, stored: _Stored) -> ObjectHead:
    return ObjectHead(key, len(stored.data), stored.etag, stored.modified_at)
