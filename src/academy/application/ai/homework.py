"""`homework_video_analysis`: which pages films, photos and scans of homework show, and how much is written on each."""

import asyncio
from pathlib import Path

from academy.application.ai.files import DocumentFiles
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.isolated import IsolatedHandler
from academy.application.ports.frames import FrameSource
from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildLimits, ChildProcesses
from academy.contracts.ai_pictures import AnalyseHomework, HomeworkAnalysed, HomeworkSource, Trouble
from academy.contracts.children.models import HomeworkFrame, HomeworkRead, ReadHomework, SourceFiles

__all__ = ["HomeworkHandler"]

MOST_FRAMES = 900
"""Of one film; frames of a longer one lie farther apart."""
_READER = "academy.bootstrap.children.models:homework"
_LIMITS = ChildLimits(wall_seconds=1740, stall_seconds=120, memory_bytes=2 << 30, resident_bytes=1 << 30)
_HEAD = 1024
_SCANS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")


class HomeworkHandler:
    """Handles `homework_video_analysis`; steps: fetch, frames, read."""

    def __init__(self, files: DocumentFiles, processes: ChildProcesses, films: FrameSource) -> None:
        """Take files, what runs children and what takes frames out of films."""
        self._files = files
        self._processes = processes
        self._films = films

    async def run(self, work: Work) -> HomeworkAnalysed:
        """See JobHandler. What is wrong with one document is said there, and the others are done."""
        order = work.payload
        assert isinstance(order, AnalyseHomework)
        ids = tuple(dict.fromkeys(order.document_ids))
        async with self._files.folder(work) as folder:
            paths = []
            for number, document_id in enumerate(ids, 1):
                paths.append(await self._files.fetch(work, document_id, folder))
                work.report("fetch", number / len(ids))
            sources: list[SourceFiles | HomeworkSource] = []
            for number, (document_id, path) in enumerate(zip(ids, paths, strict=True)):
                sources.append(await self._source(work, document_id, path, order, (number, len(ids))))
            found = await self._read(work, [each for each in sources if isinstance(each, SourceFiles)])
        by_id = {each.document_id: each for each in found.sources}
        told = tuple(
            each if isinstance(each, HomeworkSource) else by_id[each.document_id] for each in sources
        )
        mean = sum(page.written_ratio for page in found.pages) / max(1, len(found.pages))
        return HomeworkAnalysed(pages=found.pages, sources=told, written_ratio=round(mean, 4))

    async def _source(
        self, work: Work, document_id: str, path: Path, order: AnalyseHomework, place: tuple[int, int]
    ) -> SourceFiles | HomeworkSource:
        """Return the files of a document, or what is wrong with it. Raises WorkFailed for what another attempt may mend."""
        if await asyncio.to_thread(_is_scan, path):
            return SourceFiles(document_id=document_id, scan=str(path))
        frames = path.with_name(f"{path.name}-frames")
        await asyncio.to_thread(frames.mkdir)
        number, count = place

        def report(part: float) -> None:
            work.report("frames", (number + part) / count)

        try:
            made = await self._films.frames(
                path, frames, every_seconds=order.interval_seconds, most=MOST_FRAMES, report=report
            )
        except MediaError as error:
            failure = error.failure
            if failure.retryable:
                raise WorkFailed(failure) from error
            trouble = Trouble(code=failure.code, message=failure.message, message_ko=failure.message_ko)
            return HomeworkSource(
                document_id=document_id, kind="film", looked_at=0, with_page=0, trouble=trouble
            )
        found = tuple(HomeworkFrame(path=str(frame.path), seconds=frame.seconds) for frame in made)
        return SourceFiles(document_id=document_id, frames=found)

    async def _read(self, work: Work, sources: list[SourceFiles]) -> HomeworkRead:
        reader = IsolatedHandler(self._processes, _READER, limits=_LIMITS, result=HomeworkRead)
        found = await reader.run(Work(work.job, ReadHomework(sources=tuple(sources)), work.report))
        assert isinstance(found, HomeworkRead)
        return found


def _is_scan(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head.startswith(_SCANS) or b"%PDF-" in head
