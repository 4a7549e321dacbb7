"""Folders of vectors: what lies in them, what a crash leaves, what is said when they are broken (GRA-8)."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, named, random_vectors, vector

from academy.application.ports.vector_index import VectorIndexUnavailable, VectorsLost, VectorSpace
from academy.infrastructure.chroma.index import ChromaVectorIndex
from academy.infrastructure.chroma.layout import owner_name

EAST, NORTH = vector(1, 0, 0, 0), vector(0, 1, 0, 0)
MARKED = vector(0.123456, -0.654321, 0.777777, 0.111111)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


@pytest.fixture
async def index(folder: Path) -> AsyncIterator[ChromaVectorIndex]:
    async with ChromaVectorIndex.open(folder) as one:
        yield one


def all_bytes(folder: Path) -> bytes:
    """Return names and contents of everything below a folder."""
    paths = sorted(folder.rglob("*"))
    return b"\n".join(str(each).encode() + (each.read_bytes() if each.is_file() else b"") for each in paths)


def collections_in(folder: Path) -> list[Path]:
    return sorted((folder / "data").iterdir())


@pytest.mark.requirement("GRA-8")
async def test_erasing_leaves_no_byte(index: ChromaVectorIndex, folder: Path) -> None:
    names = ["비밀스러운-아이디", *named(1_500)]
    space = VectorSpace("secret-model", 4)
    await index.replace("academy-secret", "user-secret", space, names, [MARKED, *random_vectors(1_500, 4)])
    await index.upsert("academy-secret", "user-secret", space, ["later-secret"], [MARKED])
    await index.replace("t2", "u2", SPACE, ["stays"], [EAST])
    owned = next(each for each in collections_in(folder) if owner_name("t2", "u2") not in each.name)
    before = all_bytes(owned)
    assert "비밀스러운-아이디".encode() in before
    await index.erase("academy-secret", "user-secret")
    after = all_bytes(folder)
    for secret in ("비밀스러운-아이디", "later-secret", "문서/00001", "secret"):
        assert secret.encode() not in after
    assert MARKED.tobytes() not in after
    assert owner_name("academy-secret", "user-secret").encode() not in after
    assert ids_of(await index.nearest("t2", "u2", SPACE, EAST, 9)) == ["stays"]


@pytest.mark.requirement("GRA-8")
async def test_a_replaced_collection_leaves_no_byte(index: ChromaVectorIndex, folder: Path) -> None:
    await index.replace("t1", "u1", SPACE, ["old-and-stale"], [MARKED])
    await index.replace("t1", "u1", SPACE, ["new"], [EAST])
    assert len(collections_in(folder)) == 1
    assert b"old-and-stale" not in all_bytes(folder)


@pytest.mark.requirement("GRA-8")
async def test_a_later_process_finds_what_was_stored(folder: Path) -> None:
    async with ChromaVectorIndex.open(folder) as first:
        await first.replace("t1", "u1", SPACE, named(1_500), random_vectors(1_500, 4))
        await first.upsert("t1", "u1", SPACE, ["east"], [EAST])
        await first.remove("t1", "u1", named(3))
    async with ChromaVectorIndex.open(folder) as second:
        assert await second.space("t1", "u1") == (SPACE, 1_498)
        assert ids_of(await second.nearest("t1", "u1", SPACE, EAST, 1)) == ["east"]


@pytest.mark.requirement("GRA-8")
async def test_one_process_owns_the_folder(index: ChromaVectorIndex, folder: Path) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    with pytest.raises(VectorIndexUnavailable, match=r"in use by process \d+; one process owns it"):
        async with ChromaVectorIndex.open(folder):
            pytest.fail("two own it")
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 9)) == ["a"]


@pytest.mark.requirement("GRA-8")
async def test_leftovers_are_swept_when_it_is_opened(folder: Path) -> None:
    async with ChromaVectorIndex.open(folder) as first:
        await first.replace("t1", "u1", SPACE, ["a"], [EAST])
    kept = collections_in(folder)
    shutil.copytree(kept[0], folder / "data" / f"{owner_name('t1', 'u1')}.0123")
    shutil.copytree(kept[0], folder / "data" / f"{owner_name('t9', 'u9')}.0123")
    (folder / "current" / f".{owner_name('t9', 'u9')}").write_text("half a na")
    async with ChromaVectorIndex.open(folder) as second:
        assert collections_in(folder) == kept
        assert [each.name for each in (folder / "current").iterdir()] == [owner_name("t1", "u1")]
        assert ids_of(await second.nearest("t1", "u1", SPACE, EAST, 9)) == ["a"]
        assert await second.space("t9", "u9") is None


def _truncated(where: Path) -> None:
    with where.open("r+b") as file:
        file.truncate(5_000)


def _scrambled(where: Path) -> None:
    where.write_bytes(bytes(each ^ 255 for each in where.read_bytes()))


BREAKS: dict[str, Callable[[Path], None]] = {
    "no folder": shutil.rmtree,
    "no database": lambda folder: (folder / "chroma.sqlite3").unlink(),
    "empty database": lambda folder: (folder / "chroma.sqlite3").write_bytes(b"") and None,
    "half a database": lambda folder: _truncated(folder / "chroma.sqlite3"),
    "scrambled database": lambda folder: _scrambled(folder / "chroma.sqlite3"),
    "no vectors": lambda folder: shutil.rmtree(next(folder.glob("*-*-*"))),
    "half the vectors": lambda folder: _truncated(next(folder.glob("*/data_level0.bin"))),
    "half the header": lambda folder: next(folder.glob("*/header.bin")).write_bytes(b"\1") and None,
    "no header": lambda folder: next(folder.glob("*/header.bin")).unlink(),
    "other vectors": lambda folder: _scrambled(next(folder.glob("*/data_level0.bin"))),
    "scrambled names": lambda folder: _scrambled(next(folder.glob("*/index_metadata.pickle"))),
}


LOST = {"no folder", "no database", "half the vectors", "half the header"}
"""Of which it can be told that they are no outage."""


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize("way", BREAKS)
@pytest.mark.parametrize("limit", [32 << 20, 0], ids=["exact", "approximate"])
async def test_a_broken_collection_is_no_empty_one(folder: Path, way: str, limit: int) -> None:
    async with ChromaVectorIndex.open(folder) as first:
        await first.replace("t1", "u1", SPACE, named(1_500), random_vectors(1_500, 4))
        await first.replace("t1", "u2", SPACE, ["whole"], [EAST])
    broken = next(each for each in collections_in(folder) if owner_name("t1", "u1") in each.name)
    BREAKS[way](broken)
    async with ChromaVectorIndex.open(folder, exact_bytes=limit) as second:
        for _ in range(2):
            lost = VectorsLost if way in LOST else VectorIndexUnavailable
            with pytest.raises(lost, match="build the graph again"):
                await second.nearest("t1", "u1", SPACE, EAST, 3)
        assert ids_of(await second.nearest("t1", "u2", SPACE, EAST, 3)) == ["whole"]
        # And that is how it is mended.
        await second.replace("t1", "u1", SPACE, ["again"], [EAST])
        assert ids_of(await second.nearest("t1", "u1", SPACE, EAST, 3)) == ["again"]


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize("way", ["no folder", "no database"])
async def test_a_collection_taken_away_while_it_is_open(
    index: ChromaVectorIndex, folder: Path, way: str
) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    await index.nearest("t1", "u1", SPACE, EAST, 1)
    BREAKS[way](collections_in(folder)[0])
    for _ in range(2):
        with pytest.raises(VectorIndexUnavailable, match="build the graph again"):
            await index.upsert("t1", "u1", SPACE, ["b"], [NORTH])
        with pytest.raises(VectorIndexUnavailable, match="build the graph again"):
            await index.nearest("t1", "u1", SPACE, EAST, 1)
    await index.erase("t1", "u1")
    assert await index.space("t1", "u1") is None


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("GRA-8")
async def test_the_folder_of_all_collections_taken_away_is_told_and_the_next_build_mends_it(
    index: ChromaVectorIndex, folder: Path
) -> None:
    for user in ("u1", "u2", "u3"):
        await index.replace("t1", user, SPACE, ["a"], [EAST])
    shutil.rmtree(folder / "data")
    for user in ("u1", "u2"):
        with pytest.raises(VectorsLost, match="build the graph again"):
            await index.nearest("t1", user, SPACE, EAST, 1)
        with pytest.raises(VectorsLost, match="build the graph again"):
            await index.upsert("t1", user, SPACE, ["b"], [NORTH])
        with pytest.raises(VectorsLost, match="build the graph again"):
            await index.space("t1", user)
    await index.ping()
    await index.replace("t1", "u1", SPACE, ["a", "b"], [EAST, NORTH])
    assert ids_of(await index.nearest("t1", "u1", SPACE, NORTH, 1)) == ["b"]
    await index.upsert("t1", "u4", SPACE, ["new"], [EAST])
    assert ids_of(await index.nearest("t1", "u4", SPACE, NORTH, 1)) == ["new"]
    with pytest.raises(VectorsLost, match="build the graph again"):
        await index.nearest("t1", "u2", SPACE, EAST, 1)
    shutil.rmtree(folder / "data")
    await index.erase("t1", "u3")
    assert await index.space("t1", "u3") is None


@pytest.mark.requirement("GRA-8")
async def test_a_root_taken_away_is_no_empty_one(index: ChromaVectorIndex, folder: Path) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    shutil.rmtree(folder)
    for call in (index.ping(), index.nearest("t1", "u1", SPACE, EAST, 1), index.erase("t1", "u1")):
        with pytest.raises(VectorIndexUnavailable, match="No such file"):
            await call
    with pytest.raises(VectorIndexUnavailable, match="No such file"):
        await index.replace("t1", "u1", SPACE, ["b"], [EAST])
    assert folder not in folder.parent.iterdir()


@pytest.mark.requirement("GRA-8")
async def test_a_collection_of_another_owner_is_refused(folder: Path) -> None:
    """Folders that somebody has mixed up while nobody looked."""
    async with ChromaVectorIndex.open(folder) as first:
        await first.replace("t1", "u1", SPACE, ["mine"], [EAST])
        await first.replace("t2", "u1", SPACE, ["theirs"], [EAST])
    mine, theirs = (
        next(each for each in collections_in(folder) if owner_name(tenant, "u1") in each.name)
        for tenant in ("t1", "t2")
    )
    shutil.rmtree(mine)
    theirs.rename(mine)
    async with ChromaVectorIndex.open(folder) as second:
        with pytest.raises(VectorIndexUnavailable, match="another owner's"):
            await second.nearest("t1", "u1", SPACE, EAST, 3)


@pytest.mark.requirement("GRA-8")
async def test_a_root_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(VectorIndexUnavailable, match="Not a directory"):
        async with ChromaVectorIndex.open(tmp_path / "file" / "vectors"):
            pytest.fail("there is no folder")
