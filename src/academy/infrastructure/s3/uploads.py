"""Direct uploads into an S3 bucket by presigned URLs."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Self
from xml.sax.saxutils import escape

from academy.application.ports.clock import Clock
from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectStoreUnavailable,
    UploadMismatch,
    UploadPart,
    UploadTicket,
)
from academy.domain.object_key import checked_key
from academy.domain.upload import UploadPlan
from academy.infrastructure.s3.client import S3Client, S3Refusal, S3Unreachable
from academy.infrastructure.s3.location import S3Location

__all__ = ["S3UploadGateway"]

_NO_UPLOAD = frozenset({"NoSuchUpload"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_MISMATCH = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "InvalidRequest"})


class S3UploadGateway:
    """UploadGateway of one S3 bucket.

    Each URL takes exactly the bytes it was made for: the length is part of what is signed. For uploads from a browser the bucket's CORS
    rules must allow PUT and expose the ETag header.
    """

    def __init__(self, client: S3Client, location: S3Location, clock: Clock, plan: UploadPlan) -> None:
        """Use an open client; see `open`."""
        self._client = client
        self._bucket = location.bucket
        self._clock = clock
        self._plan = plan

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        location: S3Location,
        clock: Clock,
        plan: UploadPlan = UploadPlan(),  # noqa: B008 -- frozen
    ) -> AsyncIterator[Self]:
        """Hold a gateway and its connections open. Nothing is sent before the first call."""
        async with S3Client.open(location, clock) as client:
            yield cls(client, location, clock, plan)

    async def begin(self, key: str, size: int, content_type: str, expires_seconds: int) -> UploadTicket:
        """See UploadGateway."""
        sizes = self._plan.part_sizes(size)
        checked_key(key)
        headers = {"Content-Type": content_type} if content_type else {}
        expires_at = self._clock.now() + timedelta(seconds=expires_seconds)
        with _translated(self._bucket, key):
            if len(sizes) == 1:
                # Who sends to the URL sets the length by itself, and browsers let nobody name it.
                signed = {**headers, "Content-Length": str(size)}
                url = await self._client.presigned_put(key, {}, signed, expires_seconds)
                return UploadTicket("", size, (url,), headers, expires_at)
            upload_id = await self._client.told(
                "POST", key, "UploadId", query={"uploads": ""}, headers=headers
            )
            urls = [
                await self._client.presigned_put(
                    key,
                    {"partNumber": str(number), "uploadId": upload_id},
                    {"Content-Length": str(part)},
                    expires_seconds,
                )
                for number, part in enumerate(sizes, 1)
            ]
        return UploadTicket(upload_id, sizes[0], tuple(urls), {}, expires_at)

    async def complete(self, key: str, upload_id: str, parts: Sequence[UploadPart]) -> None:
        """See UploadGateway."""
        checked_key(key)
        if not upload_id:
            await self._require(key)
            return
        if not parts or [part.number for part in parts] != list(range(1, len(parts) + 1)):
            raise UploadMismatch("the parts are numbered 1, 2, 3 … without gaps")
        try:
            with _translated(self._bucket, key):
                await self._client.told(
                    "POST",
                    key,
                    "ETag",
                    query={"uploadId": upload_id},
                    headers={"Content-Type": "application/xml"},
                    body=_named(parts),
                )
        except _UploadGone:
            # Completed before, or aborted: the object tells which.
            await self._require(key)

    async def abort(self, key: str, upload_id: str) -> None:
        """See UploadGateway."""
        checked_key(key)
        if not upload_id:
            return
        try:
            with _translated(self._bucket, key):
                await self._client.send("DELETE", key, query={"uploadId": upload_id})
        except (_UploadGone, ObjectMissing):
            return

    async def _require(self, key: str) -> None:
        try:
            with _translated(self._bucket, key):
                answer = await self._client.send("HEAD", key)
                if "etag" not in answer.headers:
                    # Every S3 server sends one; a proxy's page with status 200 does not and would pass for the object.
                    raise S3Unreachable("an answer without an ETag does not come from an object store")
        except ObjectMissing:
            with _translated(self._bucket, key, missing=ObjectStoreUnavailable):
                await self._client.send("HEAD")
            raise


class _UploadGone(Exception):
    """The store knows no such upload (any more)."""


def _named(parts: Sequence[UploadPart]) -> bytes:
    lines = [
        f"<Part><PartNumber>{part.number}</PartNumber><ETag>&quot;{escape(part.etag.strip(chr(34)))}&quot;</ETag></Part>"
        for part in parts
    ]
    name, space = "CompleteMultipartUpload", "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<{name} xmlns="{space}">{"".join(lines)}</{name}>'.encode()


@contextmanager
def _translated(
    bucket: str, key: str, missing: type[ObjectMissing | ObjectStoreUnavailable] = ObjectMissing
) -> Iterator[None]:
    try:
        yield
    except S3Refusal as error:
        if error.code in _NO_UPLOAD:
            raise _UploadGone(key) from error
        if error.code in _MISSING:
            raise missing(key) from error
        if error.code in _MISMATCH:
            raise UploadMismatch(f"{key}: {error.code}") from error
        raise ObjectStoreUnavailable(f"bucket {bucket}: {error}") from error
    except S3Unreachable as error:
        raise ObjectStoreUnavailable(f"bucket {bucket}: {error}") from error
