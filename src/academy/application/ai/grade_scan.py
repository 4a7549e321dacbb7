"""Read a scan of filled sheets and say how its exam stands by it (OMR-2, OMR-4, OMR-5)."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from academy.application.ai.exam_readings import read_exam
from academy.application.ai.files import DocumentFiles
from academy.application.ai.grading import GradedExam, grade
from academy.application.ai.overlays import overlay_folder, reading_name
from academy.application.ai.reading_json import reading_of
from academy.application.ai.refusals import SCAN_REMOVED, SCAN_SUPERSEDED
from academy.application.ai.sheet_json import to_contract
from academy.application.ai.sheets import EXAM_WITHOUT_SHEET
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.database import Database, Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.application.ports.object_store import ObjectStore, ObjectStoreUnavailable
from academy.contracts.ai import GradedScan, GradeScan
from academy.contracts.base import InvalidMessage
from academy.contracts.children.omr import PageLine, ReadScan, ScanRead, page_line
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.scan import Scan

__all__ = ["GradingHandler", "revision_of"]

log = logging.getLogger(__name__)

_READING_UNREADABLE = Failure(
    "result_unreadable",
    "What the process that read the scan wrote cannot be understood.",
    "스캔 판독 결과를 해석할 수 없습니다.",
    retryable=True,
)

ENTRY = "academy.bootstrap.children.omr:read_scan"
PAGES = "pages.jsonl"
_JPEG = "image/jpeg"
_BATCH = 50
_UPLOADS = 8


@dataclass(frozen=True, slots=True)
class _Order:
    scan: Scan
    sheet: ExamSheet


def revision_of(job: Job) -> str:
    """Return the name of what one attempt reads; no other attempt at it, or job, has the same."""
    return f"{reading_name(job.id)}-{job.token}"


class GradingHandler:
    """The handler of `omr_grading`; GradingEffects make its reading the one that counts."""

    def __init__(
        self, database: Database, store: ObjectStore, files: DocumentFiles, children: Children
    ) -> None:
        """Take rows, the store of overlays, files and processes."""
        self._database = database
        self._store = store
        self._files = files
        self._children = children

    async def run(self, work: Work) -> GradedScan:
        """Read in a process of its own, keep pages and overlays, and count. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, GradeScan)
        order = await self._database.read(lambda tx: _order(tx, work.job, wish.scan_id))
        await self._clear(work, order.scan)
        async with self._files.folder(work) as folder:
            await self._read(work, order, folder)
            try:
                pages = await self._keep(work, order.scan, folder)
            except BaseException:
                # Nobody will ever show them: not when the reading was broken off, and not when the scan was removed meanwhile.
                await asyncio.shield(self._take_back(order.scan, revision_of(work.job)))
                raise
        return await self._database.read(lambda tx: _count(tx, order.scan, revision_of(work.job), pages))

    async def _clear(self, work: Work, scan: Scan) -> None:
        """Drop what earlier attempts and revisions left; the revision that counts stays.

        What is listed before the lease is looked at was put by an attempt before this one, never by one after it.
        """
        folder = overlay_folder(scan.tenant_id, scan.id)
        counting = f"{folder}{scan.revision}/"
        left = [head.key async for head in self._store.list(folder)]
        await self._database.run(lambda tx: _drop(tx, work.job, scan))
        await self._store.delete([key for key in left if not (scan.revision and key.startswith(counting))])

    async def _take_back(self, scan: Scan, revision: str) -> None:
        """Delete the overlays of an attempt that failed; what it cannot delete is swept later."""
        folder = f"{overlay_folder(scan.tenant_id, scan.id)}{revision}/"
        try:
            await self._store.delete([head.key async for head in self._store.list(folder)])
        except ObjectStoreUnavailable as error:
            log.warning("overlays_left", extra={"scan_id": scan.id, "error": str(error)})

    async def _read(self, work: Work, order: _Order, folder: Path) -> None:
        work.report("fetch", 0.0)
        scan = await self._files.fetch(work, order.scan.document_id, folder)
        blank = order.sheet.blank_document_id
        empty = str(await self._files.fetch(work, blank, folder)) if blank else ""
        work.report("fetch", 1.0)
        request = ReadScan(
            spec=to_contract(order.sheet.spec),
            scan=str(scan),
            blank=empty,
            folder=str(folder),
            threshold=order.sheet.threshold,
        )
        await self._children.call(work, ENTRY, request, ScanRead)

    async def _keep(self, work: Work, scan: Scan, folder: Path) -> list[ScanPage]:
        """Put overlays and rows, batch by batch; return the pages."""
        revision = revision_of(work.job)
        kept: list[ScanPage] = []
        lines = _lines(folder / PAGES)
        while batch := await asyncio.to_thread(lambda: list(islice(lines, _BATCH))):
            uploads = asyncio.Semaphore(_UPLOADS)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._page(scan, revision, folder, line, uploads)) for line in batch
                ]
            pages = [task.result() for task in tasks]
            await self._database.run(lambda tx, p=pages: tx.scans.put_pages(scan.tenant_id, revision, p))  # type: ignore[misc]
            kept += pages
            # How many there are is known only at the end; each batch is a sign of life.
            work.report("store", 1.0 - 1.0 / (1.0 + len(kept)))
        return kept

    async def _page(
        self, scan: Scan, revision: str, folder: Path, line: PageLine, uploads: asyncio.Semaphore
    ) -> ScanPage:
        key = ""
        if line.overlay:
            key = f"{overlay_folder(scan.tenant_id, scan.id)}{revision}/{line.number:05d}.jpg"
            async with uploads:
                await self._store.put(key, folder / f"{line.number}.jpg", content_type=_JPEG)
        return ScanPage(scan.id, reading_of(line), key)


