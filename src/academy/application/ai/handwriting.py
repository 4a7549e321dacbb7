"""`handwriting_analysis`: scores of the handwriting on a scan, with a sentence to each."""

from collections.abc import Sequence
from typing import Literal

from academy.application.ai.files import DocumentFiles
from academy.application.jobs.attempt import Work
from academy.application.jobs.isolated import IsolatedHandler
from academy.application.ports.processes import ChildLimits, ChildProcesses
from academy.contracts.ai_pictures import (
    AnalyseHandwriting,
    HandwritingAnalysed,
    HandwritingPage,
    HandwritingScores,
    Remark,
)
from academy.contracts.children.models import HandwritingRead, MeasuredPage, ReadHandwriting

__all__ = ["HandwritingHandler", "remarks_on"]

_READER = "academy.bootstrap.children.models:handwriting"
_LIMITS = ChildLimits(wall_seconds=540, stall_seconds=120, memory_bytes=2 << 30, resident_bytes=1 << 30)
_About = Literal["legibility", "pressure", "slant", "spacing"]
_ORDER: tuple[_About, ...] = ("legibility", "pressure", "slant", "spacing")
_LOW, _HIGH = 40, 70
_SENTENCES: dict[_About, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]] = {
    "legibility": (
        (
            "Hard to make out: larger, darker letters of one size on the line would help.",
            "알아보기 어렵습니다. 글자 크기를 맞추고 줄에 맞춰 또렷하게 쓰면 좋아집니다.",
        ),
        (
            "Readable, with letters that vary in size or leave the line.",
            "읽을 수 있으나 글자 크기나 줄 맞춤이 고르지 않은 곳이 있습니다.",
        ),
        ("Clear and even: easy to read.", "또렷하고 고른 글씨로 읽기 쉽습니다."),
    ),
    "pressure": (
        (
            "Light strokes: a softer pencil or a firmer hand makes them stay.",
            "필압이 약합니다. 더 진한 연필을 쓰거나 조금 더 힘주어 쓰면 좋습니다.",
        ),
        ("Strokes of a usual darkness.", "필압이 알맞습니다."),
        ("Dark, firm strokes.", "필압이 강하고 획이 진합니다."),
    ),
    "slant": (
        (
            "The strokes lean a lot: turning the paper or sitting straight helps.",
            "글씨가 많이 기울었습니다. 종이 방향과 자세를 바로잡아 보세요.",
        ),
        ("The strokes lean a little.", "글씨가 조금 기울었습니다."),
        ("The strokes stand upright.", "획이 곧게 서 있습니다."),
    ),
    "spacing": (
        (
            "Lines and gaps are uneven: ruled paper helps.",
            "줄 간격과 띄어쓰기가 고르지 않습니다. 줄이 있는 공책을 써 보세요.",
        ),
        ("Lines and gaps are fairly even.", "줄 간격과 띄어쓰기가 대체로 고릅니다."),
        ("Lines and gaps are even.", "줄 간격과 띄어쓰기가 고릅니다."),
    ),
}


class HandwritingHandler:
    """Handles `handwriting_analysis`; steps: fetch, read."""

    def __init__(self, files: DocumentFiles, processes: ChildProcesses) -> None:
        """Take files and what runs children."""
        self._files = files
        self._processes = processes

    async def run(self, work: Work) -> HandwritingAnalysed:
        """See JobHandler."""
        order = work.payload
        assert isinstance(order, AnalyseHandwriting)
        async with self._files.folder(work) as folder:
            path = await self._files.fetch(work, order.document_id, folder)
            work.report("fetch", 1.0)
            reader = IsolatedHandler(self._processes, _READER, limits=_LIMITS, result=HandwritingRead)
            request = ReadHandwriting(path=str(path), pages=order.pages)
            found = await reader.run(Work(work.job, request, work.report))
        assert isinstance(found, HandwritingRead)
        overall = _overall(found.pages)
        pages = tuple(_page(page) for page in found.pages)
        return HandwritingAnalysed(
            pages=pages, overall=overall, remarks=remarks_on(overall) if overall else ()
        )


def remarks_on(scores: HandwritingScores) -> tuple[Remark, ...]:
    """Return a sentence to each score."""
    values = scores.model_dump()
    found = []
    for about in _ORDER:
        value = values[about]
        english, korean = _SENTENCES[about][0 if value < _LOW else 1 if value < _HIGH else 2]
        found.append(Remark(about=about, text=english, text_ko=korean))
    return tuple(found)


def _page(page: MeasuredPage) -> HandwritingPage:
    return HandwritingPage(
        page=page.page,
        scores=page.scores,
        measures=page.measures,
        remarks=remarks_on(page.scores) if page.scores else (),
        trouble=page.trouble,
    )


def _overall(pages: Sequence[MeasuredPage]) -> HandwritingScores | None:
    """Return the mean by the number of marks, None where no page could be measured."""
    weighed = [
        (page.scores.model_dump(), page.measures.marks) for page in pages if page.scores and page.measures
    ]
    whole = sum(marks for _, marks in weighed)
    if not whole:
        return None
    means = {name: round(sum(scores[name] * marks for scores, marks in weighed) / whole) for name in _ORDER}
    return HandwritingScores(**means)
