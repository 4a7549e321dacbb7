"""Write our spreadsheets and read those of strangers, in a process of its own."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from academy.application.ai.sheet_dump import write_dump
from academy.application.ports.spreadsheets import ColumnKind, SheetColumn, SheetTable, Value
from academy.contracts.base import validate
from academy.contracts.children.sheets import BookRead, ReadBook, TableLines, TableWritten, WriteTable
from academy.infrastructure.spreadsheets.reader import Reader
from academy.infrastructure.spreadsheets.writer import Writer

__all__ = ["read_book", "write_table"]

Report = Callable[[str, float], None]


def write_table(payload: Mapping[str, Any], report: Report) -> TableWritten:
    """Write a spreadsheet; see WriteTable."""
    request = validate(WriteTable, dict(payload))
    report("make", 0.5)
    count = 0

    def rows(sheet: TableLines) -> Iterator[Sequence[Value]]:
        nonlocal count
        with Path(sheet.rows).open(encoding="utf-8") as file:
            for line in file:
                count += 1
                yield json.loads(line)

    Writer().write_book([(_table(each), rows(each)) for each in request.sheets], Path(request.target))
    report("make", 1.0)
    return TableWritten(rows=count)


def _table(sheet: TableLines) -> SheetTable:
    columns = [SheetColumn(each.label, ColumnKind(each.kind), each.width) for each in sheet.columns]
    return SheetTable(sheet.name, sheet.title, columns, sheet.frozen, datetime.fromisoformat(sheet.created))


def read_book(payload: Mapping[str, Any], report: Report) -> BookRead:
    """Write what a spreadsheet holds; see ReadBook. Raises SheetUnreadable."""
    request = validate(ReadBook, dict(payload))
    content = Path(request.source).read_bytes()
    report("read", 0.1)
    with Reader().open(content) as book:
        sheets = write_dump(book, Path(request.folder))
        macros = book.macros
    report("read", 0.9)
    return BookRead(sheets=sheets, macros=macros, digest=hashlib.sha256(content).hexdigest())
