"""A zip file of a stranger: its members bounded before anything decodes them."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from academy.application.ports.spreadsheets import SheetLimits, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals

__all__ = ["parsed", "unpacked"]

_CHUNK = 1 << 18
_SMALL = 1 << 20


def unpacked(content: bytes, limits: SheetLimits, suffixes: tuple[str, ...]) -> Mapping[str, bytes]:
    """Return the members whose name ends so, unpacked, and b"" for every other one. Raises SheetUnreadable.

    What a member says of its size is not believed: it is unpacked in bounds, and its sum checked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            infos = file.infolist()
            _check(infos, limits)
            left = limits.unpacked_bytes
            members: dict[str, bytes] = {}
            for info in infos:
                members[info.filename] = b""
                if info.filename.endswith(suffixes):
                    members[info.filename] = _read(file, info, left)
                    left -= len(members[info.filename])
            return members
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as broken:
        raise SheetUnreadable(refusals.MALFORMED) from broken


def _check(infos: list[zipfile.ZipInfo], limits: SheetLimits) -> None:
    if len(infos) > limits.entries or sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise SheetUnreadable(refusals.TOO_LARGE)
    if any(info.file_size > max(_SMALL, limits.ratio * info.compress_size) for info in infos):
        raise SheetUnreadable(refusals.TOO_LARGE)
    if any(info.flag_bits & 1 for info in infos):
        raise SheetUnreadable(refusals.ENCRYPTED)
    if len({info.filename.casefold() for info in infos}) < len(infos):
        # Two readers could each take another one.
        raise SheetUnreadable(refusals.MALFORMED)


def _read(file: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    parts = []
    with file.open(info) as member:
        while part := member.read(_CHUNK):
            left -= len(part)
            if left < 0:
                raise SheetUnreadable(refusals.TOO_LARGE)
            parts.append(part)
    return b"".join(parts)


def parsed(xml: bytes) -> ET.Element:
    """Return a small XML document, which may declare no entities. Raises SheetUnreadable."""
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise SheetUnreadable(refusals.MALFORMED)
    try:
        return ET.fromstring(xml)  # noqa: S314 - without a document type there is nothing to expand
    except ET.ParseError as broken:
        raise SheetUnreadable(refusals.MALFORMED) from broken
