"""Processes that read print: `read_print` for the job type `ocr`, `find_questions` for `question_segmentation`.

Both answer a failure of the whole file by raising it: `scan_…` (ScanInvalid), `ocr_…` (OcrFailed), and the problem of the first page when
no page could be opened.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from academy.application.ai.page_text import ReadPage, read_pages
from academy.application.ai.printed import printed_pages
from academy.application.ports.sheets import ScanInvalid
from academy.contracts.ai_documents import MOST_CROPS, CropBox
from academy.contracts.base import validate
from academy.contracts.children.documents import (
    CropAnswer,
    PassageAnswer,
    QuestionAnswer,
    QuestionsAnswer,
    ReadingAnswer,
    ReadingRequest,
)
from academy.domain.ocr import questions as segmentation
from academy.domain.ocr.page import Box
from academy.infrastructure.opencv.layout import OpenCvPageLayouts
from academy.infrastructure.tesseract.engine import TesseractEngine

__all__ = ["find_questions", "read_print"]

_Report = Callable[[str, float], None]


def read_print(payload: dict[str, Any], report: _Report) -> ReadingAnswer:
    """Read a file; write its text as text.json and each region as crop-N.png."""
    request = validate(ReadingRequest, payload)
    folder, layouts = Path(request.folder), OpenCvPageLayouts()
    pages = _pages(request, layouts, report)
    crops: list[CropAnswer] = []
    for page in pages:
        for region in page.text.regions:
            if page.picture is None or len(crops) == MOST_CROPS:
                break
            file = f"crop-{len(crops) + 1}.png"
            layouts.cut([(page.picture, region.box)], folder / file)
            crops.append(
                CropAnswer(file=file, kind=region.kind.value, box=_box(page.text.number, region.box))
            )
    texts = [page.text for page in pages]
    (folder / "text.json").write_text(printed_pages(texts, MOST_CROPS).model_dump_json(), encoding="utf-8")
    sure = [word.confidence for text in texts for word in text.words]
    regions = sum(len(text.regions) for text in texts)
    return ReadingAnswer(
        text="text.json",
        pages=len(pages),
        unreadable=sum(text.problem is not None for text in texts),
        words=len(sure),
        confidence=round(sum(sure) / len(sure), 4) if sure else 0.0,
        crops=crops,
        left_out=regions - len(crops),
    )


def find_questions(payload: dict[str, Any], report: _Report) -> QuestionsAnswer:
    """Find the questions of a file; write each as question-N.png and each shared text as passage-FIRST-LAST.png."""
    request = validate(ReadingRequest, payload)
    folder, layouts = Path(request.folder), OpenCvPageLayouts()
    pages = _pages(request, layouts, report)
    pictures = {page.text.number: page.picture for page in pages if page.picture is not None}
    found, shared = segmentation.find_questions([page.text for page in pages])

    def tight(places: Sequence[segmentation.Place]) -> tuple[segmentation.Place, ...]:
        boxes = [(place.page, layouts.tight(pictures[place.page], place.box)) for place in places]
        return tuple(segmentation.Place(page, box) for page, box in boxes if box is not None) or tuple(places)

    def cut(places: Sequence[segmentation.Place], file: str) -> str:
        layouts.cut([(pictures[place.page], place.box) for place in places], folder / file)
        return file

    found = tuple(replace(each, places=tight(each.places)) for each in found[:MOST_CROPS])
    shared = tuple(replace(each, places=tight(each.places)) for each in shared[:MOST_CROPS])
    return QuestionsAnswer(
        pages=len(pages),
        unreadable=sum(page.text.problem is not None for page in pages),
        questions=[
            QuestionAnswer(
                number=each.number,
                file=cut(each.places, f"question-{each.number}.png"),
                boxes=_boxes(each.places),
                passage="" if each.passage is None else "{}-{}".format(*each.passage),
            )
            for each in found
        ],
        passages=[
            PassageAnswer(
                passage=f"{each.first}-{each.last}",
                file=cut(each.places, f"passage-{each.first}-{each.last}.png"),
                boxes=_boxes(each.places),
            )
            for each in shared
        ],
    )


def _pages(request: ReadingRequest, layouts: OpenCvPageLayouts, report: _Report) -> list[ReadPage]:
    engine = TesseractEngine(request.program or None)
    source, folder = Path(request.source), Path(request.folder)
    pages = list(read_pages(layouts, engine, source, folder, lambda done: report("read", done)))
    problems = [page.text.problem for page in pages if page.text.problem is not None]
    if problems and len(problems) == len(pages):
        raise ScanInvalid(problems[0])
    return pages


def _box(page: int, box: Box) -> CropBox:
    return CropBox(page=page, left=box.left, top=box.top, right=box.right, bottom=box.bottom)


def _boxes(places: Sequence[segmentation.Place]) -> list[CropBox]:
    return [_box(place.page, place.box) for place in places]
