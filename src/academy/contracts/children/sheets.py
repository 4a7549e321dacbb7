"""Writing and reading spreadsheets in a process of their own."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = ["BookRead", "ColumnLine", "ReadBook", "TableLines", "TableWritten", "WriteTable"]


class ColumnLine(Contract):
    """A column; as SheetColumn of the port."""

    label: str
    kind: Literal["text", "centred", "integer", "decimal", "percent"]
    width: int


class TableLines(Contract):
    """One sheet, whose rows are in the file `rows`, a JSON array a line."""

    name: str
    title: str
    columns: tuple[ColumnLine, ...] = Field(strict=False)
    frozen: int
    created: str = Field(description="ISO 8601, with its offset.")
    rows: str


class WriteTable(Contract):
    """Write sheets, one after the other, as a spreadsheet into `target`."""

    sheets: tuple[TableLines, ...] = Field(strict=False, min_length=1)
    target: str


class TableWritten(Contract):
    """So many rows were written."""

    rows: int = Field(ge=0)


class ReadBook(Contract):
    """Write what the spreadsheet `source` holds, as the module sheet_dump says, into `folder`."""

    source: str
    folder: str


class BookRead(Contract):
    """So many sheets were read."""

    sheets: Annotated[int, Field(ge=0)]
    macros: bool = False
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
