"""Direct uploads into a MemoryObjectStore: for tests of the upload use cases."""

import hashlib
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

from academy.application.ports.clock import Clock
from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectTooLarge,
    UploadMismatch,
    UploadPart,
    UploadTicket,
)
from academy.domain.object_key import checked_key
from academy.domain.upload import UploadPlan
from academy.infrastructure.memory.objects import MemoryObjectStore

__all__ = ["MemoryUploadGateway"]


@dataclass(slots=True)
class _Upload:
    key: str
    sizes: Sequence[int]
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryUploadGateway:
    """UploadGateway and UploadReceiver of one process. Nothing serves its URLs: hand the bytes to `accept_part`."""

    def __init__(
        self,
        store: MemoryObjectStore,
        clock: Clock,
        plan: UploadPlan = UploadPlan(),  # noqa: B008 -- frozen
    ) -> None:
        self._store = store
        self._clock = clock
        self._plan = plan
        self._uploads: dict[str, _Upload] = {}

    async def begin(self, key: str, size: int, content_type: str, expires_seconds: int) -> UploadTicket:
        """See UploadGateway."""
        sizes = self._plan.part_sizes(size)
        upload_id = uuid4().hex if len(sizes) > 1 else ""
        if upload_id:
            self._uploads[upload_id] = _Upload(checked_key(key), sizes)
        headers = {"Content-Type": content_type} if content_type and not upload_id else {}
        urls = tuple(
            f"memory://objects/{quote(checked_key(key))}?upload={upload_id}&part={n}"
            for n in range(1, len(sizes) + 1)
        )
        expires_at = self._clock.now() + timedelta(seconds=expires_seconds)
        return UploadTicket(upload_id, sizes[0], urls, headers, expires_at)

    async def accept_part(
        self, key: str, upload_id: str, number: int, size: int, data: AsyncIterable[bytes]
    ) -> str:
        """See UploadReceiver."""
        checked_key(key)
        upload = self._find(key, upload_id) if upload_id else None
        if upload and (not 1 <= number <= len(upload.sizes) or upload.sizes[number - 1] != size):
            raise UploadMismatch(f"the upload has no part {number} of {size} bytes")
        if upload_id and upload is None:
            raise ObjectMissing(f"no upload {upload_id} of {key}")
        content = b"".join([piece async for piece in data])
        if len(content) > size:
            raise ObjectTooLarge(f"more than the {size} bytes that the URL allows")
        if len(content) < size:
            raise UploadMismatch(f"{len(content)} bytes came instead of {size}")
        if upload:
            upload.parts[number] = content
        else:
            await self._store.put(key, content)
        return hashlib.sha256(content).hexdigest()

    async def complete(self, key: str, upload_id: str, parts: Sequence[UploadPart]) -> None:
        """See UploadGateway."""
        upload = self._find(key, upload_id)
        if upload is None:
            await self._store.head(key)
            return
        stored = {number: hashlib.sha256(content).hexdigest() for number, content in upload.parts.items()}
        named = [(part.number, part.etag.strip('"')) for part in parts]
        if named != [(number, stored.get(number)) for number in range(1, len(upload.sizes) + 1)]:
            raise UploadMismatch("the parts are not the ones that were uploaded")
        await self._store.put(key, b"".join(upload.parts[number] for number in sorted(upload.parts)))
        del self._uploads[upload_id]

    async def abort(self, key: str, upload_id: str) -> None:
        """See UploadGateway."""
        if self._find(key, upload_id):
            del self._uploads[upload_id]

    def _find(self, key: str, upload_id: str) -> _Upload | None:
        upload = self._uploads.get(upload_id)
        return upload if upload and upload.key == checked_key(key) else None
