"""A picture as a PDF of one page, its compressed samples as they are: typst would decode them and compress them anew."""

import struct
from collections.abc import Sequence

__all__ = ["wrapped"]

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_PNG_CHANNELS = {0: 1, 2: 3}
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB"}
_PLAIN = (
    8,
    0,
    0,
    0,
)  # bits, then compression, filter and interlace as every PNG has them that is not interlaced


def wrapped(picture: bytes) -> bytes | None:
    """Return the PDF; None for what is neither a PNG nor a JPEG of 8 bits, grey or red green blue, all of it there."""
    if picture.startswith(_PNG):
        return _png(picture)
    return _jpeg(picture) if picture.startswith(_JPEG) else None


def _jpeg(picture: bytes) -> bytes | None:
    at = 2
    while at + 10 <= len(picture) and picture[at] == 0xFF:
        kind, (size,) = picture[at + 1], struct.unpack(">H", picture[at + 2 : at + 4])
        if kind in _JPEG_FRAMES:
            bits, height, width, channels = struct.unpack(">BHHB", picture[at + 4 : at + 10])
            known = bits == 8 and channels in _SPACES and b"\xff\xd9" in picture[at:]
            return _pdf(width, height, channels, "/Filter /DCTDecode", picture) if known else None
        at += 2 + size
    return None


def _png(picture: bytes) -> bytes | None:
    at, samples, head = len(_PNG), list[bytes](), b""
    while at + 12 <= len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            head = data
        elif kind == b"IDAT":
            samples.append(data)
        elif kind == b"IEND":
            break
    if len(head) != 13 or not samples or at > len(picture):
        return None
    width, height, bits, colours, *rest = struct.unpack(">IIBBBBB", head)
    channels = _PNG_CHANNELS.get(colours)
    if channels is None or (bits, *rest) != _PLAIN:
        return None
    parameters = f"/Predictor 15 /Colors {channels} /BitsPerComponent 8 /Columns {width}"
    return _pdf(
        width, height, channels, f"/Filter /FlateDecode /DecodeParms << {parameters} >>", b"".join(samples)
    )


def _pdf(width: int, height: int, channels: int, filters: str, data: bytes) -> bytes:
    drawing = f"q {width} 0 0 {height} 0 0 cm /I Do Q".encode()
    image = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 /ColorSpace {_SPACES[channels]}"
    page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>"
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< {page} >>".encode(),
            _stream("", drawing),
            _stream(f"{image} {filters} ", data),
        ]
    )


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries}/Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    parts, offsets, at = [b"%PDF-1.7\n"], list[int](), 9
    for number, each in enumerate(objects, 1):
        offsets.append(at)
        parts.append(f"{number} 0 obj\n".encode() + each + b"\nendobj\n")
        at += len(parts[-1])
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    parts.append(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode())
    parts.append(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n".encode())
    return b"".join(parts)
