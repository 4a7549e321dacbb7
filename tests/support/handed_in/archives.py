"""ZIP archives in memory, harmless and not."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

__all__ = ["encrypted_zip", "json_bytes", "named_in_cp949", "zip_bomb", "zipped"]


def json_bytes(value: Any, **how: Any) -> bytes:
    return json.dumps(value, **how).encode()


def zipped(members: Sequence[tuple[str, bytes | str]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def zip_bomb(name: str, size: int) -> bytes:
    """Return an archive whose only member unpacks to `size` spaces, a thousand times its length."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for _ in range(size >> 20):
            member.write(b" " * (1 << 20))
    return target.getvalue()


def encrypted_zip(name: str, data: bytes) -> bytes:
    """Return an archive whose member says that it is encrypted."""
    raw = bytearray(zipped([(name, data)]))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


def named_in_cp949(name: str, data: bytes) -> bytes:
    """Return an archive as Korean Windows packs it: the name in its code page, without a word of that."""
    raw, sum_ = name.encode("cp949"), zlib.crc32(data)
    fixed = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, sum_, len(data), len(data), len(raw), 0)
    local = b"PK\x03\x04" + fixed + raw + data
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, 0) + raw
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end
