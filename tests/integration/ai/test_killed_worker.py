"""A worker that is killed in the middle of a scan costs an attempt: another one ends it, once (JOB-2, OMR-4, OMR-5)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from tests.integration.ai.hagwon import EXAM, SCAN, SECRET, TENANT, Hagwon, open_hagwon
from tests.integration.ai.sheets import filled, pictures
from tests.support.degrade.files import jpeg_bytes, save_pdf
from tests.support.jobs import until
from tests.support.system import RoleProcess

from academy.application.academics.asker import Asker
from academy.application.ai.exam_desk import ExamDesk
from academy.application.ai.job_types import SHEETS, ai_job_types
from academy.application.ai.overlays import overlay_folder
from academy.application.ai.review import Review
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.queues import queue_names
from academy.domain.job.states import JobState
from academy.domain.omr.scan import ScanState
from academy.infrastructure.ids import new_id

pytestmark = pytest.mark.timeout(180)
PAGES = 40
LEASE_SECONDS = 2
STAFF = Asker(TENANT, "staff", manages=True)


@pytest.fixture
async def hagwon(tmp_path: Path) -> AsyncIterator[Hagwon]:
    """An academy whose student's page was read, and lies in the scan forty times; a person said what question 1 says."""
    async with open_hagwon(tmp_path, lease_seconds=LEASE_SECONDS) as opened:
        (student,) = opened.enrol(1)
        job = await opened.done(opened.order(SHEETS, {"exam_id": EXAM}))
        assert job.result is not None, job.failure
        (page,) = pictures(await opened.fetch(job.result["document"], opened.folder / "sheets.pdf"))
        part = jpeg_bytes(filled(page, 1, student.identifier)[0])
        file = opened.folder / "scan.pdf"
        save_pdf([part] * PAGES, file)
        first = await opened.done(opened.order_reading(await opened.upload(file)))
        assert first.state is JobState.SUCCEEDED, first.failure
        decide(opened)
        yield opened


def decide(hagwon: Hagwon) -> None:
    """Say whose all pages are but the first, and what question 1 of that says."""
    for number in range(2, PAGES + 1):
        hagwon.run(lambda tx, n=number: Review().decide(tx, STAFF, SCAN, n, {}, ""))  # type: ignore[misc]
    hagwon.run(lambda tx: Review().decide(tx, STAFF, SCAN, 1, {"1": ["3"]}))


@contextmanager
def worker(hagwon: Hagwon) -> Iterator[RoleProcess]:
    """Run the AI worker in a process of its own."""
    env = {
        "ACADEMY_DATA_DIR": str(hagwon.folder / "data"),
        "ACADEMY_WORK_DIR": str(hagwon.scratch),
        "ACADEMY_UPLOAD_SECRET": SECRET,
        "ACADEMY_LEASE_SECONDS": str(LEASE_SECONDS),
        "ACADEMY_HEALTH_BIND": "127.0.0.1:0",
    }
    process = RoleProcess("ai", env)
    try:
        yield process
    finally:
        process.close()


@asynccontextmanager
async def relaying(hagwon: Hagwon) -> AsyncIterator[None]:
    """Carry messages to the queue."""
    stop = asyncio.Event()
    task = asyncio.create_task(outbox_relay(hagwon.backends).run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


def reading(hagwon: Hagwon) -> bool:
    """Return whether a process has read some pages."""
    return any(file.stat().st_size > 4000 for file in hagwon.scratch.rglob("pages.jsonl"))


def storing(hagwon: Hagwon, job_id: str) -> bool:
    """Return whether overlays of the job lie in the store."""
    folder = hagwon.folder / "data" / "objects"
    return any(f"/{job_id}-" in str(path) for path in folder.rglob("*.jpg"))


@pytest.mark.requirement("JOB-2")
@pytest.mark.requirement("OMR-4")
@pytest.mark.requirement("OMR-5")
@pytest.mark.parametrize("moment", ["reading", "storing"])
async def test_another_worker_ends_what_a_killed_one_began_and_nothing_is_there_twice(
    hagwon: Hagwon, moment: str
) -> None:
    before = hagwon.read(lambda tx: (tx.teaching.scores(TENANT, EXAM), tx.scans.decisions(TENANT, [SCAN])))
    desk = ExamDesk(ai_job_types(queue_names(hagwon.backends.settings)), new_id)
    _, job = hagwon.run(lambda tx: desk.reread(tx, STAFF, SCAN))
    async with relaying(hagwon):
        with worker(hagwon) as first:
            if moment == "reading":
                await until(lambda: reading(hagwon), 60)
            else:
                await until(lambda: storing(hagwon, job.id), 60)
            first.kill()
        assert hagwon.job(job.id).state is JobState.RUNNING, "killed in the middle"
        assert hagwon.scan().state is ScanState.READING
        with worker(hagwon):
            ended = await hagwon.ended(job.id)

    assert ended.state is JobState.SUCCEEDED, ended.failure
    assert ended.token > 1, "by another attempt"
    assert hagwon.scan().state is ScanState.READ
    kept = hagwon.read(lambda tx: tx.scans.pages(TENANT, [SCAN]))[SCAN]
    assert [each.reading.number for each in kept] == list(range(1, PAGES + 1))
    after = hagwon.read(lambda tx: (tx.teaching.scores(TENANT, EXAM), tx.scans.decisions(TENANT, [SCAN])))
    assert after == before, "one score of one student, and every decision once"
    assert len(after[0]) == 1
    store = hagwon.backends.ai_objects
    lying = {head.key async for head in store.list(overlay_folder(TENANT, SCAN))}
    assert {each.overlay_key for each in kept} <= lying
    dead = {key for key in lying if f"/{job.id}-" in key} - {each.overlay_key for each in kept}
    assert not dead, "of the attempt that was killed"
    assert not [path for path in hagwon.scratch.rglob("*") if path.is_file()], "the scan of the killed worker"
