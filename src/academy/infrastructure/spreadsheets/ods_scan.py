"""Look through an .ods before it is decoded: how far its sheets reach once what is repeated is written out, and what is hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from academy.application.ports.spreadsheets import SheetLimits, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import CellProblem

__all__ = ["OdsSheet", "scan_ods"]

_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14


@dataclass(slots=True)
class OdsSheet:
    """What was found of one sheet; rows and columns count from 0."""

    hidden: bool = False
    formulas: bool = False
    rows: int = 0
    columns: int = 0
    text_bytes: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    problems: dict[tuple[int, int], CellProblem] = field(default_factory=dict)


def scan_ods(members: Mapping[str, bytes], limits: SheetLimits) -> Mapping[str, OdsSheet]:
    """Return what was found of each sheet by its name. Raises SheetUnreadable."""
    if b"encryption-data" in members.get("META-INF/manifest.xml", b""):
        raise SheetUnreadable(refusals.ENCRYPTED)
    scan = _Scan(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.begin
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(members.get("content.xml", b""), True)
    except (expat.ExpatError, ValueError) as broken:
        raise SheetUnreadable(refusals.MALFORMED) from broken
    return scan.sheets


def _refuse(*_: object) -> None:
    raise SheetUnreadable(refusals.MALFORMED)


class _Scan:
    """Follows the elements; names are `table:…` in every file that spreadsheet programs write."""

    def __init__(self, limits: SheetLimits) -> None:
        self.sheets: dict[str, OdsSheet] = {}
        self._limits = limits
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._sheet = OdsSheet()
        self._row = self._repeated = self._column = self._span = self._letters = 0
        self._filled = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "style:style":
            self._style = given.get("style:name", "")
        elif name == "style:table-properties" and given.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table:table":
            self._sheet = OdsSheet(hidden=given.get("table:style-name", "") in self._hidden_styles)
            self.sheets[given.get("table:name", "")] = self._sheet
            self._row = 0
        elif name == "table:table-row":
            self._repeated = _times(given.get("table:number-rows-repeated", "1"), _MOST_ROWS)
            self._column = 0
            if given.get("table:visibility", "visible") != "visible":
                # Trailing empty rows are repeated a million times; those that matter are fewer than may be read.
                self._sheet.hidden_rows.update(
                    range(self._row, self._row + min(self._repeated, self._limits.rows))
                )
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._begin_cell(given)

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._span = _times(given.get("table:number-columns-repeated", "1"), _MOST_COLUMNS)
        self._filled = "office:value-type" in given
        self._letters = len(given.get("office:string-value", ""))
        if "table:formula" in given:
            self._sheet.formulas = True
            if given.get("calcext:value-type") == "error":
                self._sheet.problems[self._row, self._column] = CellProblem.ERROR
            elif not self._filled:
                self._sheet.problems[self._row, self._column] = CellProblem.UNCALCULATED

    def text(self, data: str) -> None:
        self._letters += len(data)

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._repeated
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._column += self._span
            if self._filled:
                self._reach()

    def _reach(self) -> None:
        sheet, limits = self._sheet, self._limits
        sheet.rows, sheet.columns = (
            max(sheet.rows, self._row + self._repeated),
            max(sheet.columns, self._column),
        )
        sheet.text_bytes += 4 * self._letters * self._span * self._repeated
        large = sheet.rows > limits.rows or sheet.columns > limits.columns
        if large or sheet.rows * sheet.columns > limits.cells or sheet.text_bytes > limits.text_bytes:
            raise SheetUnreadable(refusals.TOO_LARGE)


def _times(text: str, most: int) -> int:
    return min(max(int(text[:9]), 1), most)
