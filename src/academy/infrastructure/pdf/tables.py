"""How much a PDF's tables unfold to, which has to be done before it is open: a few kilobytes may say two gigabytes.

The file is looked through in pieces, so that a scan of gigabytes costs no memory, and every byte of it a bounded number of times.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.weight import PIECE, unfolded_size

__all__ = ["unfolds_too_far"]

_TABLE = re.compile(
    rb"/(?:O|#4[fF])(?:b|#62)(?:j|#6[aA])(?:S|#53)(?:t|#74)(?:m|#6[dD])|/(?:X|#58)(?:R|#52)(?:e|#65)(?:f|#66)\b"
)
"""The type of a stream of objects or references; any letter of a name may be written as its number."""
_LONGEST_NAME = 64
_FILTER = re.compile(rb"/(FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b")
_WINDOW = 1 << 20
_NEAR, _FAR = 1 << 12, 1 << 16
"""Bytes of a dictionary on either side of its type: those whose filters count, and those after which no stream may come."""
_MOST_TABLES = 20_000
_ALTOGETHER = 4
"""In `held_bytes`: what all tables together may become."""


def unfolds_too_far(path: Path, limits: ScanLimits) -> bool:
    """Return whether a stream that has to be unfolded before a PDF is open, its objects or references, is larger than `held_bytes`.

    So does a file that makes it costly to tell. A file in which such streams are encrypted cannot be told; opening that one is bounded
    by its process's memory alone.
    """
    left, tables, looked = _ALTOGETHER * limits.held_bytes, 0, 0
    with path.open("rb") as file:
        for place in _places(file.fileno()):
            if place < looked:
                continue
            begins = _stream_after(file.fileno(), place)
            if begins is None:
                return True
            looked, tables = begins, tables + 1
            size = _table_size(file.fileno(), place, begins, limits.held_bytes)
            left -= size
            if size > limits.held_bytes or left < 0 or tables > _MOST_TABLES:
                return True
    return False


def _places(file: int) -> Iterator[int]:
    """Yield where the type of such a stream stands, in order."""
    at = 0
    while data := os.pread(file, _WINDOW + _LONGEST_NAME, at):
        yield from (at + found.start() for found in _TABLE.finditer(data) if found.start() < _WINDOW)
        at += _WINDOW


def _stream_after(file: int, place: int) -> int | None:
    """Return where the data of the stream begins whose type stands there, the end of the file without one; None when it is too far away."""
    for reach in (_NEAR, _FAR):
        data = os.pread(file, reach, place)
        keyword = data.find(b"stream")
        if keyword >= 0:
            begins = keyword + len(b"stream")
            return place + begins + (2 if data[begins : begins + 2] == b"\r\n" else 1)
        if len(data) < reach:
            return place + len(data)
    return None


def _table_size(file: int, place: int, begins: int, most: int) -> int:
    """Return how many bytes the stream becomes in whose dictionary a type stands, `most` + 1 for more."""
    before = os.pread(file, min(place, _NEAR), max(0, place - _NEAR))
    dictionary = before[max(0, before.rfind(b"obj")) :] + os.pread(file, min(begins - place, _NEAR), place)
    filters = [f"/{one.decode()}" for one in _FILTER.findall(dictionary)]
    return unfolded_size(_pieces(file, begins), filters, most) if filters else 0


def _pieces(file: int, at: int) -> Iterator[bytes]:
    while data := os.pread(file, PIECE, at):
        yield data
        at += len(data)
