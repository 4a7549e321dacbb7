"""Sheets of our own as CSV (RFC 4180), which spreadsheet programs open as they are."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from academy.application.ports.spreadsheets import SheetTable, Value
from academy.domain.korea import KST

__all__ = ["CsvWriter"]

# What a spreadsheet takes for the begin of a formula; see https://owasp.org/www-community/attacks/CSV_Injection
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class CsvWriter:
    """SpreadsheetWriter; without a byte order mark Excel would take UTF-8 for the code page of its machine."""

    def write(self, table: SheetTable, rows: Iterable[Sequence[Value]], target: Path) -> None:
        """Write the labels and the rows as they come; a title has no place in a CSV."""
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([_cell(column.label) for column in table.columns])
            writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Value) -> Value:
    if isinstance(value, datetime):
        return f"{value.astimezone(KST):%Y-%m-%d}"
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULAS):
        return f"'{value}"
    return value
