"""Sheets of our own, written row by row by XlsxWriter; texts stay texts whatever they begin with."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from academy.application.ports.spreadsheets import ColumnKind, SheetColumn, SheetTable, Value
from academy.domain.korea import KST

__all__ = ["Writer", "sheet_name"]

_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NUMBERS = {ColumnKind.INTEGER: "#,##0", ColumnKind.DECIMAL: "0.0", ColumnKind.PERCENT: "0.0%"}
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FONT = "맑은 고딕"


class Writer:
    """SpreadsheetWriter."""

    def write(self, table: SheetTable, rows: Iterable[Sequence[Value]], target: Path) -> None:
        """Write the rows as they come; one row is held in memory, the rest in a file beside the target."""
        self.write_book([(table, rows)], target)

    def write_book(
        self, sheets: Sequence[tuple[SheetTable, Iterable[Sequence[Value]]]], target: Path
    ) -> None:
        """Write several sheets into one file, each as `write` does; the first says when it was made."""
        options = {
            "constant_memory": True,
            "tmpdir": str(target.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(str(target), options) as book:
            # The time of day of Korea without its zone: the file must not depend on when or where it was made.
            book.set_properties({"created": sheets[0][0].created.astimezone(KST).replace(tzinfo=None)})
            for table, rows in sheets:
                _write(book, table, rows)


def _write(book: xlsxwriter.Workbook, table: SheetTable, rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.add_worksheet(sheet_name(table.name))
    first = _begin(book, sheet, table)
    formats = [_Formats(book, column.kind) for column in table.columns]
    for number, row in enumerate(rows, first):
        for index, value in enumerate(row):
            formats[index].write(sheet, number, index, value)


class _Formats:
    """How the cells of one column look."""

    def __init__(self, book: xlsxwriter.Workbook, kind: ColumnKind) -> None:
        look = {
            "font_name": _FONT,
            "font_size": 10,
            "border": 1,
            "border_color": "#D0D5DD",
            "valign": "vcenter",
        }
        if kind is not ColumnKind.TEXT:
            look["align"] = "right" if kind in _NUMBERS else "center"
        self._text: Format = book.add_format({**look, "num_format": "@"})
        # A text that looks like a formula stays a text when somebody edits the cell, too.
        self._guarded: Format = book.add_format({**look, "num_format": "@", "quote_prefix": True})
        self._number: Format = book.add_format({**look, "num_format": _NUMBERS.get(kind, "General")})
        self._day: Format = book.add_format({**look, "num_format": "yyyy-mm-dd"})

    def write(self, sheet: Worksheet, row: int, column: int, value: Value) -> None:
        if value is None:
            sheet.write_blank(row, column, None, self._text)
        elif isinstance(value, str):
            text = value[:_LONGEST_TEXT]
            guarded = text.lstrip(" ").startswith(_FORMULAS)
            sheet.write_string(row, column, text, self._guarded if guarded else self._text)
        elif isinstance(value, datetime):
            day = value.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
            sheet.write_datetime(row, column, day, self._day)
        else:
            sheet.write_number(row, column, value, self._number)


def _begin(book: xlsxwriter.Workbook, sheet: Worksheet, table: SheetTable) -> int:
    """Write title and header; return the first row under them."""
    head = book.add_format(
        {
            "font_name": _FONT,
            "font_size": 10,
            "bold": True,
            "bg_color": "#1F3A5F",
            "font_color": "#FFFFFF",
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "border": 1,
            "border_color": "#D0D5DD",
        }
    )
    header = 1 if table.title else 0
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, _width(column))
    if table.title:
        sheet.set_row(0, 26)
        look = {"font_name": _FONT, "font_size": 14, "bold": True, "valign": "vcenter", "num_format": "@"}
        sheet.write_string(0, 0, table.title[:_LONGEST_TEXT], book.add_format(look))
    sheet.set_row(header, 34)
    for index, column in enumerate(table.columns):
        sheet.write_string(header, index, column.label[:_LONGEST_TEXT], head)
    sheet.freeze_panes(header + 1, table.frozen)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, header)
    return header + 1


def _width(column: SheetColumn) -> int:
    return min(max(column.width, 4), 60)


def sheet_name(text: str) -> str:
    """Return what may name a sheet: at most 31 characters, none of []:*?/ and the backslash, no quote at either end."""
    cleaned = "".join(letter if letter.isprintable() else " " for letter in text.translate(_NOT_IN_NAMES))
    name = cleaned[:_LONGEST_NAME].strip().strip("'").strip()
    return "Sheet1" if not name or name.casefold() == "history" else name
