"""How much a PDF unfolds to, its tables when it is opened and a page when it is rendered: a few kilobytes may say two gigabytes."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TypeAlias

import pikepdf

from academy.infrastructure.pdf.limits import ScanLimits

__all__ = ["too_heavy", "unfolds_too_far"]

_Object: TypeAlias = Any  # a value of the PDF: dictionary, array, number or name, told apart as it is read

_PIECE = 1 << 16
_ELSEWHERE = frozenset({"/Parent", "/P", "/Dest", "/A", "/B", "/Popup", "/IRT", "/StructParent", "/Thumb"})
"""Entries that lead to other pages, or to what is not shown."""
_MOST_OBJECTS = 20_000
_FLATE = frozenset({"/FlateDecode", "/Fl"})
_GROWS = {"/LZWDecode": 100, "/LZW": 100, "/RunLengthDecode": 64, "/RL": 64}
"""Bytes that one byte is taken to become: 64 is the most of run lengths, and text in LZW grows far less than by 100."""

_TABLE = re.compile(
    rb"/(?:O|#4[fF])(?:b|#62)(?:j|#6[aA])(?:S|#53)(?:t|#74)(?:m|#6[dD])|/(?:X|#58)(?:R|#52)(?:e|#65)(?:f|#66)\b"
)
"""The type of a stream of objects or references; any letter of a name may be written as its number."""
_FILTER = re.compile(rb"/(FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b")
_MOST_DICTIONARY = 4096


def unfolds_too_far(path: Path, limits: ScanLimits) -> bool:
    """Return whether a stream that has to be unfolded before a PDF is open, its objects or references, is larger than `held_bytes`.

    A file in which such streams are encrypted cannot be told; opening that one is bounded by its process's memory alone.
    """
    with path.open("rb") as file, closing(mmap(file.fileno(), 0, access=ACCESS_READ)) as data:
        return any(
            _table_size(data, found.start(), limits.held_bytes) > limits.held_bytes
            for found in _TABLE.finditer(data)
        )


def _table_size(data: mmap, at: int, most: int) -> int:
    """Return how many bytes the stream becomes in whose dictionary a type stands, `most` + 1 for more; 0 where there is none."""
    keyword = data.find(b"stream", at)
    if keyword < 0:
        return 0
    opened = data.rfind(b"obj", max(0, at - _MOST_DICTIONARY), at)
    dictionary = data[max(opened, at - _MOST_DICTIONARY, 0) : min(keyword, at + _MOST_DICTIONARY)]
    start = keyword + len(b"stream")
    start += 2 if data[start : start + 2] == b"\r\n" else 1
    filters = [f"/{one.decode()}" for one in _FILTER.findall(dictionary)]
    pieces = (data[place : place + _PIECE] for place in range(start, len(data), _PIECE))
    return _size(pieces, filters, most) if filters else 0


def too_heavy(page: pikepdf.Page, limits: ScanLimits) -> str:
    """Return what is too large about a page that is to be rendered, for operators; "" when it may be rendered.

    Pictures are left out: their pixels are bounded elsewhere.
    """
    drawn = held = 0
    for at, stream in enumerate(_streams(page.obj)):
        if at > _MOST_OBJECTS:
            return f"more than {_MOST_OBJECTS} streams"
        draws = (
            "/Length1" not in stream
            and str(stream.get("/Subtype", "/Form")) == "/Form"
            and "/N" not in stream
        )
        size = _unfolded(stream, limits.content_bytes if draws else limits.held_bytes)
        drawn, held = drawn + (size if draws else 0), held + (0 if draws else size)
        if drawn > limits.content_bytes or held > limits.held_bytes:
            return f"streams of more than {limits.content_bytes if draws else limits.held_bytes} bytes"
    return ""


def _streams(start: _Object) -> Iterator[_Object]:
    """Yield each stream that a page leads to, but pictures, once."""
    seen: set[tuple[int, int]] = set()
    waiting = [start]
    while waiting and len(seen) <= _MOST_OBJECTS:
        found = waiting.pop()
        if not isinstance(found, pikepdf.Object | pikepdf.Dictionary | pikepdf.Array):
            continue
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
        if isinstance(found, pikepdf.Array):
            waiting += list(found)
        elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") != "/Image":
                yield found
            waiting += [value for name, value in found.items() if name not in _ELSEWHERE]


def _unfolded(stream: _Object, most: int) -> int:
    """Return how many bytes a stream becomes, `most` + 1 for more."""
    named = stream.get("/Filter", [])
    filters = [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)]
    return _size([stream.read_raw_bytes()], filters, most)


def _size(packed: Iterable[bytes], filters: Sequence[str], most: int) -> int:
    pieces, grows = packed, 1
    for name in filters:
        if name in _FLATE:
            pieces = _inflated(pieces)
        grows *= _GROWS.get(name, 1)
    size = 0
    for piece in pieces:
        size += len(piece) * grows
        if size > most:
            return most + 1
    return size


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is deflated in `pieces`, little by little; what is broken ends it."""
    stream = zlib.decompressobj()
    for piece in pieces:
        rest = piece
        while rest and not stream.eof:
            try:
                yield stream.decompress(rest, _PIECE)
            except zlib.error:
                return
            rest = stream.unconsumed_tail
