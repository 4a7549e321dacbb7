"""What a spreadsheet of a stranger holds, as plain lines of JSON: written by the process that dared to read it, read by the worker.

In a folder `book.json`, `{"macros", "sheets": [{"name", "hidden"}, …]}`, and for the sheet with index N a file `sheet-N.jsonl`. Its first
line holds marks or `{"failure": …}`, each further line is a row. A cell is a JSON value, or `[kind, text]` for what JSON has not.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path

from academy.application.ports.spreadsheets import OpenSpreadsheet, SheetInfo, SheetMarks, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import Cell, CellProblem
from academy.domain.failures import Failure

__all__ = ["LARGEST_DUMP", "DumpReader", "write_dump"]

LARGEST_DUMP = 48 << 20
"""Characters of all sheets together: what the worker can hold of one file, whatever the file says."""
_MOST_SHEETS = 200


def write_dump(book: OpenSpreadsheet, folder: Path) -> int:
    """Write what a book holds; return how many sheets. A sheet that cannot be read, or is too much, says so."""
    sheets = list(book.sheets)[:_MOST_SHEETS]
    infos = [asdict(each) for each in sheets]
    (folder / "book.json").write_text(json.dumps({"macros": book.macros, "sheets": infos}), encoding="utf-8")
    left = LARGEST_DUMP
    for index, each in enumerate(sheets):
        left -= _write_sheet(book, each.name, _path(folder, index), left)
    return len(sheets)


def _write_sheet(book: OpenSpreadsheet, name: str, target: Path, left: int) -> int:
    """Write a sheet, or why it cannot be read; return the characters, of which there may be `left`."""
    try:
        return _write_rows(_lines(book, name), target, left)
    except SheetUnreadable as wrong:
        return target.write_text(json.dumps({"failure": asdict(wrong.failure)}) + "\n", encoding="utf-8")


def _lines(book: OpenSpreadsheet, name: str) -> Iterator[str]:
    marks = book.marks(name)
    yield json.dumps(
        {"hidden_rows": sorted(marks.hidden_rows), "merged": marks.merged, "formulas": marks.formulas}
    )
    for row in book.rows(name):
        yield json.dumps([_told(cell) for cell in row], ensure_ascii=False)


def _write_rows(lines: Iterator[str], target: Path, left: int) -> int:
    size = 0
    with target.open("w", encoding="utf-8") as file:
        for line in lines:
            size += file.write(line + "\n")
            if size > left:
                raise SheetUnreadable(refusals.TOO_LARGE)
    return size


def _told(cell: Cell) -> object:
    if isinstance(cell, CellProblem):
        return ["problem", cell.value]
    if isinstance(cell, float) and not math.isfinite(cell):
        return ["float", repr(cell)]
    if isinstance(cell, datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, date | time):
        return [type(cell).__name__, cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["seconds", repr(cell.total_seconds())]
    return cell


_READ: dict[str, Callable[[str], Cell]] = {
    "problem": CellProblem,
    "float": float,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda text: timedelta(seconds=float(text)),
}


class DumpReader:
    """SpreadsheetReader over a folder that `write_dump` filled: the content itself is not looked at again."""

    def __init__(self, folder: Path) -> None:
        """Read what lies in `folder`."""
        self._folder = folder

    @contextmanager
    def open(self, content: bytes) -> Iterator[OpenSpreadsheet]:  # noqa: ARG002 - it was read elsewhere
        """Open the dump. Raises ValueError for what `write_dump` never writes."""
        yield _Dump(self._folder)


class _Dump:
    """OpenSpreadsheet of a dump."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        head = json.loads((folder / "book.json").read_text(encoding="utf-8"))
        self.macros = bool(head["macros"])
        self.sheets: Sequence[SheetInfo] = tuple(
            SheetInfo(str(each["name"]), hidden=bool(each["hidden"])) for each in head["sheets"]
        )

    def marks(self, name: str) -> SheetMarks:
        """Return what is said of a sheet. Raises SheetUnreadable, KeyError."""
        with self._file(name).open(encoding="utf-8") as file:
            head = json.loads(file.readline())
        if "failure" in head:
            raise SheetUnreadable(Failure(**head["failure"]))
        merged = tuple(((a[0], a[1]), (b[0], b[1])) for a, b in head["merged"])
        return SheetMarks(frozenset(head["hidden_rows"]), merged, bool(head["formulas"]))

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        """Yield the rows of a sheet. Raises SheetUnreadable, KeyError."""
        self.marks(name)
        return self._rows(name)

    def _rows(self, name: str) -> Iterator[Sequence[Cell]]:
        with self._file(name).open(encoding="utf-8") as file:
            file.readline()
            for line in file:
                yield [
                    _READ[cell[0]](cell[1]) if isinstance(cell, list) else cell for cell in json.loads(line)
                ]

    def _file(self, name: str) -> Path:
        for index, each in enumerate(self.sheets):
            if each.name == name:
                return _path(self._folder, index)
        raise KeyError(name)


def _path(folder: Path, index: int) -> Path:
    return folder / f"sheet-{index}.jsonl"
