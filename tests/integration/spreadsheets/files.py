"""Spreadsheets as programs and as strangers make them."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

__all__ = ["changed", "compound", "ods", "xls", "xlsx"]

_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xlsx(fill: Callable[[Any], None] | Sequence[Sequence[object]]) -> bytes:
    """Return a workbook that `fill` filled, or one whose only sheet has these rows."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        if callable(fill):
            fill(book)
        else:
            sheet = book.add_worksheet("명단")
            for index, row in enumerate(fill):
                sheet.write_row(index, 0, row)
    return target.getvalue()


def changed(content: bytes, change: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """Return a zip file with members changed or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *change}:
            given = change.get(name, b"")
            before = old.read(name) if name in old.namelist() else b""
            new.writestr(name, given(before) if callable(given) else given or before)
    return target.getvalue()


def ods(rows: str, before: str = "") -> bytes:
    """Return a workbook whose only sheet holds these elements."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {names} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
        f'<office:body><office:spreadsheet><table:table table:name="명단">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("mimetype"), _ODS_TYPE)
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", "<manifest/>")
    return target.getvalue()


def xls(
    cells: Mapping[tuple[int, int], str | float], hidden: Sequence[int] = (), *, locked: bool = False
) -> bytes:
    """Return a workbook of Excel 97 whose sheet "명단" has these cells by (row, column)."""
    begin = _record(0x809, struct.pack("<HHHHII", 0x0600, 0x05, 0, 0, 0, 0x06))
    if locked:
        begin += _record(0x2F, bytes(54))
    end = _record(0x0A, b"")
    name = "명단".encode("utf-16-le")
    place = len(begin) + 4 + 8 + len(name) + len(end)
    sheet = _record(0x85, struct.pack("<IBBBB", place, 0, 0, 2, 1) + name)
    body = _record(0x809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0x06))
    for row in hidden:
        body += _record(0x208, struct.pack("<HHHHHHI", row, 0, 9, 255, 0, 0, 0x20 | 0x100))
    for (row, column), value in sorted(cells.items()):
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            body += _record(0x204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)
        else:
            body += _record(0x203, struct.pack("<HHHd", row, column, 0, value))
    return compound("Workbook", begin + sheet + end + body + end)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def compound(name: str, stream: bytes) -> bytes:
    """Return a compound file with one stream, padded to whole sectors and at least 4,096 bytes."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    table = [_TABLE, _END, *range(3, 2 + count), _END]
    table += [_FREE] * (128 - len(table))
    header = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        0,
        0,
        1,
        1,
        0,
        4096,
        _END,
        0,
        _END,
        0,
    )
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    root = _entry("Root Entry", 5, 1, _END, 0)
    entries = root + _entry(name, 2, _FREE, 2, len(stream)) + bytes(256)
    return header + struct.pack("<128I", *table) + entries + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
