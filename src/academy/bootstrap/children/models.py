"""Looking at handwriting and homework, and taking text out of documents, each in a process of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from academy.contracts.ai_pictures import Trouble
from academy.contracts.base import validate
from academy.contracts.children.models import (
    DocumentText,
    HandwritingRead,
    HomeworkRead,
    MeasuredPage,
    ReadHandwriting,
    ReadHomework,
    ReadText,
)
from academy.domain.failures import Failure
from academy.infrastructure.opencv.decode import FINE, decode
from academy.infrastructure.opencv.handwriting import LEAST_MARKS, measured
from academy.infrastructure.opencv.homework import read_homework
from academy.infrastructure.opencv.problems import PageUnread
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import Scan
from academy.infrastructure.pdf.scan import open_scan
from academy.infrastructure.pdf.text import text_of

__all__ = ["document_text", "handwriting", "homework"]

Report = Callable[[str, float], None]
TOO_LITTLE = Failure(
    "handwriting_too_little",
    f"There is too little writing on this page to measure: fewer than {LEAST_MARKS} marks.",
    "분석하기에는 글씨가 너무 적은 페이지입니다. 글씨가 더 많은 페이지를 올려 주세요.",
)


def handwriting(payload: dict[str, Any], report: Report) -> HandwritingRead:
    """Measure the first pages of a scan: `ReadHandwriting` → `HandwritingRead`. Raises ScanInvalid."""
    request = validate(ReadHandwriting, payload)
    pages = []
    with open_scan(Path(request.path), ScanLimits()) as scan:
        count = min(scan.count, request.pages)
        for number in range(1, count + 1):
            pages.append(_measured(scan, number))
            report("read", number / count)
    return HandwritingRead(pages=tuple(pages))


def homework(payload: dict[str, Any], report: Report) -> HomeworkRead:
    """Find the pages of homework: `ReadHomework` → `HomeworkRead`."""
    return read_homework(validate(ReadHomework, payload), lambda share: report("read", share))


def document_text(payload: dict[str, Any], _report: Report) -> DocumentText:
    """Take the text out of a PDF or a text file: `ReadText` → `DocumentText`. Raises ScanInvalid."""
    request = validate(ReadText, payload)
    text, cut = text_of(Path(request.path), request.most)
    return DocumentText(text=text, cut=cut)


def _measured(scan: Scan, number: int) -> MeasuredPage:
    picture = scan.picture(number)
    if picture.problem is not None:
        return MeasuredPage(page=number, trouble=_trouble(picture.problem))
    try:
        found = measured(decode(picture, FINE).grey)
    except PageUnread as unread:
        return MeasuredPage(page=number, trouble=_trouble(unread.failure))
    if found is None:
        return MeasuredPage(page=number, trouble=_trouble(TOO_LITTLE))
    measures, scores = found
    return MeasuredPage(page=number, measures=measures, scores=scores)


def _trouble(failure: Failure) -> Trouble:
    return Trouble(code=failure.code, message=failure.message, message_ko=failure.message_ko)
