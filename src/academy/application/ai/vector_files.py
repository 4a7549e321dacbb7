"""Files of vectors: JSON with what made them, and NumPy's own format (https://numpy.org/neps/nep-0001-npy-format.html)."""

import json
import sys
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["write_json", "write_npy"]

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNED = 64


def write_npy(path: Path, vectors: Sequence["array[float]"], dimension: int) -> None:
    """Write the vectors as one array of float32, little-endian, of shape (count, dimension)."""
    shape = f"({len(vectors)}, {dimension})"
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    pad = -(len(_MAGIC) + 2 + len(head) + 1) % _ALIGNED
    head += b" " * pad + b"\n"
    with path.open("wb") as file:
        file.write(_MAGIC + len(head).to_bytes(2, "little") + head)
        for vector in vectors:
            numbers = array("f", vector)
            if sys.byteorder == "big":
                numbers.byteswap()
            file.write(numbers.tobytes())


def write_json(path: Path, vectors: Sequence["array[float]"], about: Mapping[str, object]) -> None:
    """Write an object: the fields of `about`, and `vectors`, a list of numbers for each, as exact as float32 is."""
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(dict(about), ensure_ascii=False)[:-1])
        file.write(', "vectors": [')
        for place, vector in enumerate(vectors):
            numbers = ",".join(f"{number:.9g}" for number in vector)
            file.write(f"{',' if place else ''}\n[{numbers}]")
        file.write("\n]}\n")
