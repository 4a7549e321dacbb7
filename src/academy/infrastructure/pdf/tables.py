"""How much a PDF's tables unfold to, which has to be done before it is open: a few kilobytes may say two gigabytes.

The file is looked through in pieces, so that a scan of gigabytes costs no memory, and every byte of it a bounded number of times.
What a dictionary says of its stream is not relied on: names stand elsewhere, are spelled in numbers or lie in strings.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.weight import PIECE, unfolded_size

__all__ = ["unfolds_too_far"]


def _spelled(name: str) -> str:
    """Return a pattern of a name any letter of which may be written as its number."""
    return "".join(
        f"(?:{one}|#{''.join(f'[{each.lower()}{each.upper()}]' for each in f'{ord(one):x}')})" for one in name
    )


_ROWS = "|".join(map(_spelled, ("Columns", "Colors", "BitsPerComponent")))
_TABLE = re.compile(
    rf"/(?:{_spelled('ObjStm')}|{_spelled('XRef')}\b|{_spelled('First')}\b|(?P<wide>(?:{_ROWS})[\s\0+]*[0-9]{{7}}))".encode()
)
"""What the dictionary of a stream of objects or references holds; its type may be missing or stand elsewhere, `First` may not.

`wide` are rows of megabytes, of which whoever unfolds the stream holds two at once.
"""
_FIRST = re.compile(rf"/{_spelled('First')}".encode())
_LONGEST_NAME = 64
_SLOW = re.compile(
    rf"/Filter[\s\[]*\d|/(?:{_spelled('LZW')}|{_spelled('RunLength')}|{_spelled('RL')}\b)".encode()
)
"""Filters whose growth is guessed, and one that stands elsewhere and might be such."""
_PART = re.compile(rb"%[^\r\n]*|<<|>>|<[^<>]*>|\(|/?[^\s\0()<>\[\]{}/%]+")
_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_STREAM = re.compile(rb"(?:\s|\0|%[^\r\n]*[\r\n])*stream[\s\0]*")
_WORD = re.compile(rb"stream[\s\0]*")
_WINDOW = 1 << 20
_NEAR, _FAR = 1 << 12, 1 << 16
"""Bytes of a dictionary on either side of its type: those whose filters count, and those after which no stream may come."""
_MOST_TABLES, _MOST_LOOKED_AT, _LEAST = 20_000, 32 << 20, 256
"""Tables, bytes of dictionaries that are taken apart, and for how many the smallest counts."""
_DEEPEST = 4
"""How often something may be deflated."""
_SPELLINGS: tuple[list[str], ...] = ([], ["/AHx"], ["/A85"])
_ALTOGETHER = 4
"""In `held_bytes`: what all tables together may become."""


def unfolds_too_far(path: Path, limits: ScanLimits) -> bool:
    """Return whether a stream that has to be unfolded before a PDF is open, its objects or references, is larger than `held_bytes`.

    So does a file that makes it costly to tell. A file in which such streams are encrypted cannot be told; opening that one is bounded
    by its process's memory alone.
    """
    left, tables, looked, read = _ALTOGETHER * limits.held_bytes, 0, 0, 0
    with path.open("rb") as file:
        for place, wide in _places(file.fileno()):
            if wide:
                return True
            if place < looked:
                continue
            streams, size = _streams_after(file.fileno(), place)
            read += size
            if streams is None or read > _MOST_LOOKED_AT:
                return True
            for begins in streams:
                looked, tables = max(looked, begins), tables + 1
                size = _table_size(file.fileno(), place, begins, limits.held_bytes)
                left -= size
                if size > limits.held_bytes or left < 0 or tables > _MOST_TABLES:
                    return True
    return False


def _places(file: int) -> Iterator[tuple[int, bool]]:
    """Yield where the dictionary of such a stream says what it is, in order, and whether its rows are too wide."""
    at = 0
    while data := os.pread(file, _WINDOW + _LONGEST_NAME, at):
        for found in _TABLE.finditer(data):
            if found.start() < _WINDOW:
                yield at + found.start(), found["wide"] is not None
        at += _WINDOW


def _streams_after(file: int, place: int) -> tuple[set[int] | None, int]:
    """Return where the data of a stream may begin in whose dictionary a place lies, None when it is too far away to tell.

    With it how many bytes were taken apart.
    """
    size = 0
    for reach in (_NEAR, _FAR):
        data = os.pread(file, reach, place)
        at, begins = _after_dictionary(data)
        size += max(at or len(data), _LEAST)
        word = None if _FIRST.match(data) else _WORD.search(data)
        found = {begins, word.end() if word else 0} - {0}
        # An outline has a first entry, too, but no stream.
        if len(data) < reach or found or (at and _FIRST.match(data)):
            return {place + each for each in found}, size
    return None, size


def _after_dictionary(data: bytes) -> tuple[int, int]:
    """Return where the dictionary ends in which data begins, and where the data of its stream begins, each 0 without one."""
    depth, at = 1, 0
    while part := _PART.search(data, at):
        at, text = part.end(), part.group()
        if text == b"(":
            at = _after_string(data, at)
        elif text == b"endobj":
            return at, 0
        depth += (text == b"<<") - (text == b">>")
        if not depth:
            stream = _STREAM.match(data, at)
            return at, stream.end() if stream else 0
    return 0, 0


def _after_string(data: bytes, at: int) -> int:
    depth = 1
    for found in _STRING.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(found.group(), 0)
        if not depth:
            return found.end()
    return len(data)


def _table_size(file: int, place: int, begins: int, most: int) -> int:
    """Return how many bytes the stream becomes at most, however it is packed, `most` + 1 for more."""
    before = os.pread(file, min(place, _NEAR), max(0, place - _NEAR))
    dictionary = before[max(0, before.rfind(b" obj")) :] + os.pread(file, min(begins - place, _NEAR), place)
    largest = unfolded_size(_pieces(file, begins), ["/LZW"], most) if _SLOW.search(dictionary) else 0
    for spelling in _SPELLINGS:
        for depth in range(1, _DEEPEST + 1):
            size = unfolded_size(_pieces(file, begins), [*spelling, *["/Fl"] * depth], most)
            largest = max(largest, size)
            if not size or largest > most:
                break
    return largest


def _pieces(file: int, at: int) -> Iterator[bytes]:
    while data := os.pread(file, PIECE, at):
        yield data
        at += len(data)
