"""Objects in an S3 bucket, by obstore.

| seen                                                        | raised                 |
|-------------------------------------------------------------|------------------------|
| no such key, and the bucket is there                        | ObjectMissing          |
| no such bucket (answered like a missing key)                | ObjectStoreUnavailable |
| AlreadyExistsError, PreconditionError on a create           | ObjectExists           |
| every other obstore error: credentials, 5xx, no connection  | ObjectStoreUnavailable |
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from academy.application.ports.object_store import (
    ObjectExists,
    ObjectHead,
    ObjectMissing,
    ObjectStoreUnavailable,
    ObjectTooLarge,
)
from academy.domain.object_key import checked_key, checked_prefix
from academy.infrastructure.s3.location import S3Location

if TYPE_CHECKING:
    # These names exist for the type checker alone.
    from obstore import GetResult, ObjectMeta

__all__ = ["S3ObjectStore"]

PIECE_BYTES = 1 << 20
PART_BYTES = 8 << 20
"""Parts of a streamed put are equal but for the last one, as R2 demands; 10,000 of them make 78 GiB."""
PARTS_AT_ONCE = 2
GETS_AT_ONCE = 16
DELETE_AT_ONCE = 1000
"""Keys of one DeleteObjects request."""
_PROBE = ".academy-probe"
_RANGE_REFUSED = "416 Range Not Satisfiable"


class _NotThere(ObjectStoreUnavailable):
    """Answered 404."""


class S3ObjectStore:
    """ObjectStore of one S3 bucket.

    A put that fails or is cancelled leaves no object. Give the bucket a lifecycle rule that aborts multipart uploads after a
    day, for those that a crash leaves open.
    """

    def __init__(self, location: S3Location) -> None:
        """Prepare; nothing is sent."""
        self._name = location.bucket
        self._store = S3Store(location.bucket, **_options(location))

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",
        spare: bool = False,  # noqa: ARG002
    ) -> None:
        """See ObjectStore."""
        checked_key(key)
        if isinstance(data, bytes):
            async with self._translated(key, reading=False):
                await obstore.put_async(
                    self._store, key, data, attributes=_attributes(content_type), use_multipart=False
                )
        elif isinstance(data, Path):
            # Not handed to obstore, which would hold many parts of the file in memory.
            with await asyncio.to_thread(data.open, "rb") as file:
                await self._put_stream(key, _pieces(file), content_type)
        else:
            await self._put_stream(key, data, content_type)

    async def create(self, key: str, data: bytes) -> None:
        """See ObjectStore. The store must know `If-None-Match: *` on a put, as S3 and R2 do."""
        async with self._translated(checked_key(key), reading=False):
            await obstore.put_async(self._store, key, data, mode="create", use_multipart=False)

    async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
        """See ObjectStore."""
        async with self._translated(checked_key(key)):
            found = _genuine(await obstore.get_async(self._store, key))
            size = found.meta["size"]
            if size > max_bytes:
                raise ObjectTooLarge(f"{key} has {size} bytes, allowed are {max_bytes}")
            return bytes(await found.bytes_async())

    async def get_small(self, keys: Sequence[str], *, max_bytes: int) -> Mapping[str, bytes]:
        """See ObjectStore."""
        left, found = [checked_key(key) for key in reversed(keys)], dict[str, bytes]()

        async def get_some() -> None:
            while left:
                key = left.pop()
                with suppress(ObjectMissing, ObjectTooLarge):
                    found[key] = await self.get(key, max_bytes=max_bytes)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(GETS_AT_ONCE, len(keys))):
                    group.create_task(get_some())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return found

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """See ObjectStore."""
        return b"".join([piece async for piece in self.stream(key, start=start, length=length)])

    async def stream(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range has no negative bounds")
        checked_key(key)
        if length == 0:
            await self.head(key)
            return
        async with self._translated(key):
            found = await self._open(key, start, length)
            if found is None:
                return
            async for chunk in found.stream(min_chunk_size=PIECE_BYTES // 4):
                view = memoryview(chunk)
                for offset in range(0, len(view), PIECE_BYTES):
                    yield bytes(view[offset : offset + PIECE_BYTES])

    async def download(self, key: str, target: Path) -> int:
        """See ObjectStore."""
        partial = target.with_name(f".{uuid4().hex}.part")
        with await asyncio.to_thread(partial.open, "xb") as file:
            try:
                async for piece in self.stream(key):
                    await asyncio.to_thread(file.write, piece)
                file.flush()
                size = file.tell()
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
        return size

    async def head(self, key: str) -> ObjectHead:
        """See ObjectStore."""
        async with self._translated(checked_key(key)):
            return _head(await obstore.head_async(self._store, key))

    async def list(self, prefix: str) -> AsyncIterator[ObjectHead]:
        """See ObjectStore."""
        checked_prefix(prefix)
        empty = True
        async with self._translated(prefix):
            async for page in obstore.list(self._store, prefix=prefix):
                for meta in page:
                    empty = False
                    yield _head(meta)
        if empty:
            await self._confirm()

    async def delete(self, keys: Sequence[str]) -> None:
        """See ObjectStore."""
        for key in keys:
            checked_key(key)
        for start in range(0, len(keys), DELETE_AT_ONCE):
            async with self._translated("", reading=False):
                await obstore.delete_async(self._store, [*keys[start : start + DELETE_AT_ONCE]])

    async def presign_get(self, key: str, expires_seconds: int) -> str:
        """See ObjectStore. At most seven days (AWS Signature Version 4, query parameters)."""
        async with self._translated(checked_key(key), reading=False):
            signed = await obstore.sign_async(self._store, "GET", key, timedelta(seconds=expires_seconds))
            return str(signed)

    async def ping(self) -> None:
        """See ObjectStore."""
        await self._require_bucket()
        await self._confirm()

    async def _require_bucket(self) -> None:
        async with self._translated("", reading=False):
            await obstore.list_with_delimiter_async(self._store, prefix=_PROBE)

    async def _confirm(self) -> None:
        # obstore reads any page with status 200 as an empty list; a store says of this key that it is not there.
        try:
            async with self._translated(_PROBE, reading=False):
                _etag(await obstore.head_async(self._store, _PROBE))
        except _NotThere:
            return

    async def _put_stream(self, key: str, pieces: AsyncIterable[bytes], content_type: str) -> None:
        async with self._translated(key, reading=False):
            await obstore.put_async(
                self._store,
                key,
                pieces,
                attributes=_attributes(content_type),
                use_multipart=True,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    async def _open(self, key: str, start: int, length: int | None) -> "GetResult | None":
        """Open an object or a range of it; None when the range begins behind its end."""
        if start == 0 and length is None:
            return _genuine(await obstore.get_async(self._store, key))
        wanted: Any = {"offset": start} if length is None else (start, start + length)
        try:
            return _genuine(await obstore.get_async(self._store, key, options={"range": wanted}))
        except BaseError as error:
            if _RANGE_REFUSED in str(error):
                return None
            raise

    @asynccontextmanager
    async def _translated(self, key: str, *, reading: bool = True) -> AsyncIterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if reading:
                # A missing bucket is answered like a missing key; to call the first an absent object would hide an outage.
                await self._require_bucket()
                raise ObjectMissing(key) from error
            raise _NotThere(f"the bucket {self._name} is not there") from error
        except (AlreadyExistsError, PreconditionError) as error:
            raise ObjectExists(key) from error
        except BaseError as error:
            reason = str(error).splitlines()[0]
            raise ObjectStoreUnavailable(f"bucket {self._name}: {reason}") from error


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
        yield piece


def _attributes(content_type: str) -> dict[Any, str] | None:
    return {"Content-Type": content_type} if content_type else None


def _genuine(found: "GetResult") -> "GetResult":
    _etag(found.meta)
    return found


def _head(meta: "ObjectMeta") -> ObjectHead:
    return ObjectHead(meta["path"], meta["size"], _etag(meta), meta["last_modified"])


def _etag(meta: "ObjectMeta") -> str:
    # Every S3 server sends one; a proxy's page with status 200 does not and would pass for the object.
    etag = meta["e_tag"]
    if not etag:
        raise ObjectStoreUnavailable("an answer without an ETag does not come from an object store")
    return etag.strip('"')


def _options(location: S3Location) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region": location.region,
        "virtual_hosted_style_request": not location.path_style,
        "client_options": {
            "connect_timeout": timedelta(seconds=location.connect_seconds),
            "timeout": timedelta(seconds=location.request_seconds),
            "allow_http": location.endpoint.startswith("http://"),
        },
        # A quick second and third try; longer outages are our own back-off's affair.
        "retry_config": {
            "max_retries": 2,
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1)},
            "retry_timeout": timedelta(seconds=location.request_seconds),
        },
    }
    if location.endpoint:
        options["endpoint"] = location.endpoint if location.path_style else location.bucket_endpoint
    if location.access_key_id:
        options["access_key_id"] = location.access_key_id
        options["secret_access_key"] = location.secret_access_key
    return options
