"""Look through an .xls before it is decoded: how far its sheets reach, what is hidden, whether it is encrypted.

A compound file (MS-CFB) holds a stream of records (MS-XLS, 2.1.4): a number, a length, the data. A sheet begins with BOF and ends with EOF;
every record of a cell begins with its row and column, 16 bits each.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from academy.application.ports.spreadsheets import SheetLimits, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import CellProblem

__all__ = ["XlsScan", "scan_xls"]

_LAST_SECTOR = 0xFFFFFFFA
_SMALL_STREAM = 4096
_BOF, _EOF, _FILE_PASS, _SHEET, _ROW, _FORMULA, _ERROR, _MULTIPLE_RK = (
    0x809,
    0x0A,
    0x2F,
    0x85,
    0x208,
    0x06,
    0x205,
    0xBD,
)
_CELLS = frozenset({_FORMULA, 0x201, 0x203, 0x204, _ERROR, 0x27E, _MULTIPLE_RK, 0xBE, 0xD6, 0xFD})
_HIDDEN = 0x20


@dataclass(slots=True)
class XlsScan:
    """What was found of one sheet; rows and columns count from 0."""

    rows: int = 0
    columns: int = 0
    formulas: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    problems: dict[tuple[int, int], CellProblem] = field(default_factory=dict)


def scan_xls(content: bytes, limits: SheetLimits) -> dict[str, XlsScan]:
    """Return what was found of each sheet by its name. Raises SheetUnreadable."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SheetUnreadable(refusals.ENCRYPTED)
    try:
        return _sheets(_workbook(content), limits)
    except (struct.error, IndexError) as broken:
        raise SheetUnreadable(refusals.MALFORMED) from broken


def _sheets(stream: bytes, limits: SheetLimits) -> dict[str, XlsScan]:
    found: dict[int, XlsScan] = {}
    begins: dict[str, int] = {}
    current, depth = XlsScan(), 0
    for offset, kind, data in _records(stream):
        if kind == _BOF:
            depth += 1
            if depth == 1:
                current = found.setdefault(offset, XlsScan())
        elif kind == _EOF:
            depth -= 1
        elif kind == _ROW:
            _row(current, data)
        elif kind == _SHEET:
            begins[_name(data)] = struct.unpack_from("<I", data)[0]
        elif kind in _CELLS:
            _cell(current, kind, data)
    large = any(each.rows > limits.rows or each.rows * each.columns > limits.cells for each in found.values())
    if large:
        raise SheetUnreadable(refusals.TOO_LARGE)
    return {name: found.get(begin, XlsScan()) for name, begin in begins.items()}


def _name(data: bytes) -> str:
    """Return the name of a sheet: how many letters, whether each takes two bytes, the letters."""
    length, wide = data[6], data[7] & 1
    return data[8 : 8 + (length << wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def _row(sheet: XlsScan, data: bytes) -> None:
    row, flags = struct.unpack_from("<H10xH", data)
    if flags & _HIDDEN:
        sheet.hidden_rows.add(row)


def _cell(sheet: XlsScan, kind: int, data: bytes) -> None:
    row, column = struct.unpack_from("<HH", data)
    last = struct.unpack_from("<H", data, len(data) - 2)[0] if kind in {_MULTIPLE_RK, 0xBE} else column
    sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, last + 1)
    if kind == _FORMULA:
        sheet.formulas = True
        # The value of a formula: FFFF at its end says that it is no number, 2 at its begin that it is an error.
        if data[12:14] == b"\xff\xff" and data[6:7] == b"\x02":
            sheet.problems[row, column] = CellProblem.ERROR
    elif kind == _ERROR and data[7:8] == b"\x01":
        sheet.problems[row, column] = CellProblem.ERROR


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        if kind == _FILE_PASS:
            raise SheetUnreadable(refusals.ENCRYPTED)
        yield position, kind, stream[position + 4 : position + 4 + length]
        position += 4 + length


def _workbook(content: bytes) -> bytes:
    """Return the stream of the workbook out of the compound file."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if shift not in {9, 12} or small_shift != 6:
        raise SheetUnreadable(refusals.MALFORMED)
    sector = 1 << shift
    table = _table(content, sector)
    directory = _chain(content, table, struct.unpack_from("<I", content, 48)[0], sector)
    entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
    for entry in entries:
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace").casefold()
        if name in {"workbook", "book"} and entry[66] == 2:
            start, size = struct.unpack_from("<II", entry, 116)
            if size < _SMALL_STREAM:
                return _small(content, table, entries[0], start, sector)[:size]
            return _chain(content, table, start, sector)[:size]
    raise SheetUnreadable(refusals.FORMAT)


def _table(content: bytes, sector: int) -> list[int]:
    """Return which sector follows each one."""
    holders = list(struct.unpack_from("<109I", content, 76))
    following, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // sector + 1)):
        more = struct.unpack_from(f"<{sector // 4}I", content, (following + 1) * sector)
        holders += more[:-1]
        following = more[-1]
    table: list[int] = []
    for holder in holders:
        if holder < _LAST_SECTOR:
            table += struct.unpack_from(f"<{sector // 4}I", content, (holder + 1) * sector)
    return table


def _chain(content: bytes, table: list[int], start: int, sector: int) -> bytes:
    parts: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(parts) > len(table):
            raise SheetUnreadable(refusals.MALFORMED)
        parts.append(content[(start + 1) * sector : (start + 2) * sector])
        start = table[start]
    return b"".join(parts)


def _small(content: bytes, table: list[int], root: bytes, start: int, sector: int) -> bytes:
    """Return a stream under 4,096 bytes, which lies in a stream of the root in pieces of 64."""
    holder = _chain(content, table, struct.unpack_from("<I", root, 116)[0], sector)
    first = struct.unpack_from("<I", content, 60)[0]
    raw = _chain(content, table, first, sector)
    small = list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))
    parts: list[bytes] = []
    while start < _LAST_SECTOR and len(parts) <= len(small):
        parts.append(holder[start * 64 : (start + 1) * 64])
        start = small[start]
    return b"".join(parts)
