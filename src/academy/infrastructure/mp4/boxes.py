"""Box structure of the ISO base media file format (ISO/IEC 14496-12, 4.2)."""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Box",
    "Data",
    "Mp4Error",
    "child",
    "children",
    "fields_within",
    "make_box",
    "make_full_box",
    "version_and_flags",
]

Data: TypeAlias = bytes | bytearray | mmap.mmap

_SIZE_AND_TYPE = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")
_TO_THE_END = 0
_IS_LARGE = 1


class Mp4Error(ValueError):
    """The bytes are not the fragmented MP4 they should be."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where one box lies.

    Attributes:
        kind: four-character code.
        start: offset of the box header.
        body: offset of the first byte after the header.
        end: offset just past the box.
    """

    kind: str
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Bytes of the box with its header."""
        return self.end - self.start


def children(data: Data, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that lie one after another in `data[start:end]`. Raises Mp4Error when one does not fit."""
    position = start
    while position < end:
        box = _box_at(data, position, end)
        yield box
        position = box.end


def child(data: Data, parent: Box, path: str, *, skip: int = 0) -> Box:
    """Return the first box found by walking `path` ("mdia/minf/stbl") down from `parent`.

    `skip` bytes of fields stand before the first child of `parent` itself. Raises Mp4Error when there is none.
    """
    box, start = parent, parent.body + skip
    for kind in path.split("/"):
        found = next((inner for inner in children(data, start, box.end) if inner.kind == kind), None)
        if found is None:
            raise Mp4Error(f"no {kind} box in {box.kind}")
        box, start = found, found.body
    return box


@contextmanager
def fields_within() -> Iterator[None]:
    """Turn a field that lies beyond the end of the data into Mp4Error."""
    try:
        yield
    except (struct.error, IndexError) as error:
        raise Mp4Error(f"a field lies outside the file: {error}") from error


def version_and_flags(data: Data, box: Box) -> tuple[int, int]:
    """Return version and flags of a full box (4.2.2)."""
    (word,) = struct.unpack_from(">I", data, box.body)
    return word >> 24, word & 0xFFFFFF


def make_box(kind: str, *bodies: bytes) -> bytes:
    """Return a box with a 32-bit size around the concatenated `bodies`."""
    body = b"".join(bodies)
    return _SIZE_AND_TYPE.pack(8 + len(body), kind.encode("ascii")) + body


def make_full_box(kind: str, version: int, flags: int, *bodies: bytes) -> bytes:
    """Return a full box (4.2.2)."""
    return make_box(kind, struct.pack(">I", version << 24 | flags), *bodies)


def _box_at(data: Data, position: int, end: int) -> Box:
    if end - position < _SIZE_AND_TYPE.size:
        raise Mp4Error(f"{end - position} stray bytes at {position}")
    size, kind = _SIZE_AND_TYPE.unpack_from(data, position)
    body = position + _SIZE_AND_TYPE.size
    if size == _IS_LARGE:
        if end - body < _LARGE_SIZE.size:
            raise Mp4Error(f"box at {position} is cut off")
        (size,) = _LARGE_SIZE.unpack_from(data, body)
        body += _LARGE_SIZE.size
    elif size == _TO_THE_END:
        size = end - position
    if position + size < body or position + size > end:
        raise Mp4Error(f"box at {position} claims {size} bytes, {end - position} are there")
    return Box(kind.decode("latin-1"), position, body, position + size)
