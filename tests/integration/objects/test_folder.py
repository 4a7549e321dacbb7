"""FolderObjectStore and FolderUploadGateway: what only a folder has to show."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectStoreUnavailable,
    ObjectTooLarge,
    UploadMismatch,
    UploadPart,
)
from academy.domain.signing import SignatureRefused, UrlSigner
from academy.domain.upload import UploadPlan
from academy.infrastructure.filesystem.objects import FolderObjectStore
from academy.infrastructure.filesystem.uploads import FolderUploadGateway
from academy.infrastructure.memory.clock import ManualClock

SIGNER = UrlSigner([b"a secret of these tests, long enough"])
PLAN = UploadPlan(multipart_above=10, part_size=4)


def _common(clock: ManualClock) -> dict[str, object]:
    return {"bucket": "b", "signer": SIGNER, "base_url": "https://academy.example", "clock": clock}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bucket"


@pytest.fixture
def store(root: Path, clock: ManualClock) -> FolderObjectStore:
    return FolderObjectStore(root, **_common(clock))  # type: ignore[arg-type]


@pytest.fixture
def uploads(root: Path, clock: ManualClock, store: FolderObjectStore) -> FolderUploadGateway:
    return FolderUploadGateway(root, **_common(clock), plan=PLAN)  # type: ignore[arg-type]


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.requirement("SEC-2")
async def test_no_key_leads_through_a_symbolic_link(
    root: Path, store: FolderObjectStore, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_bytes(b"secret")
    (root / "t").mkdir()
    (root / "t" / "folder").symlink_to(secret)
    (root / "t" / "file").symlink_to(secret / "file")
    for key in ("t/folder/file", "t/file", "t/folder/new"):
        for call in (
            store.get(key),
            store.head(key),
            store.put(key, b"x"),
            store.delete([key]),
            store.create(key, b""),
        ):
            with pytest.raises(ValueError, match="symbolic link"):
                await call
    assert [head async for head in store.list("t/")] == []
    assert _files(secret) == {"file"}
    assert (secret / "file").read_bytes() == b"secret"


async def test_a_key_reaches_none_of_our_own_folders(root: Path, store: FolderObjectStore) -> None:
    for key in (".uploads/x/plan.json", ".incoming/x", "=2Euploads/x"):
        await store.put(key, key.encode())
        assert await store.get(key) == key.encode()
    assert not (root / ".uploads").exists()
    assert list((root / ".incoming").iterdir()) == []
    assert [head.key async for head in store.list(".uploads/x/")] == [".uploads/x/plan.json"]


async def test_a_key_that_is_a_folder_of_another_is_refused(store: FolderObjectStore) -> None:
    await store.put("a/b", b"1")
    for call in (
        store.put("a", b"2"),
        store.put("a/b/c", b"2"),
        store.create("a", b"2"),
        store.create("a/b/c", b"2"),
    ):
        with pytest.raises(ValueError, match="clashes"):
            await call
    for key in ("a", "a/b/c"):
        with pytest.raises(ObjectMissing):
            await store.get(key)
    await store.delete(["a", "a/b/c"])
    assert await store.get("a/b") == b"1"


async def test_a_part_of_a_key_too_long_for_a_file_name_is_refused(store: FolderObjectStore) -> None:
    with pytest.raises(ValueError, match="255"):
        await store.put("가" * 86, b"")


async def test_a_delete_leaves_no_empty_folder_and_harms_no_put_beside_it(
    root: Path, store: FolderObjectStore
) -> None:
    async def busy(name: str) -> None:
        for _ in range(20):
            await store.put(f"t/deep/{name}", b"x")
            await store.delete([f"t/deep/{name}"])

    await asyncio.gather(*(busy(str(number)) for number in range(4)))
    assert not (root / "t").exists()


@pytest.mark.requirement("VID-5")
def test_a_full_disk_is_an_outage_and_leaves_no_partial_file(tmp_path: Path) -> None:
    # In a process of its own, whose files may not grow: the error comes from write(2), as with a full disk.
    program = textwrap.dedent(
        """
        import asyncio, resource, sys
        from pathlib import Path
        from academy.application.ports.object_store import ObjectStoreUnavailable
        from academy.domain.signing import UrlSigner
        from academy.infrastructure.clock import SystemClock
        from academy.infrastructure.filesystem.objects import FolderObjectStore
        from academy.infrastructure.filesystem.uploads import FolderUploadGateway

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        root, target = Path(sys.argv[1]), Path(sys.argv[2])
        common = dict(bucket="b", signer=UrlSigner([b"x" * 32]), base_url="", clock=SystemClock())
        store, uploads = FolderObjectStore(root, **common), FolderUploadGateway(root, **common)

        async def pieces():
            for _ in range(5):
                yield bytes(50_000)

        async def main():
            await store.put("k", b"old")
            ticket = await uploads.begin("k", 250_000, "", 60)
            for call in (
                store.put("k", bytes(200_000)),
                store.put("k", pieces()),
                store.create("n", bytes(200_000)),
                uploads.accept_part("k", ticket.upload_id, 1, 250_000, pieces()),
            ):
                try:
                    await call
                except ObjectStoreUnavailable as error:
                    print(error)
                else:
                    raise SystemExit("stored")
            assert await store.get("k") == b"old"
            await uploads.abort("k", ticket.upload_id)

        asyncio.run(main())
        """
    )
    command = [sys.executable, "-c", program, str(tmp_path / "bucket"), str(tmp_path / "target")]
    source = Path(__file__).parents[3] / "src"
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(source)}
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count("object folder") == 4
    assert _files(tmp_path / "bucket") == {"k"}


@pytest.mark.requirement("VID-5")
async def test_what_a_crash_left_is_swept_and_nothing_else(
    root: Path, store: FolderObjectStore, uploads: FolderUploadGateway
) -> None:
    await store.put("kept", b"1")
    ticket = await uploads.begin("big", 12, "", 60)
    (root / ".incoming" / "stale").write_bytes(b"half")
    (root / ".incoming" / "fresh").write_bytes(b"half")
    old = (root / ".incoming" / "fresh").stat().st_mtime - 90_000
    os.utime(root / ".incoming" / "stale", (old, old))
    assert await store.sweep() == 1
    os.utime(root / ".uploads" / ticket.upload_id, (old, old))
    assert await store.sweep() == 1
    assert _files(root) == {"kept", ".incoming/fresh"}


async def test_a_stream_cancelled_midway_leaves_nothing(root: Path, store: FolderObjectStore) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1 << 20)
            begun.set()
            await asyncio.sleep(0)

    task = asyncio.ensure_future(store.put("k", endless()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _files(root) == set()


@pytest.mark.requirement("SEC-3")
async def test_a_signed_url_serves_until_it_expires(store: FolderObjectStore, clock: ManualClock) -> None:
    url = await store.presign_get("t/강의.mp4", 60)
    assert url.startswith("https://academy.example/objects/b/t/%EA%B0%95%EC%9D%98.mp4?expires=")
    query = dict(pair.split("=", 1) for pair in url.partition("?")[2].split("&"))
    now = clock.now().timestamp()
    assert SIGNER.verify("GET", "b", "t/강의.mp4", query, now + 59).key == "t/강의.mp4"
    with pytest.raises(SignatureRefused):
        SIGNER.verify("GET", "b", "t/강의.mp4", query, now + 61)


async def test_a_part_must_be_as_the_upload_says(root: Path, uploads: FolderUploadGateway) -> None:
    ticket = await uploads.begin("k", 14, "", 60)
    other = await uploads.begin("other", 14, "", 60)
    upload = ticket.upload_id
    assert len(ticket.urls) == 4
    for number, size in ((0, 4), (5, 4), (1, 5), (4, 4), (1, 0)):
        with pytest.raises(UploadMismatch):
            await uploads.accept_part("k", upload, number, size, _pieces(b"x" * size))
    for key, one in (("k", other.upload_id), ("k", "0" * 32), ("k", "../../b"), ("x", upload), ("k", "..")):
        with pytest.raises(ObjectMissing):
            await uploads.accept_part(key, one, 1, 4, _pieces(b"1234"))
    with pytest.raises(ObjectTooLarge):
        await uploads.accept_part("k", upload, 1, 4, _pieces(b"12", b"345"))
    with pytest.raises(UploadMismatch):
        await uploads.accept_part("k", upload, 1, 4, _pieces(b"12"))
    with pytest.raises(UploadMismatch):
        await uploads.complete("k", upload, [UploadPart(number, "x") for number in (1, 2, 3, 4)])
    assert {name for name in _files(root) if "plan.json" not in name} == set()


async def test_completing_at_once_is_done_once_and_well(
    store: FolderObjectStore, uploads: FolderUploadGateway, root: Path
) -> None:
    ticket = await uploads.begin("k", 14, "", 60)
    content = [b"0123", b"4567", b"89ab", b"cd"]
    parts = [
        UploadPart(number, await uploads.accept_part("k", ticket.upload_id, number, len(one), _pieces(one)))
        for number, one in enumerate(content, 1)
    ]
    await asyncio.gather(*(uploads.complete("k", ticket.upload_id, parts) for _ in range(4)))
    assert await store.get("k") == b"".join(content)
    assert _files(root) == {"k"}


async def test_a_ticket_ends_when_its_urls_do(uploads: FolderUploadGateway, clock: ManualClock) -> None:
    ticket = await uploads.begin("k", 5, "text/plain", 60)
    assert ticket.expires_at == clock.now() + timedelta(seconds=60)
    assert ticket.headers == {"Content-Type": "text/plain"}


async def test_a_store_without_its_folder_is_out_of_order(root: Path, store: FolderObjectStore) -> None:
    root.rmdir()  # noqa: ASYNC240
    with pytest.raises(ObjectStoreUnavailable):
        await store.ping()
    root.write_bytes(b"")  # noqa: ASYNC240
    with pytest.raises(ObjectStoreUnavailable):
        await store.put("k", b"1")


@pytest.mark.requirement("VID-1", "SEC-2")
async def test_an_address_of_one_put_ends_with_its_upload(
    root: Path, store: FolderObjectStore, uploads: FolderUploadGateway
) -> None:
    ticket = await uploads.begin("k", 5, "video/mp4", 60)
    upload = ticket.upload_id
    with pytest.raises(ObjectMissing):
        await uploads.complete("k", upload, [])
    for content in (b"first", b"again"):
        etag = await uploads.accept_part("k", upload, 1, 5, _pieces(content))
    with pytest.raises(ObjectMissing):
        await store.head("k")
    with pytest.raises(UploadMismatch):
        await uploads.complete("k", upload, [UploadPart(1, "0" * 64)])
    await uploads.complete("k", upload, [])
    await uploads.complete("k", upload, [UploadPart(1, etag)])
    for name in (upload, ""):
        with pytest.raises(ObjectMissing):
            await uploads.accept_part("k", name, 1, 5, _pieces(b"other"))
    assert await store.get("k") == b"again"
    assert _files(root) == {"k"}


@pytest.mark.requirement("VID-8", "SEC-2")
async def test_a_put_under_way_while_its_upload_is_aborted_stores_nothing(
    root: Path, uploads: FolderUploadGateway
) -> None:
    ticket = await uploads.begin("k", 5, "", 60)

    async def aborted_midway() -> AsyncIterator[bytes]:
        yield b"12"
        await uploads.abort("k", ticket.upload_id)
        yield b"345"

    with pytest.raises(ObjectMissing):
        await uploads.accept_part("k", ticket.upload_id, 1, 5, aborted_midway())
    assert _files(root) == set()


def test_a_target_that_cannot_be_written_is_no_outage_of_the_store(root: Path, tmp_path: Path) -> None:
    script = """
        import asyncio, errno, resource, sys
        from pathlib import Path
        from academy.domain.signing import UrlSigner
        from academy.infrastructure.clock import SystemClock
        from academy.infrastructure.filesystem.objects import FolderObjectStore

        store = FolderObjectStore(
            Path(sys.argv[1]), bucket="b", signer=UrlSigner([b"a secret of these tests, long enough"]),
            base_url="https://academy.example", clock=SystemClock(),
        )
        asyncio.run(store.put("large", b"x" * (3 << 20)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            asyncio.run(store.download("large", Path(sys.argv[2])))
        except OSError as error:
            sys.exit(error.errno != errno.EFBIG)
        sys.exit("downloaded")
    """
    target = tmp_path / "target"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), root, target], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert {path.name for path in tmp_path.iterdir()} == {root.name}


async def test_small_objects_behind_a_link_or_in_a_pipe_are_left_out(
    store: FolderObjectStore, root: Path, tmp_path: Path
) -> None:
    await store.put("a/fine", b"x")
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "a" / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "a" / "pipe")
    assert await store.get_small(["a/fine", "a/link", "a/pipe"], max_bytes=100) == {"a/fine": b"x"}
    (root / "away").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="symbolic link"):
        await store.get_small(["away/secret"], max_bytes=100)


async def test_a_spare_file_is_taken_unless_it_is_somebody_elses_too(
    store: FolderObjectStore, root: Path, tmp_path: Path
) -> None:
    source, other, link = tmp_path / "source", tmp_path / "other", tmp_path / "link"
    source.write_bytes(b"mine")
    number = source.stat().st_ino
    await store.put("taken", source, spare=True)
    assert (root / "taken").stat().st_ino == number
    assert not source.exists()
    source.write_bytes(b"ours")
    other.hardlink_to(source)
    link.symlink_to(source)
    await store.put("linked", source, spare=True)
    await store.put("through", link, spare=True)
    other.write_bytes(b"changed")
    assert [await store.get(key) for key in ("taken", "linked", "through")] == [b"mine", b"ours", b"ours"]
    assert list((root / ".incoming").iterdir()) == []


async def test_a_spare_file_whose_key_clashes_leaves_what_is_there(
    store: FolderObjectStore, root: Path, tmp_path: Path
) -> None:
    await store.put("a/b", b"there")
    source = tmp_path / "source"
    source.write_bytes(b"new")
    with pytest.raises(ValueError, match="clashes"):
        await store.put("a", source, spare=True)
    assert await store.get("a/b") == b"there"
    assert list((root / ".incoming").iterdir()) == []
