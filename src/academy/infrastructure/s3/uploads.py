"""Direct uploads into an S3 bucket by presigned URLs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Protocol, Self

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError

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
from academy.infrastructure.s3.location import S3Location

__all__ = ["S3UploadGateway"]

_NO_UPLOAD = frozenset({"NoSuchUpload"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_MISMATCH = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "InvalidRequest"})


class S3Api(Protocol):
    """The part of a generated client that is used: an operation by its name."""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        """Return an operation ("head_object")."""
        ...


class S3UploadGateway:
    """UploadGateway of one S3 bucket.

    Each URL takes exactly the bytes it was made for: the length is part of what is signed. For uploads from a browser the bucket's CORS
    rules must allow PUT and expose the ETag header.
    """

    def __init__(self, client: S3Api, location: S3Location, clock: Clock, plan: UploadPlan) -> None:
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
        config = AioConfig(
            signature_version="s3v4",
            s3={"addressing_style": "path" if location.path_style else "virtual"},
            # R2 and others do not know the checksums that the SDK would add by default.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=location.connect_seconds,
            read_timeout=location.request_seconds,
            max_pool_connections=location.connections,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        async with get_session().create_client(
            "s3",
            region_name=location.region,
            endpoint_url=location.endpoint or None,
            aws_access_key_id=location.access_key_id or None,
            aws_secret_access_key=location.secret_access_key or None,
            config=config,
        ) as client:
            yield cls(client, location, clock, plan)

    async def begin(self, key: str, size: int, content_type: str, expires_seconds: int) -> UploadTicket:
        """See UploadGateway."""
        sizes = self._plan.part_sizes(size)
        target = {"Bucket": self._bucket, "Key": checked_key(key)}
        headers = {"Content-Type": content_type} if content_type else {}
        expires_at = self._clock.now() + timedelta(seconds=expires_seconds)
        if len(sizes) == 1:
            signed = {**target, "ContentLength": size} | (
                {"ContentType": content_type} if content_type else {}
            )
            url = await self._sign("put_object", signed, expires_seconds)
            return UploadTicket("", size, (url,), headers, expires_at)
        opening = {**target, "ContentType": content_type} if content_type else target
        with _translated(self._bucket, key):
            answer = await self._client.create_multipart_upload(**opening)
        upload_id = str(answer["UploadId"])
        urls = [
            await self._sign(
                "upload_part",
                {**target, "UploadId": upload_id, "PartNumber": number, "ContentLength": part},
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
        named = [{"PartNumber": part.number, "ETag": f'"{part.etag.strip(chr(34))}"'} for part in parts]
        if not named or [part.number for part in parts] != list(range(1, len(parts) + 1)):
            raise UploadMismatch("the parts are numbered 1, 2, 3 … without gaps")
        try:
            with _translated(self._bucket, key):
                answer = await self._client.complete_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": named}
                )
        except _UploadGone:
            # Completed before, or aborted: the object tells which.
            await self._require(key)
            return
        if not answer.get("ETag"):
            # S3 sends its status before it joins the parts, so a failure can come in an answer of success.
            raise ObjectStoreUnavailable(f"bucket {self._bucket}: completion was not confirmed")

    async def abort(self, key: str, upload_id: str) -> None:
        """See UploadGateway."""
        checked_key(key)
        if not upload_id:
            return
        try:
            with _translated(self._bucket, key):
                await self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except (_UploadGone, ObjectMissing):
            return

    async def _sign(self, operation: str, parameters: dict[str, Any], expires_seconds: int) -> str:
        with _translated(self._bucket, parameters["Key"]):
            url = await self._client.generate_presigned_url(
                operation, Params=parameters, ExpiresIn=expires_seconds
            )
            return str(url)

    async def _require(self, key: str) -> None:
        try:
            with _translated(self._bucket, key):
                await self._client.head_object(Bucket=self._bucket, Key=key)
        except ObjectMissing:
            with _translated(self._bucket, key, missing=ObjectStoreUnavailable):
                await self._client.head_bucket(Bucket=self._bucket)
            raise


class _UploadGone(Exception):
    """The store knows no such upload (any more)."""


@contextmanager
def _translated(
    bucket: str, key: str, missing: type[ObjectMissing | ObjectStoreUnavailable] = ObjectMissing
) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _NO_UPLOAD:
            raise _UploadGone(key) from error
        if code in _MISSING:
            raise missing(key) from error
        if code in _MISMATCH:
            raise UploadMismatch(f"{key}: {code}") from error
        raise ObjectStoreUnavailable(f"bucket {bucket}: {code}: {error}") from error
    except (BotoCoreError, HTTPClientError, ResponseParserError, OSError, TimeoutError, KeyError) as error:
        raise ObjectStoreUnavailable(f"bucket {bucket}: {error}") from error
