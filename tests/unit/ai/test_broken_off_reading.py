"""A reading that is broken off while its overlays are stored takes them away again (OMR-4, JOB-8)."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tests.unit.ai.room import Room

from academy.application.ai.files import DocumentFiles
from academy.application.ai.grade_scan import PAGES, GradingHandler, revision_of
from academy.application.ai.overlays import reading_name
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.contracts.ai import GradeScan
from academy.contracts.children.omr import PageLine, ReadScan, ScanRead
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = [pytest.mark.requirement("OMR-4"), pytest.mark.requirement("JOB-8")]


class Reader:
    """Reads five pages at once."""

    async def call(self, _work: Work, _entry: str, request: ReadScan, _answer: type[ScanRead]) -> None:
        folder = Path(request.folder)
        lines = [PageLine(number=number, overlay=True).model_dump_json() for number in range(1, 6)]
        (folder / PAGES).write_text("\n".join(lines) + "\n")
        for number in range(1, 6):
            (folder / f"{number}.jpg").write_bytes(b"\xff\xd8")


class SlowStore(MemoryObjectStore):
    """Stores three overlays, then takes for ever, or goes away."""

    away = False

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",
        spare: bool = False,
    ) -> None:
        if key.endswith(("4.jpg", "5.jpg")):
            self.reached.set()
            if self.away:
                raise ObjectStoreUnavailable("away")
            await asyncio.sleep(60)
        await super().put(key, data, content_type=content_type, spare=spare)

    reached: asyncio.Event


@pytest.mark.parametrize("away", [False, True])
async def test_it_leaves_no_picture(room: Room, tmp_path: Path, away: bool) -> None:
    store = SlowStore(room.clock)
    store.reached, store.away = asyncio.Event(), away
    scan, job = room.add_scan()
    document = room.do(lambda tx: tx.documents.get("t1", scan.document_id))
    assert document is not None
    await store.put(document.key, b"%PDF-")
    files = DocumentFiles(room.database, store, tmp_path, room.new_id)
    handler = GradingHandler(room.database, store, files, cast("Children", Reader()))
    work = Work(room.claim(job), GradeScan(scan_id=scan.id), lambda _step, _fraction: None)
    task: asyncio.Task[Any] = asyncio.create_task(handler.run(work))
    await asyncio.wait_for(store.reached.wait(), 10)
    if not away:
        assert len([head async for head in store.list("scans/")]) == 3
        task.cancel()
    with pytest.raises((asyncio.CancelledError, BaseExceptionGroup)):
        await task
    assert [head.key async for head in store.list("scans/")] == []


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize("made_up", ["../../../evil", "a/b", "", "..", "x" * 200])
def test_an_id_that_a_producer_made_up_is_no_part_of_a_key(made_up: str) -> None:
    name = reading_name(made_up)
    assert (len(name), name.isalnum()) == (32, True)
    assert reading_name("01a1fdab-335f-7e25") == "01a1fdab-335f-7e25"


@pytest.mark.requirement("SEC-2")
async def test_a_job_with_such_an_id_reads_within_its_own_folders(room: Room, tmp_path: Path) -> None:
    store = MemoryObjectStore(room.clock)
    scan, job = room.add_scan()
    document = room.do(lambda tx: tx.documents.get("t1", scan.document_id))
    assert document is not None
    await store.put(document.key, b"%PDF-")
    evil = replace(room.claim(job), id="../../../evil")
    files = DocumentFiles(room.database, store, tmp_path / "in", room.new_id)
    work = Work(evil, GradeScan(scan_id=scan.id), lambda _step, _fraction: None)
    async with files.folder(work) as folder:
        assert folder.parent == tmp_path / "in"
    assert revision_of(evil).endswith("-1")
    assert "/" not in revision_of(evil)
