"""The stores that the suite of this folder runs on, with their upload gateways."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
from tests.support.servers.rclone import ACCESS_KEY, SECRET_KEY

from academy.application.ports.object_store import ObjectStore, UploadGateway, UploadReceiver, UploadTicket
from academy.domain.signing import UrlSigner
from academy.domain.upload import UploadPlan
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.filesystem.objects import FolderObjectStore
from academy.infrastructure.filesystem.uploads import FolderUploadGateway
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.uploads import MemoryUploadGateway
from academy.infrastructure.s3.location import S3Location
from academy.infrastructure.s3.objects import S3ObjectStore
from academy.infrastructure.s3.uploads import S3UploadGateway

__all__ = ["PLAN", "SIGNER", "Stores", "names", "open_stores", "s3_location", "without"]

PLAN = UploadPlan(multipart_above=5 << 20, part_size=5 << 20)
SIGNER = UrlSigner([b"a secret of the contract suite, long enough"])
BUCKET = "academy-test"
Send = Callable[[UploadTicket, str, Sequence[bytes]], Any]


@dataclass(frozen=True, slots=True)
class Stores:
    """A store, its gateway over the same objects, a store whose bucket is not there, and how to send to the gateway's URLs."""

    name: str
    store: ObjectStore
    uploads: UploadGateway
    absent: ObjectStore

    async def send(self, ticket: UploadTicket, index: int, content: bytes) -> str:
        """PUT one part as a browser would; return its ETag. Raises RuntimeError when it is refused."""
        if isinstance(self.uploads, MemoryUploadGateway | FolderUploadGateway):
            return await _receive(self.uploads, ticket.urls[index], content)
        async with httpx2.AsyncClient(timeout=10) as client:
            answer = await client.put(ticket.urls[index], content=content, headers=ticket.headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {answer.text}")
        return str(answer.headers["etag"])


async def _receive(receiver: UploadReceiver, url: str, content: bytes) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    if "signature" not in query:
        key = unquote(parts.path[1:])
        return await receiver.accept_part(
            key, query.get("upload", ""), int(query["part"]), len(content), pieces()
        )
    bucket, _, key = unquote(parts.path.removeprefix("/objects/")).partition("/")
    grant = SIGNER.verify("PUT", bucket, key, query, SystemClock().now().timestamp())
    return await receiver.accept_part(grant.key, grant.upload_id, grant.part, grant.size, pieces())


def s3_location(url: str, **changes: Any) -> S3Location:
    """Return a bucket of a test server."""
    values = {
        "bucket": BUCKET,
        "region": "us-east-1",
        "endpoint": url,
        "access_key_id": ACCESS_KEY,
        "secret_access_key": SECRET_KEY,
        **changes,
    }
    return S3Location(**values)


@asynccontextmanager
async def _memory(_request: Any, _folder: Path) -> AsyncIterator[Stores]:
    store = MemoryObjectStore(SystemClock())
    yield Stores("memory", store, MemoryUploadGateway(store, SystemClock(), PLAN), store)


@asynccontextmanager
async def _folder(_request: Any, folder: Path) -> AsyncIterator[Stores]:
    common = {"bucket": BUCKET, "signer": SIGNER, "base_url": "http://localhost", "clock": SystemClock()}
    store = FolderObjectStore(folder / "bucket", **common)
    absent = FolderObjectStore(folder / "absent", **common)
    (folder / "absent").rmdir()
    yield Stores("folder", store, FolderUploadGateway(folder / "bucket", **common, plan=PLAN), absent)


def _s3(fixture: str) -> Callable[[Any, Path], AbstractAsyncContextManager[Stores]]:
    @asynccontextmanager
    async def opened(request: Any, _folder: Path) -> AsyncIterator[Stores]:
        # Every test has a bucket of its own: others see the server at the same time.
        location = s3_location(request.getfixturevalue(fixture), bucket=f"academy-{secrets.token_hex(8)}")
        absent = S3ObjectStore(s3_location(location.endpoint, bucket="nobody-made-this"))
        async with S3UploadGateway.open(location, SystemClock(), PLAN) as uploads:
            await uploads._client.send("PUT")
            yield Stores(fixture, S3ObjectStore(location), uploads, absent)

    return opened


_OPENERS: dict[str, Callable[[Any, Path], AbstractAsyncContextManager[Stores]]] = {
    "memory": _memory,
    "folder": _folder,
    "s3-moto": _s3("moto_url"),
    "s3-signed": _s3("rclone_url"),
}


def open_stores(name: str, request: Any, folder: Path) -> AbstractAsyncContextManager[Stores]:
    """Open the stores of one of `names`."""
    return _OPENERS[name](request, folder)


names: Sequence[str] = cast("Sequence[str]", tuple(_OPENERS))


def without(*lacking: str) -> pytest.MarkDecorator:
    """Leave out servers that lack what a test is about."""
    return pytest.mark.parametrize("stores", [name for name in names if name not in lacking], indirect=True)
