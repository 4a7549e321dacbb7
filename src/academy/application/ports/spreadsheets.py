"""Port: read spreadsheets of strangers, and write our own.

All of it is work of the processor: nothing here is asynchronous. No macro, link or formula of a file is ever run. Every reader bounds
the file, what it unpacks to, rows, columns and cells before they are decoded; a caller who takes files of strangers reads them in a
process of its own, whose memory is limited, as a second wall.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from academy.domain.academics.sheet_cells import Cell
from academy.domain.failures import Failure

__all__ = [
    "ColumnKind",
    "OpenSpreadsheet",
    "SheetColumn",
    "SheetInfo",
    "SheetLimits",
    "SheetMarks",
    "SheetTable",
    "SheetUnreadable",
    "SpreadsheetReader",
    "SpreadsheetWriter",
    "Value",
]


class SheetUnreadable(Exception):
    """A file or a sheet that cannot be read: no spreadsheet, encrypted, damaged, too large. `failure` says which."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """What may be read.

    Attributes:
        file_bytes, unpacked_bytes: of the file, and of all that is packed in it.
        entries, ratio: files packed in it; how many times larger one of more than a mebibyte may become.
        rows, columns, cells: of one sheet, from its first cell to its last; cells of empty rows count.
        text_bytes: of all texts of a sheet, one that stands in many cells counted for each.
    """

    file_bytes: int = 20 << 20
    unpacked_bytes: int = 128 << 20
    entries: int = 2000
    ratio: int = 200
    rows: int = 50_000
    columns: int = 256
    cells: int = 2_000_000
    text_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of a file; a CSV has one, whose name is ""."""

    name: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What a file says of a sheet beside its values; indexes count from 0.

    Attributes:
        hidden_rows: rows that are hidden or filtered out.
        merged: (row, column) of the first and of the last cell of merged ones, where the format tells.
        formulas: whether there are some; their values are as the file was saved.
    """

    hidden_rows: frozenset[int] = frozenset()
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    formulas: bool = False


class OpenSpreadsheet(Protocol):
    """A file that was opened."""

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        """Return the sheets in the order of the file, those that hold cells alone (no charts, no macros)."""
        ...

    @property
    def macros(self) -> bool:
        """Return whether the file holds macros; they are not run."""
        ...

    def marks(self, name: str) -> SheetMarks:
        """Return what is said of a sheet. Raises SheetUnreadable, KeyError for a name there is not."""
        ...

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        """Yield the rows of a sheet from its very first, hidden and empty ones too; column 0 is A; rows may differ in length.

        Raises SheetUnreadable, KeyError for a name there is not.
        """
        ...


class SpreadsheetReader(Protocol):
    """Reads .xlsx, .xlsm, .xls, .ods and CSV (UTF-8, UTF-16, CP949); the content decides, never a name."""

    def open(self, content: bytes) -> AbstractContextManager[OpenSpreadsheet]:
        """Open a file. Raises SheetUnreadable."""
        ...


Value: TypeAlias = str | int | float | datetime | None
"""One cell to write; None leaves it empty. Times are written as Korea's day."""


class ColumnKind(StrEnum):
    """How the values of a column are shown."""

    TEXT = "text"
    CENTRED = "centred"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column; `width` in characters of a digit, a Hangul syllable is two."""

    label: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = 12


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet to write.

    Attributes:
        name: of the sheet.
        title: a line above the header, "" for none.
        columns: with the labels of the header.
        frozen: how many columns stay when one scrolls to the right.
        created: when it says it was made; the same input gives the same bytes.
    """

    name: str
    title: str
    columns: Sequence[SheetColumn]
    frozen: int
    created: datetime


class SpreadsheetWriter(Protocol):
    """Writes one sheet to a file. Texts are texts: none of them can become a formula, a link or a number."""

    def write(self, table: SheetTable, rows: Iterable[Sequence[Value]], target: Path) -> None:
        """Write the rows as they come, in memory that does not grow with them."""
        ...
