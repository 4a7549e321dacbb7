"""What an attempt leaves on a machine goes when it ends, and when its process was killed (JOB-2, SEC-2)."""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch

pytestmark = [pytest.mark.requirement("SEC-2"), pytest.mark.requirement("JOB-2")]

LIVING = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from academy.application.jobs.scratch import Scratch
async def main():
    async with Scratch(Path(sys.argv[1])).folder(SimpleNamespace(job=SimpleNamespace(id=sys.argv[2]))) as folder:
        (folder / "scan.pdf").write_bytes(b"a name and a number")
        print("ready", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


WORK = cast("Work", SimpleNamespace(job=SimpleNamespace(id="a/job 1")))


def begun(folder: Path, name: str) -> "subprocess.Popen[str]":
    """Run an attempt in a process of its own, until it has written something."""
    process = subprocess.Popen(
        [sys.executable, "-c", LIVING, str(folder), name], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate(timeout=10)


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def files(folder: Path) -> list[str]:
    return sorted(path.parent.name.split("-")[0] for path in folder.rglob("*.pdf"))


async def test_those_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    killed, living = begun(tmp_path, "killed"), begun(tmp_path, "living")
    try:
        ended(killed)
        assert files(tmp_path) == ["killed", "living"]
        assert await Scratch(tmp_path).sweep() == 1
        assert files(tmp_path) == ["living"]
        assert await Scratch(tmp_path).sweep() == 0
    finally:
        ended(living)
    assert await Scratch(tmp_path).sweep() == 1
    assert left(tmp_path) == []


async def test_the_first_attempt_of_the_next_process_takes_them_away(tmp_path: Path) -> None:
    ended(begun(tmp_path, "killed"))
    async with Scratch(tmp_path).folder(WORK) as folder:
        assert left(tmp_path) == [folder.name]
    assert left(tmp_path) == []


async def test_attempts_beside_one_another_leave_each_others_alone(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "made")
    assert await scratch.sweep() == 0, "there is no folder yet"
    async with scratch.folder(WORK) as one, scratch.folder(WORK) as other:
        assert one != other
        assert await Scratch(tmp_path / "made").sweep() == 0
        assert one.is_dir()
        assert other.is_dir()
    assert left(tmp_path / "made") == []


async def test_attempts_begin_while_others_sweep(tmp_path: Path) -> None:
    async def begin() -> bool:
        async with Scratch(tmp_path).folder(WORK) as folder:
            (folder / "scan.pdf").write_bytes(b"x")
            await Scratch(tmp_path).sweep()
            return (folder / "scan.pdf").is_file()

    assert all(await asyncio.gather(*(begin() for _ in range(100))))
    (tmp_path / ".new-left-by-a-crash").mkdir()
    assert await Scratch(tmp_path).sweep() == 1
    assert left(tmp_path) == []


async def test_a_cancelled_attempt_leaves_nothing(tmp_path: Path) -> None:
    entered = asyncio.Event()

    async def attempt() -> None:
        async with Scratch(tmp_path).folder(WORK) as folder:
            (folder / "scan.pdf").write_bytes(b"x")
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(attempt())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left(tmp_path) == []
