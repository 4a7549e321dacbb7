"""Sizes of pictures from the first bytes of their files: nothing is decoded before its size is known."""

import struct
from mmap import mmap

__all__ = ["is_whole", "jpeg_size", "png_size"]

_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_SAMPLES = 0xDA

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


def is_whole(data: _Data) -> bool:
    """Return whether a JPEG or PNG has its end: a decoder would fill what is missing with grey, and grey is no blank."""
    if data[:2] == b"\xff\xd8":
        at = _scan_start(data)
        return at is not None and data.find(b"\xff\xd9", at) >= 0
    return data.rfind(b"IEND") >= 0


def _scan_start(data: _Data) -> int | None:
    """Return where the samples of a JPEG begin; a smaller picture among its remarks has an end of its own."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == _JPEG_SAMPLES:
            return at
        if kind == 0xFF:
            at += 1
        elif kind in _JPEG_ALONE:
            at += 2
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
