"""Look through an .xlsx before it is decoded: how far its sheets reach, what is hidden, which formulas have no value."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from academy.application.ports.spreadsheets import SheetLimits, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import CellProblem
from academy.infrastructure.spreadsheets.packed import parsed

__all__ = ["XlsxScan", "column_number", "scan_xlsx", "sheet_members"]

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"
# Rows and cells alike, as every program writes them: `r="12"`, `r="AB12"`. The other patterns take whatever XML allows.
_LETTERS, _NUMBERS = re.compile(rb' r="([A-Za-z]+)'), re.compile(rb' r="[A-Za-z]*(\d+)')
_TWO_LETTERS, _ONE_LETTER = re.compile(rb' r="[A-Za-z]{2}'), 26
_MANY_DIGITS, _FEW_DIGITS = re.compile(rb' r="[A-Za-z]*(\d{5,})'), 9999
_UNUSUAL = (b"'", b"\t", b"\n", b"\r", b" r =", b" r= ")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:\w+:)?row\b(?=[^>]*\shidden\s*=\s*["'](?:1|true)["'])[^>]*?\sr\s*=\s*["'](\d+)["']"""
)
_ERROR = re.compile(rb"""<(?:\w+:)?c\b(?=[^>]*\st\s*=\s*["']e["'])[^>]*?\sr\s*=\s*["']([A-Z]+)(\d+)["']""")
_NO_VALUE = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\sr\s*=\s*["']([A-Z]+)(\d+)["'][^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"""
    rb"""\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</"""
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_STRING_END = re.compile(rb"</(?:\w+:)?si\s*>")
_STRING_CELL = re.compile(rb"""<(?:\w+:)?v[^>]*>\s*(\d+)\s*</""")


@dataclass(frozen=True, slots=True)
class XlsxScan:
    """What was found of one sheet; rows and columns count from 0."""

    hidden_rows: frozenset[int]
    problems: Mapping[tuple[int, int], CellProblem]
    formulas: bool


def sheet_members(members: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the member that holds each sheet, by the name of the sheet. Raises SheetUnreadable."""
    if _WORKBOOK not in members or _RELATIONS not in members:
        raise SheetUnreadable(refusals.FORMAT)
    targets = {each.get("Id"): each.get("Target", "") for each in parsed(members[_RELATIONS])}
    found: dict[str, str] = {}
    for element in parsed(members[_WORKBOOK]).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        reference = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), "")
        target = targets.get(reference, "")
        path = target.lstrip("/") if target.startswith(("/", "xl/")) else posixpath.normpath(f"xl/{target}")
        if path in members:
            found[element.get("name", "")] = path
    return found


def scan_xlsx(members: Mapping[str, bytes], member: str, limits: SheetLimits) -> XlsxScan:
    """Look through a sheet. Raises SheetUnreadable where it is larger than it may be."""
    xml = members[member]
    if b"\0" in xml or b"<!DOCTYPE" in xml:
        raise SheetUnreadable(refusals.MALFORMED)
    places, rows, columns = _extent(xml, limits)
    if (
        rows > limits.rows
        or columns > limits.columns
        or rows * columns > limits.cells
        or places > 2 * limits.cells
    ):
        raise SheetUnreadable(refusals.TOO_LARGE)
    _check_strings(members.get(_STRINGS, b""), xml, places, limits)
    formulas = (b"<f" in xml or b":f" in xml) and bool(_FORMULA.search(xml))
    # An error is the result of a formula, or was pasted as one.
    errors = _ERROR.findall(xml) if b"#" in xml else ()
    problems = {_place(found): CellProblem.ERROR for found in errors}
    if formulas:
        problems |= {_place(found): CellProblem.UNCALCULATED for found in _NO_VALUE.findall(xml)}
    hidden = frozenset(int(row) - 1 for row in (_HIDDEN_ROW.findall(xml) if b"hidden" in xml else ()))
    return XlsxScan(hidden, problems, formulas)


def _extent(xml: bytes, limits: SheetLimits) -> tuple[int, int, int]:
    """Return how many rows and cells say where they are, and the last row and column that one of them can name.

    Where a sheet is small enough whatever its cells say in one letter and few digits, they are not looked at one by one.
    """
    begin = max(xml.find(b"<", max(xml.find(b"?>"), 0)), 0)
    if any(xml.find(each, begin) >= 0 for each in _UNUSUAL):
        places = _PLACE.findall(xml)
        return (
            len(places),
            _last_row([row for _, row in places]),
            _last_column([column for column, _ in places]),
        )
    count = xml.count(b' r="')
    columns = (
        _last_column(_LETTERS.findall(xml))
        if limits.columns < _ONE_LETTER or _TWO_LETTERS.search(xml)
        else _ONE_LETTER
    )
    rows = _last_row(_MANY_DIGITS.findall(xml)) or _FEW_DIGITS
    if rows > limits.rows or rows * columns > limits.cells:
        rows, columns = _last_row(_NUMBERS.findall(xml)), _last_column(_LETTERS.findall(xml))
    return count, rows, columns


def _last_row(numbers: Iterable[bytes]) -> int:
    return max((int(number[:12]) for number in set(numbers)), default=0)


def _last_column(letters: Iterable[bytes]) -> int:
    return max(map(column_number, set(letters)), default=0)


def column_number(letters: bytes) -> int:
    """Return the number of a column, counted from 1; 0 for no letters."""
    number = 0
    for letter in letters.upper()[:8]:
        number = 26 * number + letter - 64
    return number


def _place(found: tuple[bytes, bytes]) -> tuple[int, int]:
    return int(found[1]) - 1, column_number(found[0]) - 1


def _check_strings(strings: bytes, xml: bytes, cells: int, limits: SheetLimits) -> None:
    """Refuse a sheet whose cells name a long text over and over: each becomes a copy of it."""
    allowed = limits.text_bytes // max(cells, 1)
    if _all_shorter(strings, allowed):
        return
    # A marked section may hold what looks like the end of a text.
    sizes = [len(strings)] if b"<![CDATA[" in strings else list(map(len, _STRING_END.split(strings)))
    counts = Counter(map(int, _STRING_CELL.findall(xml)))
    if (
        len(sizes) == 1
        or sum(sizes[index] * count for index, count in counts.items() if index < len(sizes))
        > limits.text_bytes
    ):
        raise SheetUnreadable(refusals.TOO_LARGE)


def _all_shorter(strings: bytes, allowed: int) -> bool:
    """Return whether every text is surely shorter: from one end of a text to another it is never further."""
    if b"<![CDATA[" in strings:
        return len(strings) <= allowed
    position = 0
    while len(strings) - position > allowed:
        following = strings.rfind(b"</si>", position + 1, position + allowed)
        if following < 0:
            return False
        position = following
    return True
