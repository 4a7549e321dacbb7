"""How much of a page has to be unfolded before it is rendered: a few kilobytes may say two gigabytes."""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import pikepdf

from academy.infrastructure.pdf.limits import ScanLimits

__all__ = ["PIECE", "too_heavy", "unfolded_size"]

_Object: TypeAlias = Any  # a value of the PDF: dictionary, array, number or name, told apart as it is read

PIECE = 1 << 16
"""Bytes that are unfolded at a time."""

_ELSEWHERE = frozenset({"/Parent", "/P", "/Dest", "/A", "/B", "/Popup", "/IRT", "/StructParent", "/Thumb"})
"""Entries that lead to other pages, or to what is not shown."""
_MOST_OBJECTS = 20_000
_FLATE = frozenset({"/FlateDecode", "/Fl"})
_HEX = frozenset({"/ASCIIHexDecode", "/AHx"})
_BASE_85 = frozenset({"/ASCII85Decode", "/A85"})
_SPACE = b" \t\r\n\f\0"
_MOST_OF_FLATE = 1032
_GROWS = {"/LZWDecode": 100, "/LZW": 100, "/RunLengthDecode": 64, "/RL": 64}
"""Bytes that one byte is taken to become: 64 is the most of run lengths, and text in LZW grows far less than by 100."""


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
    return unfolded_size([stream.read_raw_bytes()], filters, most)


def unfolded_size(packed: Iterable[bytes], filters: Sequence[str], most: int) -> int:
    """Return how many bytes data in pieces becomes through filters by their names in a PDF, `most` + 1 for more."""
    pieces, grows = packed, 1
    for name in filters:
        if name in _FLATE and grows > 1:  # what is unfolded here is not at hand, only its size
            grows *= _MOST_OF_FLATE
        elif name in _FLATE:
            pieces = _inflated(pieces)
        elif name in _HEX or name in _BASE_85:
            pieces = _spelled(pieces, hexadecimal=name in _HEX)
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
                yield stream.decompress(rest, PIECE)
            except zlib.error:
                return
            rest = stream.unconsumed_tail
        if stream.eof:
            return


def _spelled(pieces: Iterable[bytes], hexadecimal: bool) -> Iterator[bytes]:
    """Yield what is written in letters, of base 16 or 85; what is broken ends it."""
    end, group = (b">", 2) if hexadecimal else (b"~", 5)
    left = b""
    for piece in pieces:
        text, ended, _ = (left + piece.translate(None, _SPACE)).partition(end)
        if not hexadecimal:
            text = text.replace(b"z", b"!!!!!")
        whole = len(text) if ended and not hexadecimal else len(text) // group * group
        left = text[whole:]
        try:
            yield binascii.unhexlify(text[:whole]) if hexadecimal else base64.a85decode(text[:whole])
        except ValueError:
            return
        if ended:
            return
