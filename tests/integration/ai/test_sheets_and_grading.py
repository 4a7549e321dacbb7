"""From an order of sheets to scores: printed, filled in, scanned, read in a process of its own, graded."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pikepdf
import pytest
from PIL import Image
from tests.integration.ai.hagwon import EXAM, SCAN, TENANT, Hagwon, open_hagwon
from tests.integration.ai.sheets import filled, pictures
from tests.support.degrade.files import jpeg_bytes, save_pdf
from tests.support.degrade.kinds import degraded

from academy.application.ai.job_types import BLANK_CHECK, SHEETS
from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.job.states import JobState
from academy.domain.omr.scan import ScanState

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def hagwon(tmp_path: Path) -> AsyncIterator[Hagwon]:
    """An academy with an exam and its sheet."""
    async with open_hagwon(tmp_path) as opened:
        yield opened


async def printed(hagwon: Hagwon, count: int) -> list[Image.Image]:
    """Enrol students and print their sheets; return the pages."""
    hagwon.enrol(count)
    job = await hagwon.done(hagwon.order(SHEETS, {"exam_id": EXAM}))
    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    assert job.result["pages"] == count
    assert job.result["document"]["file_name"] == "3월 모의고사 답안지.pdf"
    assert job.result["document"]["subject"] == f"exam:{EXAM}"
    return pictures(await hagwon.fetch(job.result["document"], hagwon.folder / "sheets.pdf"))


def expected(truth: dict[str, tuple[str, ...]]) -> float:
    return 5.0 * sum(marked == ("3",) for name, marked in truth.items() if name.isdecimal())


@pytest.mark.requirement("OMR-1")
@pytest.mark.requirement("OMR-2")
@pytest.mark.requirement("OMR-5")
@pytest.mark.requirement("AI-1")
async def test_what_was_printed_is_filled_scanned_and_graded(hagwon: Hagwon) -> None:
    pages = await printed(hagwon, 6)
    scans, truths = [], {}
    for seed, (page, student) in enumerate(zip(pages, hagwon.students, strict=True)):
        picture, truth = filled(page, seed, student.identifier)
        truths[student.id] = expected({name: each.marked for name, each in truth.fields.items()})
        scans.append(degraded(picture, ("skew", "noise"), Random(seed), 0.5))
    file = hagwon.folder / "scan.pdf"
    save_pdf([jpeg_bytes(each, 60) for each in scans], file, rotate=180)
    job = await hagwon.done(hagwon.order_reading(await hagwon.upload(file)))

    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    counts = {name: job.result[name] for name in ("pages", "unreadable", "doubtful", "unmatched", "graded")}
    assert counts == {"pages": 6, "unreadable": 0, "doubtful": 0, "unmatched": 0, "graded": 6}
    scores = hagwon.read(lambda tx: tx.teaching.scores(TENANT, EXAM))
    assert {each.student_id: each.score for each in scores} == truths
    scan = hagwon.scan()
    assert (scan.state, scan.pages) == (ScanState.READ, 6)
    kept = hagwon.read(lambda tx: tx.scans.pages(TENANT, [SCAN]))[SCAN]
    assert [page.reading.number for page in kept] == [1, 2, 3, 4, 5, 6]
    overlay = hagwon.folder / "overlay.jpg"
    await hagwon.backends.ai_objects.download(kept[0].overlay_key, overlay)
    with Image.open(overlay) as picture:
        assert picture.height <= 1600
        assert picture.height > picture.width, "upright though the scan was turned"
    left = [str(path) for path in hagwon.scratch.rglob("*") if path.is_file()]
    assert not left


@pytest.mark.requirement("OMR-2")
async def test_bad_pages_leave_the_others_as_they_are(hagwon: Hagwon) -> None:
    pages = await printed(hagwon, 4)
    scans = [
        filled(page, seed, student.identifier)[0]
        for seed, (page, student) in enumerate(zip(pages, hagwon.students, strict=True))
    ]
    white = Image.new("RGB", scans[0].size, "white")
    parts = [jpeg_bytes(each) for each in (scans[0], white, scans[1], scans[2], white, scans[3])]
    parts.insert(3, parts[0][: len(parts[0]) // 3])
    file = hagwon.folder / "scan.pdf"
    save_pdf(parts, file)
    job = await hagwon.done(hagwon.order_reading(await hagwon.upload(file)))

    assert job.result is not None, job.failure
    assert (job.result["pages"], job.result["unreadable"], job.result["graded"]) == (7, 3, 4)
    kept = hagwon.read(lambda tx: tx.scans.pages(TENANT, [SCAN]))[SCAN]
    problems = {page.reading.number for page in kept if page.reading.problem}
    assert problems == {2, 4, 6}
    assert len(hagwon.read(lambda tx: tx.teaching.scores(TENANT, EXAM))) == 4


@pytest.mark.requirement("OMR-2")
async def test_an_encrypted_pdf_fails_at_once_and_says_why(hagwon: Hagwon) -> None:
    file = hagwon.folder / "locked.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(file, encryption=pikepdf.Encryption(owner="owner", user="user"))
    job = await hagwon.done(hagwon.order_reading(await hagwon.upload(file)))
    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.failure is not None
    assert job.failure.code == "scan_encrypted"
    scan = hagwon.scan()
    assert scan.state is ScanState.FAILED
    assert scan.failure is not None
    assert scan.failure.code == "scan_encrypted"


@pytest.mark.requirement("OMR-4")
async def test_reading_again_replaces_what_was_read(hagwon: Hagwon) -> None:
    pages = await printed(hagwon, 2)
    scans = [filled(page, n, hagwon.students[n].identifier)[0] for n, page in enumerate(pages)]
    file = hagwon.folder / "scan.pdf"
    save_pdf([jpeg_bytes(each) for each in scans], file)
    first = hagwon.order_reading(await hagwon.upload(file))
    await hagwon.done(first)
    before = hagwon.scan().revision
    second = "another-reading"
    hagwon.run(lambda tx: tx.scans.save(replace(hagwon.scan(), job_id=second, state=ScanState.READING)))
    job = await hagwon.done(hagwon.order("omr_grading", {"scan_id": SCAN}, job_id=second))
    assert job.state is JobState.SUCCEEDED, job.failure
    assert hagwon.scan().revision != before
    assert len(hagwon.read(lambda tx: tx.scans.pages(TENANT, [SCAN]))[SCAN]) == 2
    assert len(hagwon.read(lambda tx: tx.teaching.scores(TENANT, EXAM))) == 2


@pytest.mark.requirement("OMR-1")
async def test_sheets_without_names_and_orders_that_cannot_be(hagwon: Hagwon) -> None:
    hagwon.enrol(1)
    unnamed = hagwon.order(SHEETS, {"exam_id": EXAM, "copies": 3})
    stranger = hagwon.order(SHEETS, {"exam_id": EXAM, "student_ids": ["student-1", "nobody"]})
    gone = hagwon.order(SHEETS, {"exam_id": "no-exam"})
    async with hagwon.working():
        made = await hagwon.ended(unnamed)
        refused = [await hagwon.ended(each) for each in (stranger, gone)]
    assert made.result is not None, made.failure
    assert made.result["pages"] == 3
    assert [job.failure.code for job in refused if job.failure] == [
        "student_not_on_roster",
        "exam_without_sheet",
    ]


@pytest.mark.requirement("OMR-3")
async def test_an_empty_sheet_is_looked_at_by_the_reader_before_any_scan(hagwon: Hagwon) -> None:
    good, cut = hagwon.folder / "good.jpg", hagwon.folder / "cut.jpg"
    good.write_bytes(jpeg_bytes(Image.new("L", (1240, 1754), 250), 80))
    cut.write_bytes(good.read_bytes()[:-200])
    found = {}
    for file in (good, cut):
        document_id = await hagwon.upload(file, DocumentPurpose.BLANK_SHEET)
        job = await hagwon.done(hagwon.order(BLANK_CHECK, {"document_id": document_id}))
        document = hagwon.read(lambda tx, each=document_id: tx.documents.get(TENANT, each))
        assert document is not None
        found[file.name] = (job.state, document.state, document.failure.code if document.failure else "")
    assert found == {
        "good.jpg": (JobState.SUCCEEDED, DocumentState.READY, ""),
        "cut.jpg": (JobState.FAILED, DocumentState.FAILED, "blank_broken"),
    }
