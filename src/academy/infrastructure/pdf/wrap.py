"""Picture data of a PDF put into the frame of a file that decoders of pictures know; the data is not touched."""

import struct
import zlib

__all__ = ["ccitt_as_tiff", "flate_as_png"]

_SHORT, _LONG = 3, 4
_GROUP_3, _GROUP_4 = 3, 4
_PNG_PREDICTORS = range(10, 16)


def ccitt_as_tiff(data: bytes, width: int, height: int, kind: int) -> bytes:
    """Return a TIFF of fax data; `kind` as /K in the PDF: below 0 group 4, 0 group 3 in one dimension, above in two."""
    options = [(293 if kind < 0 else 292, _LONG, 0 if kind < 0 else int(kind > 0))]
    tags = [
        (256, _LONG, width),
        (257, _LONG, height),
        (258, _SHORT, 1),
        (259, _SHORT, _GROUP_4 if kind < 0 else _GROUP_3),
        (262, _SHORT, 0),
        (273, _LONG, 0),
        (277, _SHORT, 1),
        (278, _LONG, height),
        (279, _LONG, len(data)),
        *options,
    ]
    start = 8 + 2 + 12 * len(tags) + 4
    body = struct.pack("<H", len(tags))
    for tag, size, value in tags:
        body += struct.pack("<HHII", tag, size, 1, start if tag == 273 else value)
    return b"II*\x00" + struct.pack("<I", 8) + body + struct.pack("<I", 0) + data


def flate_as_png(
    data: bytes, width: int, height: int, channels: int, bits: int, predictor: int
) -> bytes | None:
    """Return a PNG of deflated samples; None for a predictor that PNG does not know, or when the data is cut off.

    Samples without a predictor get the row filter "none" by being inflated, as far as the picture needs, and stored anew.
    """
    if predictor not in _PNG_PREDICTORS:
        if predictor != 1:
            return None
        stride = (width * channels * bits + 7) // 8
        try:
            plain = zlib.decompressobj().decompress(data, stride * height)
        except zlib.error:
            return None
        if len(plain) < stride * height:
            return None
        rows = b"".join(b"\x00" + plain[at : at + stride] for at in range(0, stride * height, stride))
        data = zlib.compress(rows, 0)
    head = struct.pack(">IIBBBBB", width, height, bits, 2 if channels == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
