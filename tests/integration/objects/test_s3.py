"""S3ObjectStore and S3UploadGateway on real servers: what only S3 has to show."""

import dataclasses
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2
import pytest
from tests.contract.objects.stores import PLAN, s3_location
from tests.support.fault_server import CUT, SILENCE, Answer, FaultServer, fault_server
from tests.support.servers.rclone import SECRET_KEY

from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectStoreError,
    ObjectStoreUnavailable,
    UploadMismatch,
    UploadPart,
)
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.s3.location import S3Location
from academy.infrastructure.s3.objects import S3ObjectStore
from academy.infrastructure.s3.uploads import S3UploadGateway

KEY = "tenants/t1/강의 1#1.mp4"


@pytest.fixture
async def signed(rclone_url: str) -> AsyncIterator[tuple[S3Location, S3UploadGateway]]:
    """A bucket on a server that checks signatures."""
    location = s3_location(rclone_url, bucket=f"academy-{secrets.token_hex(8)}")
    async with S3UploadGateway.open(location, SystemClock(), PLAN) as gateway:
        await gateway._client.send("PUT")
        yield location, gateway


@pytest.mark.requirement("SEC-3")
async def test_a_presigned_url_serves_its_object_and_nothing_else(
    signed: tuple[S3Location, S3UploadGateway],
) -> None:
    store = S3ObjectStore(signed[0])
    await store.put(KEY, b"video", content_type="video/mp4")
    await store.put("other", b"secret")
    url = await store.presign_get(KEY, 60)
    parts = urlsplit(url)
    async with httpx2.AsyncClient(timeout=10) as client:
        served = await client.get(url)
        assert (served.status_code, served.content) == (200, b"video")
        assert served.headers["content-type"] == "video/mp4"
        unsigned = urlunsplit(parts._replace(query=""))
        elsewhere = urlunsplit(parts._replace(path=f"/{signed[0].bucket}/other"))
        forged = url[:-1] + ("0" if url[-1] != "0" else "1")
        for refused in (unsigned, elsewhere, forged):
            assert (await client.get(refused)).status_code in {400, 403}
        assert (await client.put(url, content=b"x")).status_code == 403


@pytest.mark.requirement("SEC-3")
async def test_an_upload_url_takes_no_other_type_than_it_was_made_for(
    signed: tuple[S3Location, S3UploadGateway],
) -> None:
    location, gateway = signed
    ticket = await gateway.begin(KEY, 5, "video/mp4", 60)
    async with httpx2.AsyncClient(timeout=10) as client:
        wrong = await client.put(ticket.urls[0], content=b"12345", headers={"Content-Type": "text/html"})
        assert wrong.status_code == 403
        assert (await client.put(ticket.urls[0], content=b"12345", headers=ticket.headers)).status_code == 200
    assert (await S3ObjectStore(location).head(KEY)).size == 5


@pytest.mark.requirement("SEC-3")
async def test_refused_credentials_are_an_outage_and_their_secret_is_not_told(
    signed: tuple[S3Location, S3UploadGateway], tmp_path: Path
) -> None:
    location = dataclasses.replace(signed[0], secret_access_key="wrong" + SECRET_KEY)
    store = S3ObjectStore(location)
    async with S3UploadGateway.open(location, SystemClock(), PLAN) as gateway:
        for call in (
            store.get(KEY),
            store.head(KEY),
            store.put(KEY, b"1"),
            store.delete([KEY]),
            store.download(KEY, tmp_path / "x"),
            store.ping(),
            gateway.begin(KEY, PLAN.part_size + 1, "", 60),
            gateway.complete(KEY, "", []),
            gateway.complete(KEY, "upload", [UploadPart(1, "x")]),
            gateway.abort(KEY, "upload"),
        ):
            with pytest.raises(ObjectStoreUnavailable) as caught:
                await call
            assert SECRET_KEY not in str(caught.value)
            assert "Signature=" not in str(caught.value)


async def test_a_stream_that_breaks_leaves_no_parts_behind(moto_url: str) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(1 << 20)
        raise RuntimeError("the source broke")

    location = s3_location(moto_url, bucket=f"academy-{secrets.token_hex(8)}")
    async with S3UploadGateway.open(location, SystemClock(), PLAN) as gateway:
        await gateway._client.send("PUT")
        with pytest.raises(RuntimeError, match="the source broke"):
            await S3ObjectStore(location).put("k", broken())
        left = await gateway._client.send("GET", query={"uploads": ""})
    assert b"ListMultipartUploadsResult" in left.body
    assert b"<Upload>" not in left.body


