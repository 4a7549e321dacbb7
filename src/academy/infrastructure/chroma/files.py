"""Whether the files of a collection are whole, as far as can be told without reading them.

ChromaDB's core maps what its header promises; of a file that was cut off it answers from memory that means nothing, or ends the
process. Format: hnswlib's header as ChromaDB 1.5 writes it, 100 bytes, numbers with the low byte first.
"""

import struct
from pathlib import Path

from academy.application.ports.vector_index import VectorsLost

__all__ = ["DATABASE", "check_whole"]

DATABASE = "chroma.sqlite3"
_HEADER = "header.bin"
_VECTORS = "data_level0.bin"
_LENGTHS = "length.bin"
# Version, first offset, room, elements, bytes of an element; the rest says how to walk between them.
_START = struct.Struct("<iQQQQ")
_HEADER_BYTES = 100
_LENGTH_BYTES = 4


def check_whole(folder: Path) -> None:
    """Raise VectorsLost or OSError unless the database is there and no file of vectors is shorter than its header says."""
    if not (folder / DATABASE).exists():
        # ChromaDB would make a new, empty one.
        raise VectorsLost(f"{folder / DATABASE} is not there; build the graph again")
    for header in sorted(folder.glob(f"*/{_HEADER}")):
        start = header.read_bytes()
        if len(start) != _HEADER_BYTES:
            raise VectorsLost(f"{header} is not whole; build the graph again")
        _version, _offset, _room, elements, size = _START.unpack_from(start)
        for name, least in ((_VECTORS, elements * size), (_LENGTHS, elements * _LENGTH_BYTES)):
            if (header.parent / name).stat().st_size < least:
                raise VectorsLost(f"{header.parent / name} is not whole; build the graph again")
