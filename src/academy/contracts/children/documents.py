"""What the worker asks of the processes that read print, and what they answer; paths are texts, files lie in the folder."""

from pydantic import Field

from academy.contracts.ai_documents import CropBox
from academy.contracts.base import Contract

__all__ = [
    "CropAnswer",
    "PassageAnswer",
    "QuestionAnswer",
    "QuestionsAnswer",
    "ReadingAnswer",
    "ReadingRequest",
]


class ReadingRequest(Contract):
    """Read `source`, write into `folder`. `program`: path or name of Tesseract, empty: the one on PATH."""

    source: str
    folder: str
    program: str = ""


class CropAnswer(Contract):
    """A region's picture: name of a file in the folder."""

    file: str
    kind: str
    box: CropBox


class ReadingAnswer(Contract):
    """`text`: name of the JSON (PrintedPages) in the folder."""

    text: str
    pages: int = Field(ge=0)
    unreadable: int = Field(ge=0)
    words: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    crops: list[CropAnswer]
    left_out: int = Field(ge=0)


class QuestionAnswer(Contract):
    """A question's picture: name of a file in the folder."""

    number: int
    file: str
    boxes: list[CropBox]
    passage: str


class PassageAnswer(Contract):
    """A shared text's picture: name of a file in the folder."""

    passage: str
    file: str
    boxes: list[CropBox]


class QuestionsAnswer(Contract):
    """What was found in a paper."""

    pages: int = Field(ge=0)
    unreadable: int = Field(ge=0)
    questions: list[QuestionAnswer]
    passages: list[PassageAnswer]
