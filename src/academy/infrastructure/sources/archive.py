"""What a ZIP holds, in the order of its names; nothing is written under them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from academy.infrastructure.sources.budget import Budget, Metered
from academy.infrastructure.sources.clean import stem_of
from academy.infrastructure.sources.refusals import refused
from academy.infrastructure.sources.thing import Thing

__all__ = ["BROKEN_MEMBER", "archive_things", "folder_things", "opened_archive", "opener"]

BROKEN_MEMBER = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)
"""What reading a damaged member raises."""

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_END_WITHIN = 65_557 + 76
_BUFFER = 1 << 18


def opened_archive(file: IO[bytes], budget: Budget) -> zipfile.ZipFile:
    """Open it. Raises SourceUnreadable broken_archive, archive_bomb, and encrypted_input where everything in it is."""
    if _directory_bytes(file) > budget.limits.directory_bytes:
        raise refused("archive_bomb", "its table of contents")
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN_MEMBER, ValueError, OverflowError, OSError) as error:
        raise refused("broken_archive", str(error)) from error
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if files and all(info.flag_bits & _ENCRYPTED for info in files):
        raise refused("encrypted_input")
    return archive


def _directory_bytes(file: IO[bytes]) -> int:
    """Return how long the table of contents says it is: reading it takes many times as much memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_WITHIN))
    tail = file.read(_END_WITHIN)
    file.seek(0)
    told = 0
    for mark, layout, at in ((_END, "<I", 12), (_END_64, "<Q", 40)):
        found = tail.rfind(mark)
        if found >= 0 and found + at + struct.calcsize(layout) <= len(tail):
            (length,) = struct.unpack_from(layout, tail, found + at)
            told = max(told, min(length, size))
    return told


def archive_things(archive: zipfile.ZipFile, within: Thing, budget: Budget) -> list[Thing]:
    """Return its members sorted by name. Raises SourceUnreadable archive_bomb for too many."""
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    budget.found(len(infos))
    infos.sort(key=lambda info: (_name(info), info.header_offset))
    return [_member(archive, info, within, budget) for info in infos]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, within: Thing, budget: Budget) -> Thing:
    def unpack() -> IO[bytes]:
        if info.flag_bits & _ENCRYPTED:
            raise refused("encrypted_input")
        if info.compress_type not in _METHODS:
            raise refused("broken_archive", f"packed in a way that is not supported, {info.compress_type}")
        if info.header_offset < 0:
            raise refused("broken_archive", "a member that would lie before it")
        try:
            source = archive.open(info)
        except (ValueError, IndexError) as error:
            raise refused("broken_archive", str(error)) from error
        return io.BufferedReader(Metered(source, info.compress_size, budget), _BUFFER)

    name = _name(info)
    return Thing(name, f"{within.id}/{name}", stem_of(name), info.file_size, unpack)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; archives made on Korean Windows write it in CP949 and do not say so."""
    name = info.filename
    if info.flag_bits & _UTF8_NAME or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def folder_things(folder: Path, name: str, budget: Budget) -> list[Thing]:
    """Return the files of a folder and of those in it, sorted by path; links are not followed."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    budget.found(len(paths))
    named = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    return [
        Thing(part, f"{name}/{part}", stem_of(part), path.stat().st_size, opener(path), stored=True)
        for part, path in named
    ]


def opener(path: Path) -> Callable[[], IO[bytes]]:
    """Return what opens a file for reading."""
    return lambda: path.open("rb")
