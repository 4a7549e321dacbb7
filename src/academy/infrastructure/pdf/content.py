"""Tell from a page's content stream whether it shows one picture and nothing else."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Placed", "placed_picture"]

# Operators that paint nothing by themselves.
_SILENT = frozenset(
    b"q Q cm gs g G rg RG w J j M d i ri cs CS sc SC BT ET Tf TL Tc Tw Tz Ts Tr Td TD Tm T* W W* n re BMC EMC MP".split()
)
_OPERAND = b"0123456789+-./[]"

_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture upright on the page: its name among the resources, its lower left corner and size in points."""

    name: str
    x: float
    y: float
    width: float
    height: float


def placed_picture(streams: Sequence[tuple[tuple[str, ...], bytes]], most: int) -> Placed | None:
    """Return the one picture that the content paints, upright; None when there is more to it or more than `most` bytes.

    Each stream comes with the names of its filters.
    """
    content = b""
    for filters, raw in streams:
        plain = _plain(filters, raw, most)
        if plain is None:
            return None
        content += plain + b"\n"
    if len(content) > most or b"(" in content or b"<" in content or b"%" in content:
        return None
    return _walk(content.split())


def _plain(filters: tuple[str, ...], raw: bytes, most: int) -> bytes | None:
    if len(raw) > most:
        return None
    for name in filters:
        if name == "/ASCII85Decode":
            try:
                raw = base64.a85decode(raw.strip().removesuffix(b"~>"))
            except ValueError:
                return None
        elif name == "/FlateDecode":
            try:
                raw = zlib.decompressobj().decompress(raw, most + 1)
            except (zlib.error, binascii.Error):
                return None
        else:
            return None
    return raw if len(raw) <= most else None


def _walk(words: list[bytes]) -> Placed | None:
    matrix, kept, operands = _SAME, [], list[bytes]()
    found: Placed | None = None
    for word in words:
        if word[0] in _OPERAND:
            operands.append(word)
            continue
        if word == b"q":
            kept.append(matrix)
        elif word == b"Q":
            matrix = kept.pop() if kept else _SAME
        elif word == b"cm":
            step = _numbers(operands)
            if step is None:
                return None
            matrix = _times(step, matrix)
        elif word == b"Do":
            if found is not None or not operands or abs(matrix[1]) + abs(matrix[2]) > 1e-3 * abs(matrix[0]):
                return None
            found = Placed(operands[-1].decode("latin-1"), matrix[4], matrix[5], matrix[0], matrix[3])
        elif word not in _SILENT:
            return None
        operands = []
    return found if found is not None and found.width > 0 and found.height > 0 else None


def _numbers(operands: list[bytes]) -> _Matrix | None:
    try:
        a, b, c, d, e, f = (float(one) for one in operands[-6:])
    except ValueError:
        return None
    return a, b, c, d, e, f


def _times(one: _Matrix, two: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m
