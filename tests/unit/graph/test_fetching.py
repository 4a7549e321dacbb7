"""Inputs come to this machine, small ones together; a full disk is told as one (GRA-2, JOB-11)."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from academy.application.errors import WorkFailed
from academy.application.graph.fetching import PACKED_BYTES, Fetched, Fetching
from academy.application.graph.files import GraphFiles
from academy.application.graph.packed import inputs_in
from academy.application.graph.scratch_room import room_needed
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.ports.database import Database
from academy.bootstrap.children.graph import read_documents
from academy.domain.failures import Failure
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = pytest.mark.requirement("GRA-2")
LARGE = b"x" * PACKED_BYTES
FULL = Path("/dev/full")


async def fetch(folder: Path, there: Mapping[str, bytes], **sizes: int | None) -> tuple[Fetched, list[float]]:
    """Fetch what is there; `sizes`: of what is asked for, where it is not what is there."""
    store, told = MemoryObjectStore(SystemClock()), list[float]()
    for key, data in there.items():
        await store.put(key, data)
    asked = {**{key: len(data) for key, data in there.items()}, **sizes}
    return await Fetching(store, folder, asked, told.append).run(), told


def contents(folder: Path, fetched: Fetched) -> dict[str, bytes]:
    with inputs_in(folder) as source_of:
        found = {line["key"]: source_of(line) for line in fetched.lines}
    return {key: each if isinstance(each, bytes) else each.read_bytes() for key, each in found.items()}


async def test_every_input_comes_as_it_is_in_the_order_of_keys(tmp_path: Path) -> None:
    there = {"b": b"two\n", "a": b"one", "empty": b"", "large": LARGE, "pdf": b"%PDF-1.7", "zip": b"PK\3\4"}
    there |= {f"n/{number:03}": str(number).encode() for number in range(300)}
    fetched, told = await fetch(tmp_path, there)
    assert contents(tmp_path, fetched) == there
    assert [line["key"] for line in fetched.lines] == sorted(there)
    assert told[-1] == 1.0
    assert told == sorted(told)


async def test_small_inputs_share_a_file_and_what_may_unpack_lies_alone(tmp_path: Path) -> None:
    there = {"a": b"one", "b": b"two", "large": LARGE, "pdf": b"%PDF-1.7", "zip": b"PK\3\4"}
    fetched, _ = await fetch(tmp_path, there)
    files = [line["file"] for line in fetched.lines]
    assert files[0] == files[1]
    assert len(set(files)) == 4


async def test_sizes_that_were_not_known_or_have_changed_do_no_harm(tmp_path: Path) -> None:
    there = {"grew": LARGE, "unknown": b"x", "unknown-large": LARGE}
    fetched, _ = await fetch(tmp_path, there, grew=3, unknown=None, **{"unknown-large": None, "gone": 5})
    assert contents(tmp_path, fetched) == there
    assert [(each.key, each.code) for each in fetched.outcomes] == [("gone", "object_missing")]


async def test_an_input_over_a_gibibyte_is_refused_and_the_others_come(tmp_path: Path) -> None:
    fetched, _ = await fetch(tmp_path, {"a": b"one"}, huge=(1 << 30) + 1)
    assert contents(tmp_path, fetched) == {"a": b"one"}
    assert [(each.key, each.code) for each in fetched.outcomes] == [("huge", "input_too_large")]


def files_in(folder: Path) -> GraphFiles:
    store = MemoryObjectStore(SystemClock())
    return GraphFiles(cast("Database", None), store, Scratch(folder), "bucket")


def work() -> Work:
    return Work(cast("Any", SimpleNamespace(id="job")), cast("Any", None), lambda _step, _done: None)


def full(error: pytest.ExceptionInfo[WorkFailed]) -> bool:
    failure = error.value.failure
    return (failure.code, failure.retryable, failure.costs_attempt) == ("disk_full", True, False)


@pytest.mark.requirement("JOB-11")
async def test_a_disk_that_is_full_while_inputs_come_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    async def attempt() -> None:
        async with files_in(tmp_path).folder(work()) as folder:
            (folder / "in").mkdir()
            (folder / "in" / "pack").symlink_to(FULL)
            await fetch(folder, {"a": b"one"})

    with pytest.raises(WorkFailed) as error:
        await attempt()
    assert full(error)
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


@pytest.mark.requirement("JOB-11")
@pytest.mark.parametrize("name", ["documents.jsonl", "outcomes.jsonl", "read.jsonl", "used.txt"])
async def test_a_disk_that_is_full_in_the_process_that_reads_is_told(tmp_path: Path, name: str) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(LARGE)
    (tmp_path / "cache").mkdir()
    (tmp_path / "inputs.jsonl").write_text(json.dumps({"key": "a.txt", "file": str(large)}))
    (tmp_path / name).symlink_to(FULL)
    request = {"folder": str(tmp_path), "cache": str(tmp_path / "cache"), "keep_all": False}
    with pytest.raises(WorkFailed) as error:
        read_documents(request, lambda _step, _done: None)
    assert error.value.failure.code == "disk_full"


@pytest.mark.requirement("JOB-11")
async def test_what_a_process_tells_of_a_full_disk_costs_no_attempt(tmp_path: Path) -> None:
    told = Failure("disk_full", "No room.", retryable=True)
    with pytest.raises(WorkFailed) as error:
        async with files_in(tmp_path).folder(work()):
            raise WorkFailed(told)
    assert full(error)


def test_other_errors_are_passed_on_as_they_are() -> None:
    for each in (FileNotFoundError(2, "gone"), WorkFailed(Failure("other", "Other.")), ValueError("x")):
        with pytest.raises(type(each)) as error, room_needed():
            raise each
        assert error.value is each


def test_of_several_errors_a_full_disk_is_told() -> None:
    with pytest.raises(WorkFailed) as error, room_needed():
        raise ExceptionGroup("", [ValueError(), ExceptionGroup("", [OSError(28, "No space left on device")])])
    assert full(error)