@asynccontextmanager
async def _faulty(answer: Answer) -> AsyncIterator[tuple[S3ObjectStore, S3UploadGateway, FaultServer]]:
    async with fault_server(lambda _: answer) as server:
        location = s3_location(server.url, request_seconds=0.5)
        async with S3UploadGateway.open(location, SystemClock(), PLAN) as gateway:
            yield S3ObjectStore(location), gateway, server


FAULTS = {
    "5xx": Answer(503, b"<Error><Code>SlowDown</Code></Error>"),
    "a web page": Answer(200, b"<html>Maintenance</html>", {"content-type": "text/html"}),
    "a closed connection": CUT,
    "silence": SILENCE,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_outage_is_told_by_every_method(fault: str) -> None:
    async with _faulty(FAULTS[fault]) as (store, gateway, _):
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: store.get(KEY),
            lambda: store.head(KEY),
            lambda: anext(store.list("t/"), None),
            store.ping,
            lambda: gateway.complete(KEY, "u", [UploadPart(1, "x")]),
        ]
        for call in calls:
            with pytest.raises(ObjectStoreUnavailable):
                await call()


COMPLETED = b'<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ETag>"e"</ETag></CompleteMultipartUploadResult>'


@pytest.mark.requirement("VID-1")
async def test_a_completion_counts_only_when_the_store_confirms_it() -> None:
    # S3 sends status 200 and spaces while it joins the parts, and says only then how it went.
    async with _faulty(Answer(200, b" \n  <?xml version='1.0'?>" + COMPLETED)) as (_, gateway, server):
        parts = [UploadPart(1, '"a&b"'), UploadPart(2, "c")]
        await gateway.complete(KEY, "u 1/=", parts)
        assert server.seen[0].path.endswith("?uploadId=u%201%2F%3D")
        assert b"<ETag>&quot;a&amp;b&quot;</ETag>" in server.seen[0].body
        for unconfirmed in (
            b"<Error><Code>InternalError</Code></Error>",
            b"<CompleteMultipartUploadResult/>",
            b"   ",
            b'<!DOCTYPE a [<!ENTITY e "x">]>' + COMPLETED,
        ):
            server.answer = lambda _, body=unconfirmed: Answer(200, body)
            with pytest.raises(ObjectStoreUnavailable):
                await gateway.complete(KEY, "u", parts)
        server.answer = lambda _: Answer(200, b"<Error><Code>InvalidPart</Code></Error>")
        with pytest.raises(UploadMismatch):
            await gateway.complete(KEY, "u", parts)


async def test_a_web_page_does_not_pass_for_an_object_that_was_uploaded() -> None:
    async with _faulty(FAULTS["a web page"]) as (_, gateway, _server):
        with pytest.raises(ObjectStoreUnavailable):
            await gateway.complete(KEY, "", [])


@pytest.mark.parametrize("path_style", [True, False])
async def test_the_bucket_stands_in_the_path_or_in_the_host_name(path_style: bool) -> None:
    location = s3_location("https://account.r2.example", bucket="media", path_style=path_style)
    async with S3UploadGateway.open(location, SystemClock(), PLAN) as gateway:
        ticket = await gateway.begin(KEY, 5, "", 60)
    address = ("account.r2.example", "/media/t") if path_style else ("media.account.r2.example", "/t")
    for url in (ticket.urls[0], await S3ObjectStore(location).presign_get(KEY, 60)):
        parts = urlsplit(url)
        assert (parts.hostname, parts.path[: len(address[1])]) == address


async def test_a_server_without_the_object_says_missing_and_nothing_else() -> None:
    # HEAD is answered 404 and the list of the bucket as empty: the bucket is there, the object is not.
    listing = b'<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>'
    async with _faulty(Answer(404)) as (store, _, server):
        with pytest.raises(ObjectStoreUnavailable):
            await store.head(KEY)
        server.answer = lambda request: Answer(404) if request.method == "HEAD" else Answer(200, listing)
        with pytest.raises(ObjectMissing):
            await store.head(KEY)
    assert issubclass(ObjectMissing, ObjectStoreError)
