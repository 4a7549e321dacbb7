"""What an index costs the process that owns it, and what ends with that process (GRA-3, GRA-8, JOB-11)."""

import asyncio
import gc
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, named, random_vectors, vector
from tests.contract.vectors.chroma_child import SPACE as CHILD_SPACE
from tests.support.steps import steps

from academy.application.ports.vector_index import VectorIndexUnavailable, VectorSpace
from academy.infrastructure.chroma.index import ChromaVectorIndex

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("chroma_child.py")
EAST = vector(1, 0, 0, 0)


def child(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start another process on a folder."""
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        cwd=folder.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=60)[0]


@pytest.mark.requirement("GRA-8")
async def test_another_process_is_told_who_owns_the_folder(tmp_path: Path) -> None:
    holder = child(tmp_path / "vectors", "hold")
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == "held\n"
    with pytest.raises(VectorIndexUnavailable, match=f"in use by process {holder.pid};"):
        async with ChromaVectorIndex.open(tmp_path / "vectors"):
            pytest.fail("two own it")
    holder.kill()
    said(holder)
    async with ChromaVectorIndex.open(tmp_path / "vectors") as index:
        await index.ping()


@pytest.mark.requirement("GRA-8")
async def test_a_crash_before_the_switch_leaves_the_old_collection(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    async with ChromaVectorIndex.open(folder) as index:
        await index.replace("t1", "u1", SPACE, ["old"], [EAST])
    process = child(folder, "die")
    assert said(process) == "dying\n"
    assert process.returncode == 9
    assert len(list((folder / "data").iterdir())) == 2
    async with ChromaVectorIndex.open(folder) as index:
        assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 9)) == ["old"]
        assert len(list((folder / "data").iterdir())) == 1


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize("seconds", [0.1, 0.4, 0.8])
async def test_a_kill_at_any_time_leaves_the_old_collection_or_the_new(
    tmp_path: Path, seconds: float
) -> None:
    folder = tmp_path / "vectors"
    async with ChromaVectorIndex.open(folder) as index:
        await index.replace("t1", "u1", CHILD_SPACE, ["old"], random_vectors(1, 64))
    process = child(folder, "replace")
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    await asyncio.sleep(seconds)
    process.kill()
    said(process)
    async with ChromaVectorIndex.open(folder) as index:
        assert await index.space("t1", "u1") in {(CHILD_SPACE, 1), (CHILD_SPACE, 6_000)}
        found = await index.nearest("t1", "u1", CHILD_SPACE, random_vectors(1, 64)[0], 1)
        assert ids_of(found) in (["old"], named(1))
        assert len(list((folder / "data").iterdir())) == 1


@pytest.mark.requirement("GRA-5", "GRA-8")
@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.2, 1.8])
async def test_a_kill_at_any_time_leaves_nothing_of_a_large_upsert_or_all(
    tmp_path: Path, seconds: float
) -> None:
    """12,000 vectors are more than the library writes in one transaction: half of them were there after a kill."""
    folder = tmp_path / "vectors"
    before = ["old", *named(3_000)]
    async with ChromaVectorIndex.open(folder) as index:
        await index.replace("t1", "u1", CHILD_SPACE, before, random_vectors(3_001, 64))
    process = child(folder, "upsert")
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    await asyncio.sleep(seconds)
    process.kill()
    said(process)
    async with ChromaVectorIndex.open(folder) as index:
        held = await index.space("t1", "u1")
        assert held in {(CHILD_SPACE, 3_001), (CHILD_SPACE, 12_001)}
        found = await index.nearest("t1", "u1", CHILD_SPACE, random_vectors(1, 64, seed=5)[0], 1)
        assert (found[0].similarity > 0.999) == (held == (CHILD_SPACE, 12_001))
        assert len(list((folder / "data").iterdir())) == 1


@pytest.mark.requirement("GRA-5")
async def test_a_large_upsert_adds_and_overwrites(tmp_path: Path) -> None:
    async with ChromaVectorIndex.open(tmp_path / "vectors") as index:
        old, new = random_vectors(50, 64), random_vectors(12_000, 64, seed=5)
        await index.replace("t1", "u1", CHILD_SPACE, ["old", *named(49)], old)
        await index.upsert("t1", "u1", CHILD_SPACE, named(12_000), new)
        assert await index.space("t1", "u1") == (CHILD_SPACE, 12_001)
        for asked, expected in ((old[0], "old"), (new[7], named(8)[7]), (new[11_999], named(12_000)[-1])):
            (found,) = await index.nearest("t1", "u1", CHILD_SPACE, asked, 1)
            assert (found.id, found.similarity > 0.999) == (expected, True)


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize("limit", ["100000", "1000000", "2300000"])
async def test_a_disk_that_takes_no_more_leaves_the_old_collection(tmp_path: Path, limit: str) -> None:
    folder = tmp_path / "vectors"
    async with ChromaVectorIndex.open(folder) as index:
        await index.replace("t1", "u1", CHILD_SPACE, ["old"], random_vectors(1, 64))
    assert "unavailable: " in said(child(folder, "replace", limit))
    assert len(list((folder / "data").iterdir())) == 1
    async with ChromaVectorIndex.open(folder) as index:
        assert ids_of(await index.nearest("t1", "u1", CHILD_SPACE, random_vectors(1, 64)[0], 9)) == ["old"]


@pytest.mark.requirement("GRA-8")
async def test_an_upsert_that_the_disk_refused_can_be_done_again(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    async with ChromaVectorIndex.open(folder) as index:
        await index.replace("t1", "u1", CHILD_SPACE, ["old"], random_vectors(1, 64, seed=9))
    assert said(child(folder, "write", "1000000")).startswith("unavailable: ")
    async with ChromaVectorIndex.open(folder) as index:
        await index.upsert("t1", "u1", CHILD_SPACE, named(6_000), random_vectors(6_000, 64))
        assert await index.space("t1", "u1") == (CHILD_SPACE, 6_001)
        found = await index.nearest("t1", "u1", CHILD_SPACE, random_vectors(1, 64, seed=9)[0], 1)
        assert ids_of(found) == ["old"]


@pytest.mark.requirement("GRA-8")
def test_a_folder_that_may_not_be_written() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "vectors")
        folder.mkdir()
        folder.chmod(0o555)
        folder.parent.chmod(0o755)
        told = said(child(folder, "unprivileged"))
    assert told == f"unavailable: the vector folder {folder} cannot be used: Permission denied\n"


@pytest.mark.requirement("GRA-3")
async def test_a_call_that_nobody_waits_for_any_more_is_carried_out_all_the_same(tmp_path: Path) -> None:
    async with ChromaVectorIndex.open(tmp_path / "vectors") as index:
        vectors = random_vectors(6_000, 64)
        call = asyncio.create_task(index.replace("t1", "u1", CHILD_SPACE, named(6_000), vectors))
        await asyncio.sleep(0.01)
        call.cancel()
        assert await index.space("t1", "u1") == (CHILD_SPACE, 6_000)


@pytest.mark.requirement("GRA-3")
def test_the_loop_goes_on_while_vectors_are_stored(tmp_path: Path) -> None:
    """Its thread, whose steps are counted, has no more to do for many of them than for a few."""

    def stored(many: int) -> int:
        names, vectors = named(many), random_vectors(many, 64)

        async def store() -> None:
            async with ChromaVectorIndex.open(tmp_path / str(many)) as index:
                await index.replace("t1", "u1", CHILD_SPACE, names, vectors)

        return steps(lambda: asyncio.run(store()))

    stored(1)
    assert stored(6_000) < 2 * stored(60)


@pytest.mark.requirement("GRA-3")
async def test_large_collections_are_searched_by_the_library(tmp_path: Path) -> None:
    vectors = random_vectors(2_000, 24)
    space = VectorSpace("random", 24)
    async with ChromaVectorIndex.open(tmp_path / "a") as exact:
        await exact.replace("t1", "u1", space, named(2_000), vectors)
        async with ChromaVectorIndex.open(tmp_path / "b", exact_bytes=0) as approximate:
            await approximate.replace("t1", "u1", space, named(2_000), vectors)
            hits = 0
            for asked in random_vectors(50, 24, seed=8):
                truth = await exact.nearest("t1", "u1", space, asked, 10)
                found = await approximate.nearest("t1", "u1", space, asked, 10)
                hits += len({*ids_of(truth)} & {*ids_of(found)})
                assert found[0].similarity == pytest.approx(truth[0].similarity, abs=1e-5)
    assert hits >= 0.99 * 500


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.slow
@pytest.mark.requirement("GRA-8")
async def test_five_hundred_owners_cost_no_more_than_a_few(tmp_path: Path) -> None:
    vectors = random_vectors(30, 64)
    async with ChromaVectorIndex.open(tmp_path / "vectors", open_limit=3) as index:
        for number in range(500):
            await index.replace("t1", f"u{number}", CHILD_SPACE, named(30), vectors)
            found = await index.nearest("t1", f"u{number // 2}", CHILD_SPACE, vectors[7], 1)
            assert ids_of(found) == [named(30)[7]]
            if number == 50:
                gc.collect()
                files, mib, threads = _open_files(), _resident_mib(), _threads()
        gc.collect()
        assert _open_files() <= files + 3
        # How many the library keeps for a moment varies; one for each owner would be 450 more.
        assert _threads() <= threads + 20
        assert _resident_mib() - mib < 24
    gc.collect()
    assert _open_files() < files


@pytest.mark.requirement("GRA-3")
def test_the_library_is_imported_when_it_is_needed() -> None:
    code = "import sys, academy.infrastructure.chroma.index;print(*{'chromadb', 'numpy'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n"