def _order(tx: Transaction, job: Job, scan_id: str) -> _Order:
    scan = tx.scans.get(job.tenant_id, scan_id)
    if scan is None:
        raise WorkFailed(SCAN_REMOVED)
    if scan.job_id != job.id:
        raise WorkFailed(SCAN_SUPERSEDED)
    sheet = tx.exam_sheets.get(job.tenant_id, scan.exam_id)
    if sheet is None:
        raise WorkFailed(EXAM_WITHOUT_SHEET)
    return _Order(scan, sheet)


def _drop(tx: Transaction, job: Job, scan: Scan) -> None:
    """Drop pages that do not count, if this attempt still has the lease and no later reading was ordered."""
    current, order = tx.jobs.get(job.id, lock=True), tx.scans.get(scan.tenant_id, scan.id)
    if current is None or current.token != job.token or order is None or order.job_id != job.id:
        raise WorkFailed(SCAN_SUPERSEDED)
    tx.scans.drop_pages(scan.tenant_id, scan.id, but=scan.revision)


def _lines(path: Path) -> Iterator[PageLine]:
    """Yield what the process wrote, a page at a time. Raises WorkFailed for what no reader of ours writes."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                found = page_line(line)
                reading_of(found)
                yield found
    except (InvalidMessage, ValueError) as error:
        raise WorkFailed(replace(_READING_UNREADABLE, detail=str(error)[:500])) from None


def _count(tx: Transaction, scan: Scan, revision: str, pages: Sequence[ScanPage]) -> GradedScan:
    """Return how the scan will stand once its new reading counts."""
    found = read_exam(tx, scan.tenant_id, scan.exam_id)
    if found is None:
        raise WorkFailed(EXAM_WITHOUT_SHEET)
    mine = [(scan, page) for page in pages]
    others = [pair for pair in found.pages if pair[0].id != scan.id]
    graded: GradedExam = grade(replace(found, pages=(*others, *mine)))
    own = [page for page in graded.pages if page.scan.id == scan.id]
    wait = [page for page in own if page.match.reason is not None and not page.set_aside]
    unreadable = [page for page in own if page.page.reading.problem is not None]
    return GradedScan(
        revision=revision,
        pages=len(own),
        unreadable=len(unreadable),
        doubtful=sum(len(page.doubtful) for page in own if not page.set_aside),
        unmatched=sum(1 for page in wait if page.page.reading.problem is None),
        graded=sum(1 for page in own if page.score is not None and page.score.total is not None),
    )
