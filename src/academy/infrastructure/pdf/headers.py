"""Sizes of pictures from the first bytes of their files: nothing is decoded before its size is known."""

import struct
from mmap import mmap

__all__ = ["jpeg_size", "png_size", "tiff_pages"]

_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "I"}

_Data = bytes | bytearray | mmap


def jpeg_size(data: _Data) -> tuple[int, int, int] | None:
    """Return width, height and channels that the frame header states, None where there is none."""
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
        elif kind in _JPEG_ALONE:
            at += 2
        elif kind in _JPEG_FRAMES:
            height, width, channels = struct.unpack(">HHB", data[at + 5 : at + 10])
            return width, height, channels
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None


def png_size(data: _Data) -> tuple[int, int] | None:
    """Return width and height, None where the header is missing."""
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def tiff_pages(data: _Data, most: int) -> list[tuple[int, int, int]] | None:
    """Return offset of the directory, width and height of each page of a TIFF, at most `most` + 1; None where it is broken."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 8:
        return None
    (at,) = struct.unpack(order + "I", data[4:8])
    found: list[tuple[int, int, int]] = []
    seen: set[int] = set()
    while at and len(found) <= most:
        if at in seen or at + 2 > len(data):
            break  # a loop, or cut off: the pages before it stand
        seen.add(at)
        (entries,) = struct.unpack(order + "H", data[at : at + 2])
        end = at + 2 + 12 * entries
        if end + 4 > len(data):
            break
        width, height = _tiff_size(data, order, at + 2, entries)
        found.append((at, width, height))
        (at,) = struct.unpack(order + "I", data[end : end + 4])
    return found or None


def _tiff_size(data: _Data, order: str, at: int, entries: int) -> tuple[int, int]:
    sizes = {_TIFF_WIDTH: 0, _TIFF_HEIGHT: 0}
    for place in range(at, at + 12 * entries, 12):
        tag, kind = struct.unpack(order + "HH", data[place : place + 4])
        if tag in sizes and kind in _TIFF_NUMBERS:
            code = _TIFF_NUMBERS[kind]
            (sizes[tag],) = struct.unpack(order + code, data[place + 8 : place + 8 + struct.calcsize(code)])
    return sizes[_TIFF_WIDTH], sizes[_TIFF_HEIGHT]
