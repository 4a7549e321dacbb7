"""Spreadsheets of strangers, read by calamine once they are known to be harmless."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

import python_calamine as calamine

from academy.application.ports.spreadsheets import (
    OpenSpreadsheet,
    SheetInfo,
    SheetLimits,
    SheetMarks,
    SheetUnreadable,
)
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import Cell, CellProblem
from academy.infrastructure.spreadsheets.ods_scan import scan_ods
from academy.infrastructure.spreadsheets.packed import unpacked
from academy.infrastructure.spreadsheets.text_files import TextFile
from academy.infrastructure.spreadsheets.xls_scan import scan_xls
from academy.infrastructure.spreadsheets.xlsx_scan import scan_xlsx, sheet_members

__all__ = ["Reader"]

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml", b"%pdf", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class _Marked:
    """What a look through a sheet found; `problems` by (row, column)."""

    hidden_rows: frozenset[int]
    problems: Mapping[tuple[int, int], CellProblem]
    formulas: bool


_Look = Callable[[str], _Marked]


class Reader:
    """SpreadsheetReader."""

    def __init__(self, limits: SheetLimits | None = None) -> None:
        """Take what may be read."""
        self._limits = limits or SheetLimits()

    @contextmanager
    def open(self, content: bytes) -> Iterator[OpenSpreadsheet]:
        """Open a file. Raises SheetUnreadable."""
        limits = self._limits
        if len(content) > limits.file_bytes:
            raise SheetUnreadable(refusals.TOO_LARGE)
        if not content.strip():
            raise SheetUnreadable(refusals.EMPTY)
        if content.startswith(_ZIP):
            look, macros = _packed(content, limits)
        elif content.startswith(_COMPOUND):
            look, macros = _compound(content, limits)
        elif content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB):
            raise SheetUnreadable(refusals.FORMAT)
        else:
            yield TextFile(content, limits)
            return
        with _decoding():
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        try:
            yield _Workbook(book, look, macros, limits)
        finally:
            book.close()


class _Workbook:
    """OpenSpreadsheet of calamine's."""

    def __init__(
        self, book: calamine.CalamineWorkbook, look: _Look, macros: bool, limits: SheetLimits
    ) -> None:
        self._book = book
        self._look = look
        self._limits = limits
        self._seen: dict[str, tuple[_Marked, calamine.CalamineSheet]] = {}
        self.macros = macros

    @cached_property
    def sheets(self) -> Sequence[SheetInfo]:
        return tuple(
            SheetInfo(each.name, hidden=each.visible is not calamine.SheetVisibleEnum.Visible)
            for each in self._book.sheets_metadata
            if each.typ is calamine.SheetTypeEnum.WorkSheet
        )

    def marks(self, name: str) -> SheetMarks:
        marked, sheet = self._sheet(name)
        return SheetMarks(marked.hidden_rows, tuple(sheet.merged_cell_ranges or ()), marked.formulas)

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        marked, sheet = self._sheet(name)
        return _rows(sheet, marked.problems)

    def _sheet(self, name: str) -> tuple[_Marked, calamine.CalamineSheet]:
        if name not in self._seen:
            if all(each.name != name for each in self.sheets):
                raise KeyError(name)
            marked = self._look(name)
            with _decoding():
                sheet = self._book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > self._limits.cells:
                raise SheetUnreadable(refusals.TOO_LARGE)
            self._seen[name] = marked, sheet
        return self._seen[name]


def _rows(
    sheet: calamine.CalamineSheet, problems: Mapping[tuple[int, int], CellProblem]
) -> Iterator[Sequence[Cell]]:
    # Rows come from the first one on, but only from the first column that holds something.
    before: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
    wrong: dict[int, list[tuple[int, CellProblem]]] = {}
    for (row, column), problem in problems.items():
        wrong.setdefault(row, []).append((column, problem))
    count = 0
    for cells in sheet.iter_rows():
        values: list[Cell] = [*before, *cells] if before else cells
        yield _marked(values, wrong[count]) if count in wrong else values
        count += 1
    # A cell without a value ends no sheet for calamine, so those may stand further down.
    for index in range(count, max(wrong, default=-1) + 1):
        yield _marked([], wrong.get(index, []))


def _marked(values: list[Cell], problems: Sequence[tuple[int, CellProblem]]) -> list[Cell]:
    for column, problem in problems:
        values += [""] * (column + 1 - len(values))
        if values[column] in {"", 0.0}:
            values[column] = problem
    return values


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn what calamine raises into SheetUnreadable; a panic of Rust is no Exception."""
    try:
        yield
    except calamine.PasswordError as locked:
        raise SheetUnreadable(refusals.ENCRYPTED) from locked
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as broken:
        raise SheetUnreadable(refusals.MALFORMED) from broken
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        raise SheetUnreadable(refusals.MALFORMED) from panic


def _packed(content: bytes, limits: SheetLimits) -> tuple[_Look, bool]:
    if _ODS_TYPE in content[:200]:
        members = unpacked(content, limits, (".xml",))
        found = scan_ods(members, limits)
        marked = {
            name: _Marked(frozenset(each.hidden_rows), each.problems, each.formulas)
            for name, each in found.items()
        }
        return marked.__getitem__, any(name.startswith(("Basic/", "Scripts/")) for name in members)
    members = unpacked(content, limits, (".xml", ".rels"))
    return partial(_look_xlsx, members, sheet_members(members), limits), "xl/vbaProject.bin" in members


def _look_xlsx(
    members: Mapping[str, bytes], paths: Mapping[str, str], limits: SheetLimits, name: str
) -> _Marked:
    if name not in paths:
        raise SheetUnreadable(refusals.MALFORMED)
    found = scan_xlsx(members, paths[name], limits)
    return _Marked(found.hidden_rows, found.problems, found.formulas)


def _compound(content: bytes, limits: SheetLimits) -> tuple[_Look, bool]:
    found = scan_xls(content, limits)

    def look(name: str) -> _Marked:
        each = found[name]
        return _Marked(frozenset(each.hidden_rows), each.problems, each.formulas)

    return look, "_VBA_PROJECT".encode("utf-16-le") in content
