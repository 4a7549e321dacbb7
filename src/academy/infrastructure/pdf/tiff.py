"""The pages of a TIFF from its directories: nothing is decoded before its size is known, and that all of it is there."""

import struct
from dataclasses import dataclass
from mmap import mmap

__all__ = ["TiffPage", "tiff_pages"]

_WIDTH, _HEIGHT, _ACROSS, _DOWN = 256, 257, 282, 283
_OFFSETS, _LENGTHS = (273, 324), (279, 325)  # of strips, of tiles
_NUMBERS = {3: "H", 4: "I"}
_RATIO = 5
_MOST_PARTS = 1_000_000

_Data = bytes | bytearray | mmap


@dataclass(frozen=True, slots=True)
class TiffPage:
    """A page: where its directory is, its size in pixels, and pixels for a unit of length.

    Attributes:
        at: bytes from the start of the file.
        across, down: resolution along each axis, 1.0 where it is not told.
        whole: whether its directory and all samples lie within the file.
    """

    at: int
    width: int = 0
    height: int = 0
    across: float = 1.0
    down: float = 1.0
    whole: bool = False


def tiff_pages(data: _Data, most: int) -> list[TiffPage] | None:
    """Return the pages of a TIFF, at most `most` + 1; the last is not whole where the file is cut off. None where there is none."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 8:
        return None
    (at,) = struct.unpack(order + "I", data[4:8])
    found: list[TiffPage] = []
    seen: set[int] = set()
    while at and at not in seen and len(found) <= most:
        seen.add(at)
        entries = struct.unpack(order + "H", data[at : at + 2])[0] if at + 2 <= len(data) else 0
        end = at + 2 + 12 * entries
        if not entries or end + 4 > len(data):
            found.append(TiffPage(at))
            break
        found.append(_page(data, at, _entries(data, order, at + 2, entries)))
        (at,) = struct.unpack(order + "I", data[end : end + 4])
    return found if any(page.width for page in found) else None


def _page(data: _Data, at: int, tags: dict[int, tuple[float, ...]]) -> TiffPage:
    across, down = (tags.get(tag, (1.0,))[0] for tag in (_ACROSS, _DOWN))
    if across <= 0 or down <= 0:
        across = down = 1.0
    offsets, lengths = (
        next((tags[tag] for tag in names if tag in tags), ()) for names in (_OFFSETS, _LENGTHS)
    )
    ends = [start + size for start, size in zip(offsets, lengths, strict=False)]
    whole = bool(offsets) and max(ends, default=0.0) <= len(data) and max(offsets) < len(data)
    width, height = (int(tags.get(tag, (0,))[0]) for tag in (_WIDTH, _HEIGHT))
    return TiffPage(at, width, height, across, down, whole)


def _entries(data: _Data, order: str, at: int, entries: int) -> dict[int, tuple[float, ...]]:
    """Return the numbers under the tags that matter here; a tag whose numbers lie beyond the file is left out."""
    wanted = {_WIDTH, _HEIGHT, _ACROSS, _DOWN, *_OFFSETS, *_LENGTHS}
    found: dict[int, tuple[float, ...]] = {}
    for place in range(at, at + 12 * entries, 12):
        tag, kind, many = struct.unpack(order + "HHI", data[place : place + 8])
        if tag not in wanted or not 0 < many <= _MOST_PARTS:
            continue
        code = f"{order}{2 * many}I" if kind == _RATIO else f"{order}{many}{_NUMBERS.get(kind, 'x')}"
        size = struct.calcsize(code)
        start = place + 8 if size <= 4 else struct.unpack(order + "I", data[place + 8 : place + 12])[0]
        numbers = struct.unpack(code, data[start : start + size]) if start + size <= len(data) else ()
        if kind == _RATIO and numbers:
            numbers = (numbers[0] / numbers[1],) if numbers[1] else ()
        if numbers:
            found[tag] = numbers
    return found
