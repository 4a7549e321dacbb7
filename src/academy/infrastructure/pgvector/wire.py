"""Vectors as PostgreSQL reads them.

Source: PostgreSQL, "COPY", section "Binary Format"; pgvector, function `vector_recv`: two 16-bit numbers (dimension, 0), then
32-bit floats, all with the high byte first.
"""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence

__all__ = ["copy_rows", "vector_text"]

_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_SMALL, _LARGE = 1e-9, 1e9
_PIECE_BYTES = 1 << 18
_FIELDS = struct.Struct(">hi")
_VECTOR = struct.Struct(">ihh")


def copy_rows(ids: Sequence[str], vectors: Sequence["array[float]"]) -> Iterator[bytes]:
    """Yield the pieces of a binary COPY of rows (id bytea, embedding vector)."""
    piece = bytearray(_HEADER)
    for each, vector in zip(ids, vectors, strict=True):
        name, numbers = each.encode(), _fitting(vector)
        if sys.byteorder == "little":
            numbers.byteswap()
        piece += _FIELDS.pack(2, len(name)) + name
        piece += _VECTOR.pack(4 + 4 * len(numbers), len(numbers), 0) + numbers.tobytes()
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + _TRAILER


def vector_text(vector: "array[float]") -> str:
    """Return a vector as a literal."""
    return f"[{','.join(map(repr, _fitting(vector)))}]"


def _fitting(vector: "array[float]") -> "array[float]":
    """Return 32-bit numbers in the same direction whose squares are 32-bit numbers, too: that is how pgvector measures."""
    largest = max(*vector, -min(vector))
    if largest and not _SMALL < largest < _LARGE:
        return array("f", [number / largest for number in vector])
    return array("f", vector)
