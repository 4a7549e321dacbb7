"""Ports: objects in one bucket, and direct uploads into it."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

__all__ = [
    "ObjectExists",
    "ObjectHead",
    "ObjectMissing",
    "ObjectStore",
    "ObjectStoreError",
    "ObjectStoreUnavailable",
    "ObjectTooLarge",
    "UploadGateway",
    "UploadMismatch",
    "UploadPart",
    "UploadReceiver",
    "UploadTicket",
]


class ObjectStoreError(Exception):
    """Root of what the ports in this module raise."""


class ObjectMissing(ObjectStoreError):
    """No object has this key. A missing bucket is not this but ObjectStoreUnavailable."""


class ObjectExists(ObjectStoreError):
    """`create` found an object with this key."""


class ObjectTooLarge(ObjectStoreError):
    """More bytes came than were allowed; nothing was stored."""


class UploadMismatch(ObjectStoreError):
    """The parts named at completion are not the ones that were uploaded."""


class ObjectStoreUnavailable(ObjectStoreError):
    """The store cannot be reached, refused our credentials, has no such bucket or no space; may work later."""


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What is known of an object without reading it.

    Attributes:
        key: as stored, without a leading slash.
        size: bytes.
        etag: changes when the bytes change.
        modified_at: aware, UTC.
    """

    key: str
    size: int
    etag: str
    modified_at: datetime


class ObjectStore(Protocol):
    """Objects of one bucket. Keys are opaque UTF-8 text with `/` between parts; `..`, `//` and a leading `/` raise ValueError.

    A put is atomic: readers see the old object or the whole new one, also after a crash. Every method raises
    ObjectStoreUnavailable.
    """

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",
        spare: bool = False,
    ) -> None:
        """Store an object, replacing any; a Path and a stream are sent in constant memory.

        `spare`: nobody needs or writes the file of a Path any more, so that it may be taken instead of copied; it may be gone afterwards.
        """
        ...

    async def create(self, key: str, data: bytes) -> None:
        """Store an object only if none has the key; of concurrent calls exactly one succeeds. Raises ObjectExists."""
        ...

    async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
        """Return a small object. Raises ObjectMissing, ObjectTooLarge."""
        ...

    async def get_small(self, keys: Sequence[str], *, max_bytes: int) -> Mapping[str, bytes]:
        """Return the objects of at most `max_bytes` among many, at far less than one call each.

        One that is missing, larger, or cannot be had in this way is left out; asked for alone it says why.
        """
        ...

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer at the end. Raises ObjectMissing."""
        ...

    def stream(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield an object (or a range of it) in pieces of at most 1 MiB. Raises ObjectMissing at the first piece."""
        ...

    async def download(self, key: str, target: Path) -> int:
        """Stream an object into a new file, return its size; leaves no partial file. Raises ObjectMissing."""
        ...

    async def head(self, key: str) -> ObjectHead:
        """Return what is known of an object. Raises ObjectMissing."""
        ...

    def list(self, prefix: str) -> AsyncIterator[ObjectHead]:
        """Yield every object whose key starts with `prefix` (which must end with "/"), in no promised order."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete any number of objects; a missing one is no error."""
        ...

    async def presign_get(self, key: str, expires_seconds: int) -> str:
        """Return a URL that serves the object without further credentials until it expires (made at use, never queued)."""
        ...

    async def ping(self) -> None:
        """Raise ObjectStoreUnavailable unless the bucket is reachable and readable."""
        ...


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """How a browser sends one object straight to the store.

    Attributes:
        upload_id: names the upload at the store; empty for a single PUT to a store that cannot call its address back.
        part_size: bytes of every part but the last (equal, for R2); the whole size for a single PUT.
        urls: one presigned PUT URL per part, in order; a single one without multipart.
        headers: what the client must send with each PUT.
        expires_at: when the URLs stop working.
    """

    upload_id: str
    part_size: int
    urls: tuple[str, ...]
    headers: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A part as the client saw it: 1-based number and the ETag header of its PUT's answer."""

    number: int
    etag: str


class UploadGateway(Protocol):
    """Direct uploads into one bucket. Every method raises ObjectStoreUnavailable."""

    async def begin(self, key: str, size: int, content_type: str, expires_seconds: int) -> UploadTicket:
        """Open an upload of exactly `size` bytes; multipart above 100 MB.

        With an upload id nothing is stored under the key before `complete`, and the URLs are refused after it or `abort`. Without one
        the URL stores the object itself until it expires: compare the ETag later on, and clean up once more when it has expired.
        """
        ...

    async def complete(self, key: str, upload_id: str, parts: Sequence[UploadPart]) -> None:
        """Join the parts of an upload; completing twice is no error. Raises UploadMismatch, ObjectMissing.

        The part of a single PUT need not be named. ObjectMissing: it was not sent, or the upload was aborted.
        """
        ...

    async def abort(self, key: str, upload_id: str) -> None:
        """Drop an upload and its parts; aborting twice, or a finished one, is no error."""
        ...


class UploadReceiver(Protocol):
    """Takes what is sent to an UploadGateway's URLs when our own API serves them (a folder); a cloud store takes it itself."""

    async def accept_part(
        self, key: str, upload_id: str, number: int, size: int, data: AsyncIterable[bytes]
    ) -> str:
        """Store one part of exactly `size` bytes in constant memory and return its ETag; a part sent again replaces the first.

        A single PUT has number 1. Nothing is stored when this raises ObjectTooLarge (more bytes came), UploadMismatch (fewer came),
        ObjectMissing (no such upload, or it was completed or aborted meanwhile) or ObjectStoreUnavailable.
        """
        ...
