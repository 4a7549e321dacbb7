"""UploadGateway, and the URLs it gives, sent to as a browser would."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.objects.stores import PLAN, Stores, without

from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectStoreError,
    UploadMismatch,
    UploadPart,
)

KEY = "tenants/t1/uploads/강의 1#1.mp4"
PART = PLAN.part_size


async def _uploaded(stores: Stores, content: bytes) -> tuple[str, list[UploadPart]]:
    ticket = await stores.uploads.begin(KEY, len(content), "video/mp4", 60)
    parts = [
        UploadPart(index + 1, await stores.send(ticket, index, content[index * PART : (index + 1) * PART]))
        for index in range(len(ticket.urls))
    ]
    return ticket.upload_id, parts


@pytest.mark.requirement("VID-1")
async def test_a_small_upload_is_one_put(stores: Stores) -> None:
    ticket = await stores.uploads.begin(KEY, 5, "video/mp4", 60)
    assert (len(ticket.urls), ticket.part_size) == (1, 5)
    assert timedelta(0) < ticket.expires_at - datetime.now(UTC) <= timedelta(seconds=60)
    with pytest.raises(ObjectMissing):
        await stores.uploads.complete(KEY, ticket.upload_id, [])
    etag = await stores.send(ticket, 0, b"12345")
    # Its one part may be named or not, as often as one likes.
    await stores.uploads.complete(KEY, ticket.upload_id, [])
    await stores.uploads.complete(KEY, ticket.upload_id, [UploadPart(1, etag)])
    await stores.uploads.abort(KEY, ticket.upload_id)
    assert await stores.store.get(KEY) == b"12345"


@pytest.mark.requirement("VID-1")
async def test_a_large_upload_is_joined_from_equal_parts(stores: Stores) -> None:
    content = os.urandom(PART + 3)
    ticket = await stores.uploads.begin(KEY, len(content), "video/mp4", 60)
    assert (bool(ticket.upload_id), len(ticket.urls), ticket.part_size) == (True, 2, PART)
    second = await stores.send(ticket, 1, content[PART:])
    first = await stores.send(ticket, 0, content[:PART])
    with pytest.raises(ObjectMissing):
        await stores.store.head(KEY)
    parts = [UploadPart(1, first), UploadPart(2, second)]
    await stores.uploads.complete(KEY, ticket.upload_id, parts)
    await stores.uploads.complete(KEY, ticket.upload_id, parts)
    await stores.uploads.abort(KEY, ticket.upload_id)
    assert await stores.store.get(KEY) == content


async def test_a_part_sent_again_replaces_the_first(stores: Stores) -> None:
    content = os.urandom(PART + 1)
    ticket = await stores.uploads.begin(KEY, len(content), "", 60)
    await stores.send(ticket, 0, bytes(PART))
    first = await stores.send(ticket, 0, content[:PART])
    second = await stores.send(ticket, 1, content[PART:])
    await stores.uploads.complete(KEY, ticket.upload_id, [UploadPart(1, first), UploadPart(2, second)])
    assert await stores.store.get(KEY) == content


@pytest.mark.requirement("VID-1")
async def test_parts_that_were_not_uploaded_are_refused(stores: Stores) -> None:
    upload_id, parts = await _uploaded(stores, os.urandom(PART + 1))
    for wrong in ([], parts[1:], parts[::-1], [UploadPart(1, "0" * 32), parts[1]]):
        with pytest.raises(UploadMismatch):
            await stores.uploads.complete(KEY, upload_id, wrong)
    with pytest.raises(ObjectMissing):
        await stores.store.head(KEY)


# moto breaks on an upload it does not know.
@without("s3-moto")
async def test_an_aborted_upload_cannot_be_completed(stores: Stores) -> None:
    upload_id, parts = await _uploaded(stores, os.urandom(PART + 1))
    await stores.uploads.abort(KEY, upload_id)
    await stores.uploads.abort(KEY, upload_id)
    with pytest.raises(ObjectMissing):
        await stores.uploads.complete(KEY, upload_id, parts)


# Memory signs nothing and moto checks no signature.
@without("memory", "s3-moto")
@pytest.mark.requirement("SEC-2")
async def test_a_url_takes_exactly_the_bytes_it_was_made_for(stores: Stores) -> None:
    ticket = await stores.uploads.begin(KEY, 5, "video/mp4", 60)
    for content in (b"123456", b"1234", b""):
        with pytest.raises((ObjectStoreError, RuntimeError)):
            await stores.send(ticket, 0, content)
        with pytest.raises(ObjectMissing):
            await stores.store.head(KEY)
    await stores.send(ticket, 0, b"12345")


async def test_a_size_out_of_bounds_is_refused(stores: Stores) -> None:
    for size in (0, -1, (4 << 40) + 1):
        with pytest.raises(ValueError, match="bytes"):
            await stores.uploads.begin(KEY, size, "", 60)
