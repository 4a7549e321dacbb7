"""A reader that dies half-way costs an attempt and nothing else (JOB-11, OMR-2); the premium queue works without a GPU (AI-1)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.ai.descendants import kill_readers, readers
from tests.integration.ai.hagwon import EXAM, SCAN, TENANT, Hagwon, open_hagwon
from tests.integration.ai.sheets import filled, pictures
from tests.support.degrade.files import jpeg_bytes, save_pdf
from tests.support.jobs import until

from academy.application.ai.job_types import SHEETS
from academy.application.ai.overlays import overlay_folder
from academy.domain.job.states import JobState
from academy.domain.job.tier import Tier
from academy.domain.omr.scan import ScanState

pytestmark = pytest.mark.timeout(180)
PAGES = 40


@pytest.fixture
async def hagwon(tmp_path: Path) -> AsyncIterator[Hagwon]:
    """An academy with an exam and its sheet."""
    async with open_hagwon(tmp_path) as opened:
        yield opened


def has_begun(folder: Path) -> bool:
    """Return whether a process has read some pages."""
    return bool(readers()) and any(file.stat().st_size > 4000 for file in folder.rglob("pages.jsonl"))


@pytest.mark.requirement("JOB-11")
@pytest.mark.requirement("OMR-2")
async def test_a_reader_that_is_killed_is_started_again_and_doubles_nothing(hagwon: Hagwon) -> None:
    (student,) = hagwon.enrol(1)
    job = await hagwon.done(hagwon.order(SHEETS, {"exam_id": EXAM}))
    assert job.result is not None, job.failure
    (page,) = pictures(await hagwon.fetch(job.result["document"], hagwon.folder / "sheets.pdf"))
    part = jpeg_bytes(filled(page, 1, student.identifier)[0])
    file = hagwon.folder / "scan.pdf"
    save_pdf([part] * PAGES, file)
    job_id = hagwon.order_reading(await hagwon.upload(file))
    async with hagwon.working():
        await until(lambda: has_begun(hagwon.scratch), 30)
        assert kill_readers() == 1
        ended = await hagwon.ended(job_id)
    assert ended.state is JobState.SUCCEEDED, ended.failure
    assert ended.attempt == 2
    assert hagwon.scan().state is ScanState.READ
    kept = hagwon.read(lambda tx: tx.scans.pages(TENANT, [SCAN]))[SCAN]
    assert [each.reading.number for each in kept] == list(range(1, PAGES + 1))
    lying = {head.key async for head in hagwon.backends.ai_objects.list(overlay_folder(TENANT, SCAN))}
    assert lying == {each.overlay_key for each in kept}, "of this reading, and of no other"
    assert not readers()
    assert not [path for path in hagwon.scratch.rglob("*") if path.is_file()]


@pytest.mark.requirement("AI-1")
async def test_a_premium_job_is_done_by_the_premium_worker_alone(hagwon: Hagwon) -> None:
    hagwon.enrol(1)
    job_id = hagwon.order(SHEETS, {"exam_id": EXAM}, Tier.PREMIUM)
    assert hagwon.job(job_id).queue == hagwon.backends.settings.queue_ai_premium
    async with hagwon.working():
        await asyncio.sleep(2.5)
        assert hagwon.job(job_id).state is JobState.PENDING
    job = await hagwon.done(job_id, premium=True)
    assert job.state is JobState.SUCCEEDED, job.failure
