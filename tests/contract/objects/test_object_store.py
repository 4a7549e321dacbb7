"""ObjectStore: the same on every adapter."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contract.objects.stores import Stores, without

from academy.application.ports.object_store import (
    ObjectExists,
    ObjectMissing,
    ObjectStoreUnavailable,
    ObjectTooLarge,
)

KEYS = [
    "a",
    "tenants/t1/video/강의 1강.mp4",
    "a#1",
    "a%2eb/%2e%2e",
    "a+b&c=d;e",
    "x?y",
    ".hidden/.x",
    "q" * 200,
]
NO_KEYS = ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\x00b", "a\nb", "é" * 513, "\ud800"]


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_what_is_put_under_a_key_is_found_under_it(stores: Stores) -> None:
    for key in KEYS:
        await stores.store.put(key, b"first")
        await stores.store.put(key, key.encode())
    for key in KEYS:
        assert await stores.store.get(key) == key.encode()
        assert (await stores.store.head(key)).key == key


@pytest.mark.requirement("SEC-2")
async def test_a_hostile_key_is_refused_by_every_method(stores: Stores) -> None:
    store = stores.store
    calls: list[Callable[[str], Awaitable[object]]] = [
        lambda key: store.put(key, b""),
        lambda key: store.create(key, b""),
        store.get,
        lambda key: store.get_range(key, 0, 1),
        store.head,
        lambda key: store.delete(["fine", key]),
        lambda key: store.presign_get(key, 60),
        lambda key: stores.uploads.begin(key, 5, "", 60),
        lambda key: anext(store.stream(key)),
        lambda key: store.get_small(["fine", key], max_bytes=5),
    ]
    for key in NO_KEYS:
        for call in calls:
            with pytest.raises(ValueError, match="key"):
                await call(key)


async def test_many_small_objects_come_at_once_and_others_are_left_out(stores: Stores) -> None:
    there = {f"many/{number}/{key}": key.encode() for number, key in enumerate(KEYS)} | {"many/empty": b""}
    for key, content in there.items():
        await stores.store.put(key, content)
    await stores.store.put("many/large", b"x" * 2001)
    await stores.store.put("many/largest", b"x" * 2000)
    keys = [*there, "many/large", "many/largest", "many/absent", "many", "many/0"]
    found = await stores.store.get_small(keys, max_bytes=2000)
    assert dict(found) == {**there, "many/largest": b"x" * 2000}
    assert await stores.store.get_small([], max_bytes=5) == {}


async def test_an_absent_object_is_missing_and_leaves_no_file(stores: Stores, tmp_path: Path) -> None:
    target = tmp_path / "download"
    for call in (
        stores.store.get("no/such"),
        stores.store.head("no/such"),
        stores.store.get_range("no/such", 0, 1),
    ):
        with pytest.raises(ObjectMissing):
            await call
    with pytest.raises(ObjectMissing):
        await stores.store.download("no/such", target)
    with pytest.raises(ObjectMissing):
        _ = [piece async for piece in stores.store.stream("no/such")]
    assert not any(path.is_file() for path in tmp_path.iterdir())  # noqa: ASYNC240


# A dictionary is always there.
@without("memory")
async def test_a_missing_bucket_is_an_outage_and_not_a_missing_object(stores: Stores, tmp_path: Path) -> None:
    absent = stores.absent
    for call in (
        absent.get("a"),
        absent.head("a"),
        absent.put("a", b"1"),
        absent.put("a", _pieces(b"1")),
        absent.create("a", b"1"),
        absent.delete(["a"]),
        absent.download("a", tmp_path / "x"),
        absent.ping(),
    ):
        with pytest.raises(ObjectStoreUnavailable):
            await call
    with pytest.raises(ObjectStoreUnavailable):
        _ = [head async for head in absent.list("a/")]
    await stores.store.ping()


# rclone answers a bounded range with the whole object.
@without("s3-signed")
async def test_a_range_ends_with_the_object(stores: Stores) -> None:
    store = stores.store
    await store.put("r", b"0123456789")
    assert await store.get_range("r", 2, 3) == b"234"
    assert await store.get_range("r", 0, 10) == b"0123456789"
    assert await store.get_range("r", 4, 0) == b""
    assert await store.get_range("r", 8, 100) == b"89"
    assert await store.get_range("r", 50, 10) == b""
    assert b"".join([piece async for piece in store.stream("r", start=7)]) == b"789"
    with pytest.raises(ValueError, match="range"):
        await store.get_range("r", -1, 2)


async def test_a_stream_gives_the_bytes_in_pieces_of_at_most_a_mebibyte(stores: Stores) -> None:
    content = os.urandom(3 << 20) + b"end"
    await stores.store.put("big", content)
    pieces = [piece async for piece in stores.store.stream("big")]
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 1 << 20


async def test_bytes_a_file_and_a_stream_are_stored_alike(stores: Stores, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for size in (0, 1, (9 << 20) + 1):
        content = os.urandom(size)
        source.write_bytes(content)
        await stores.store.put("bytes", content, content_type="video/mp4")
        await stores.store.put("file", source, content_type="video/mp4")
        await stores.store.put("stream", _pieces(content[:100], content[100:], b""), content_type="video/mp4")
        for key in ("bytes", "file", "stream"):
            assert await stores.store.download(key, target) == size
            assert target.read_bytes() == content
            assert (await stores.store.head(key)).size == size


async def test_a_file_that_is_spare_is_stored_like_any_other(stores: Stores, tmp_path: Path) -> None:
    for at, size in enumerate((0, 1, 3 << 20)):
        source = tmp_path / f"spare-{at}"
        source.write_bytes(b"x" * size)
        await stores.store.put(f"t/spare/{at}", source, spare=True)
        assert await stores.store.get(f"t/spare/{at}") == b"x" * size
    await stores.store.put("t/spare/1", _file(tmp_path / "again", b"other"), spare=True)
    assert await stores.store.get("t/spare/1") == b"other"
    with pytest.raises(FileNotFoundError):
        await stores.store.put("t/spare/9", tmp_path / "none", spare=True)


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


async def test_a_head_tells_when_and_whether_the_bytes_changed(stores: Stores) -> None:
    await stores.store.put("h", b"one")
    first = await stores.store.head("h")
    assert first.size == 3
    assert abs(first.modified_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert (await stores.store.head("h")).etag == first.etag
    await stores.store.put("h", b"two")
    assert (await stores.store.head("h")).etag != first.etag


@pytest.mark.requirement("VID-5")
async def test_a_put_that_fails_leaves_the_old_object(stores: Stores, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield os.urandom(10 << 20)
        raise RuntimeError("the source broke")

    await stores.store.put("k", b"old")
    with pytest.raises(RuntimeError, match="the source broke"):
        await stores.store.put("k", broken())
    with pytest.raises(FileNotFoundError):
        await stores.store.put("k", tmp_path / "no such file")
    assert await stores.store.get("k") == b"old"


# rclone knows no If-None-Match on a put.
@without("s3-signed")
async def test_of_creates_at_once_one_succeeds(stores: Stores) -> None:
    calls = [stores.store.create("one", b"%d" % number) for number in range(8)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    winners = [number for number, result in enumerate(results) if result is None]
    assert len(winners) == 1
    assert sum(isinstance(result, ObjectExists) for result in results) == 7
    assert await stores.store.get("one") == b"%d" % winners[0]


async def test_an_object_over_the_limit_is_not_read(stores: Stores) -> None:
    await stores.store.put("k", b"12345")
    assert await stores.store.get("k", max_bytes=5) == b"12345"
    with pytest.raises(ObjectTooLarge):
        await stores.store.get("k", max_bytes=4)


async def test_a_list_has_every_object_below_the_prefix_and_no_other(stores: Stores) -> None:
    keys = {f"t/1/{name}" for name in ("a", "b#1", "deep/er/한글", "deep/x")}
    for key in (*keys, "t/10/a", "t/2/a"):
        await stores.store.put(key, key.encode())
    found = {head.key: head.size async for head in stores.store.list("t/1/")}
    assert found == {key: len(key.encode()) for key in keys}
    assert [head async for head in stores.store.list("nothing/")] == []
    for prefix in ("t/1", "", "/", "../"):
        with pytest.raises(ValueError, match=r"prefix|key"):
            _ = [head async for head in stores.store.list(prefix)]


@pytest.mark.requirement("VID-8")
async def test_a_delete_takes_any_number_present_or_not(stores: Stores) -> None:
    keys = [f"d/{number}" for number in range(12)]
    for key in keys:
        await stores.store.put(key, b"x")
    await stores.store.delete([*keys[:11], "d/never", "other/never"])
    assert [head.key async for head in stores.store.list("d/")] == ["d/11"]
    await stores.store.delete([])
    await stores.store.delete(keys)
    assert [head.key async for head in stores.store.list("d/")] == []
    await stores.store.put(keys[0], b"again")
    assert await stores.store.get(keys[0]) == b"again"
