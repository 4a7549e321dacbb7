"""Requests to the processes that look at handwriting and homework and that take the text out of a document; their answers."""

from pydantic import Field

from academy.contracts.ai_pictures import (
    HandwritingMeasures,
    HandwritingScores,
    HomeworkPage,
    HomeworkSource,
    Trouble,
)
from academy.contracts.base import Contract

__all__ = [
    "DocumentText",
    "HandwritingRead",
    "HomeworkFrame",
    "HomeworkRead",
    "MeasuredPage",
    "ReadHandwriting",
    "ReadHomework",
    "ReadText",
    "SourceFiles",
]


class ReadText(Contract):
    """Take the text out of a PDF or a text file; `most` characters."""

    path: str
    most: int = Field(ge=1)


class DocumentText(Contract):
    """The text, "" where there is none; `cut`: there was more."""

    text: str
    cut: bool


class ReadHandwriting(Contract):
    """Measure the first pages of a scan."""

    path: str
    pages: int = Field(ge=1)


class MeasuredPage(Contract):
    """One page, or what is wrong with it."""

    page: int
    scores: HandwritingScores | None = None
    measures: HandwritingMeasures | None = None
    trouble: Trouble | None = None


class HandwritingRead(Contract):
    """The pages in their order."""

    pages: tuple[MeasuredPage, ...] = Field(strict=False)


class HomeworkFrame(Contract):
    """A frame of a film."""

    path: str
    seconds: float


class SourceFiles(Contract):
    """A document: the frames of a film in their order, or a scan's file."""

    document_id: str
    scan: str = ""
    frames: tuple[HomeworkFrame, ...] = Field((), strict=False)


class ReadHomework(Contract):
    """Find the pages in documents."""

    sources: tuple[SourceFiles, ...] = Field(strict=False)


class HomeworkRead(Contract):
    """The pages of all documents together, and what came of each document."""

    pages: tuple[HomeworkPage, ...] = Field(strict=False)
    sources: tuple[HomeworkSource, ...] = Field(strict=False)
