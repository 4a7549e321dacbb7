"""Printing and reading answer sheets in a process of its own."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from academy.contracts.base import Contract, InvalidMessage, explain
from academy.contracts.omr import SheetSpecification

__all__ = [
    "PageLine",
    "PrintSheets",
    "ReadBlank",
    "ReadScan",
    "ReadingLine",
    "ScanRead",
    "SheetLine",
    "SheetsPrinted",
    "page_line",
]

_Word = Annotated[str, StringConstraints(max_length=200)]
_Place = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
_Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class CodeLine(Contract):
    """What a QR code says; as SheetCode of the domain."""

    spec_id: _Word
    spec_version: int
    exam_id: _Word = ""
    student_id: _Word = ""
    page: int = 1


class SheetLine(Contract):
    """One sheet to print; as PrintedSheet of the port."""

    code: CodeLine
    title: str
    subtitle: str = ""
    student: str = ""
    identifier: str = ""
    held_on: str = ""


class ReadBlank(Contract):
    """Look whether the scan of an empty sheet can be compared with; the answer is BlankChecked."""

    source: str


class PrintSheets(Contract):
    """Print sheets into the PDF `target`."""

    spec: SheetSpecification
    sheets: tuple[SheetLine, ...] = Field(strict=False)
    target: str


class SheetsPrinted(Contract):
    """So many pages were printed."""

    pages: int = Field(ge=0)


class ReadScan(Contract):
    """Read the pages of `scan` into `folder`.

    That is, PageLine by PageLine into `pages.jsonl` and the overlay of each page into `{number}.jpg`, page by page.
    """

    spec: SheetSpecification
    scan: str
    blank: str = Field("", description='Scan of the empty sheet, "" for none.')
    folder: str
    threshold: float = Field(ge=0, le=1, description="Fields read with less confidence are boxed.")


class ScanRead(Contract):
    """So many pages were read."""

    pages: int = Field(ge=1)


class ReadingLine(Contract):
    """One field as it was read; as FieldReading of the domain."""

    field: _Word
    state: str
    marked: tuple[_Word, ...]
    confidence: _Part
    darkness: tuple[Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)], ...]


class ProblemLine(Contract):
    """Why a page could not be read; as Failure of the domain."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    message: str = Field(max_length=1000)
    message_ko: str = Field(max_length=1000)
    retryable: bool = False
    stage: str = Field("", max_length=100)
    detail: str = Field("", max_length=2000)


class PageLine(Contract):
    """One page as it was read; as PageReading of the domain, and whether there is an overlay of it."""

    number: int = Field(ge=1)
    problem: ProblemLine | None = None
    code: CodeLine | None = None
    rotation: int = Field(0, ge=0, le=3)
    corners: tuple[tuple[_Place, _Place], ...] = ()
    size: tuple[int, int] = (0, 0)
    fields: tuple[ReadingLine, ...] = ()
    warnings: tuple[_Word, ...] = ()
    overlay: bool = False


def page_line(text: str) -> PageLine:
    """Return the page that a line of JSON describes. Raises InvalidMessage."""
    try:
        return PageLine.model_validate_json(text)
    except ValidationError as error:
        raise InvalidMessage(explain(error)) from None
