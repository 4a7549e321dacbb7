"""Payloads and results of what the AI worker does with papers: reading print and finding questions (DOC-1, DOC-2)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from academy.contracts.ai import MadeDocument
from academy.contracts.base import Contract

__all__ = [
    "MOST_CROPS",
    "CropBox",
    "FindQuestions",
    "FoundPassage",
    "FoundQuestion",
    "KeptCrop",
    "PrintRead",
    "PrintedColumn",
    "PrintedLine",
    "PrintedPage",
    "PrintedPages",
    "PrintedRegion",
    "PrintedWord",
    "QuestionsFound",
    "ReadPrint",
]

MOST_CROPS = 400
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Pixels = Annotated[int, Field(ge=0)]


class CropBox(Contract):
    """A rectangle in pixels of the upright, straightened page."""

    page: int = Field(ge=1)
    left: _Pixels
    top: _Pixels
    right: _Pixels
    bottom: _Pixels


class ReadPrint(Contract):
    """`ocr`: read the print of a PDF, scan or photo that was uploaded as a paper or scan."""

    document_id: _Id


class KeptCrop(Contract):
    """A formula or picture, kept as a PNG because it is no text."""

    number: int = Field(ge=1, description="As the JSON's region names it.")
    kind: str = Field(description='"formula" or "picture".')
    box: CropBox
    document: MadeDocument


class PrintRead(Contract):
    """Result of `ocr`; the text stands in the document, a JSON as PrintedPages describes it."""

    pages: int = Field(ge=0)
    unreadable: int = Field(ge=0, description="Pages that could not be opened; the JSON says why.")
    words: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1, description="Mean of the words; 0 without words.")
    document: MadeDocument
    crops: tuple[KeptCrop, ...]
    crops_left_out: int = Field(ge=0, description=f"Regions beyond the first {MOST_CROPS}.")


class FindQuestions(Contract):
    """`question_segmentation`: find the questions of a paper and cut them out."""

    document_id: _Id
    exam_id: str = Field(
        "", max_length=100, description="Exam of the academy whose questions these are; empty: none."
    )


class FoundQuestion(Contract):
    """A question; `document` is its picture, parts from several columns or pages one under the other."""

    number: int = Field(ge=1)
    boxes: tuple[CropBox, ...]
    passage: str = Field(description='The shared text it belongs to, such as "1-3"; empty without one.')
    document: MadeDocument


class FoundPassage(Contract):
    """A text that several questions share."""

    passage: str = Field(description='First and last of its questions, such as "1-3".')
    boxes: tuple[CropBox, ...]
    document: MadeDocument


class QuestionsFound(Contract):
    """Result of `question_segmentation`."""

    pages: int = Field(ge=0)
    unreadable: int = Field(ge=0, description="Pages that could not be opened.")
    questions: tuple[FoundQuestion, ...]
    passages: tuple[FoundPassage, ...]
    missing: tuple[int, ...] = Field(
        description="Numbers that were not found: of the exam's questions where the paper is an exam's, else up to the last, from 1 where the first found is 5 or less, from the first otherwise."
    )


class PrintedWord(Contract):
    """A word; its box is left, top, right, bottom in pixels."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float


class PrintedLine(Contract):
    """Words from left to right."""

    box: tuple[int, int, int, int]
    words: tuple[PrintedWord, ...]


class PrintedColumn(Contract):
    """Lines from top to bottom."""

    box: tuple[int, int, int, int]
    lines: tuple[PrintedLine, ...]


class PrintedRegion(Contract):
    """What is no text. `crop`: number of its picture among the result's crops, 0 where that was left out."""

    kind: str
    box: tuple[int, int, int, int]
    crop: int


class PrintedPage(Contract):
    """A page; `turns` and `skew` say how the scan was turned: quarter turns clockwise, then degrees clockwise."""

    number: int
    width: int
    height: int
    turns: int
    skew: float
    columns: tuple[PrintedColumn, ...]
    regions: tuple[PrintedRegion, ...]
    problem: str = Field(description="Code of why nothing was read, else empty.")


class PrintedPages(Contract):
    """The JSON that `ocr` makes."""

    v: int = 1
    pages: tuple[PrintedPage, ...]
