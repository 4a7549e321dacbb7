"""DOCX and PPTX before a library opens them: how much they unpack to, and whether their XML is harmless (SEC-2)."""

import re
import zipfile
import zlib
from typing import IO, Any

from academy.infrastructure.sources.clean import moment, titled
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.refusals import refused

__all__ = ["BROKEN", "check_office", "is_protected", "properties_of"]

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    SyntaxError,  # of which lxml's errors of syntax are a kind
)
"""What the libraries raise for a damaged file."""

_MARKUP = (".xml", ".rels", ".vml")
_DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})""")
_PLAIN = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii", b"utf-16"})
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20
_PROPERTIES = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_MADE_BY_LIBRARY = frozenset({"Word Document", "PowerPoint Presentation"})


def check_office(archive: zipfile.ZipFile, limits: SourceLimits) -> None:
    """Look through an Office file's parts.

    Raises SourceUnreadable: archive_bomb, encrypted_input; broken_document for XML with a document type, which no Office program
    writes and which may name files or expand without end.
    """
    infos = archive.infolist()
    markup = [info for info in infos if info.filename.lower().endswith(_MARKUP)]
    unpacked = sum(info.file_size for info in infos)  # the library reads no byte beyond what is declared
    if unpacked > limits.document_bytes or len(infos) > limits.members:
        raise refused("archive_bomb", f"{unpacked:,} bytes, at most {limits.document_bytes:,}")
    if sum(info.file_size for info in markup) > limits.markup_bytes:
        raise refused("input_too_large", f"more than {limits.markup_bytes:,} bytes of XML")
    if any(info.flag_bits & 1 for info in infos):
        raise refused("encrypted_input")
    for info in markup:
        try:
            part = archive.read(info)
        except BROKEN as error:
            raise refused("broken_document", info.filename) from error
        named = _ENCODING.match(part.lstrip(b"\xef\xbb\xbf \r\n\t"))
        if any(mark in part for mark in _DOCTYPE) or (named and named[1].lower() not in _PLAIN):
            raise refused("broken_document", f"{info.filename} holds a document type or an unusual encoding")


def properties_of(package: Any) -> tuple[str, str, str]:  # noqa: ANN401 - of either library
    """Return title, time of making and of the last change as an opened file tells them, "" for each that it does not tell.

    Of a file without such a part the libraries make one up, with a title of theirs and the time of day.
    """
    try:
        package.part_related_by(_PROPERTIES)
    except KeyError:
        return "", "", ""
    core = package.core_properties
    title = titled(core.title or "")
    created, modified = (moment(when.isoformat()) if when else "" for when in (core.created, core.modified))
    return "" if title in _MADE_BY_LIBRARY else title, created, modified


def is_protected(file: IO[bytes]) -> bool:
    """Return whether a file of the old container format is a new Office file behind a password."""
    before = b""
    while chunk := file.read(_CHUNK):
        if _PROTECTED in before + chunk:
            return True
        before = chunk[-len(_PROTECTED) :]
    return False
