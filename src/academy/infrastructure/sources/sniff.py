"""What an input is, by its first bytes; the name decides only between kinds of plain text."""

import re
from enum import StrEnum

__all__ = ["HEAD", "Form", "form_of"]

HEAD = 1 << 16
"""Bytes to look at."""

_PDF_WITHIN = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEDIA = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"OggS",
    b"ID3",
    b"fLaC",
    b"\x1aE\xdf\xa3",
    b"8BPS",
)
_OTHER = (
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"SQLite format 3\x00",
    b"{\\rtf",
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\0asm")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_JSON = re.compile(rb'\s*(?:\[\s*(?:\{\s*"|\]\s*$)|\{\s*")')
_PAGE = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}+>\s*+)?+(?><!--.{0,2000}?-->\s*+)*+<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


_DRAWN = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}+>\s*+)?+(?:<!--.{0,2000}?-->\s*+|<!doctype\s[^>]{0,500}+>\s*+)*+<(?:svg|graphml|gexf)\b",
    re.IGNORECASE | re.DOTALL,
)


class Form(StrEnum):
    """How an input has to be opened."""

    EMPTY = "empty"
    ARCHIVE = "archive"  # ZIP, and DOCX and PPTX, which are ZIPs too
    PDF = "pdf"
    OLE = "ole"  # old Office formats, and protected new ones
    JSON = "json"
    PAGE = "page"
    MARKDOWN = "markdown"
    TABLE = "table"
    TEXT = "text"
    MEDIA = "media"
    OTHER = "other"  # known, and nothing that can be read
    NO_READING = "no_reading"  # text for machines: programs, style sheets, drawings
    NO_ARCHIVE = "no_archive"  # called one, and text
    BINARY = "binary"


_BY_NAME = {
    "json": Form.JSON,
    "jsonl": Form.JSON,
    "html": Form.PAGE,
    "htm": Form.PAGE,
    "xhtml": Form.PAGE,
    "md": Form.MARKDOWN,
    "markdown": Form.MARKDOWN,
    "mdx": Form.MARKDOWN,
    "csv": Form.TABLE,
    "zip": Form.NO_ARCHIVE,
    **dict.fromkeys(("css", "scss", "sass", "less", "svg", "graphml", "gexf"), Form.NO_READING),
}


def form_of(head: bytes, name: str) -> Form:
    """Return what begins with `head` (up to HEAD bytes) and is called `name`."""
    if not head:
        return Form.EMPTY
    known = _known(head)
    if known is not None:
        return known
    if not head.startswith(_WIDE) and b"\0" in head:
        return Form.BINARY
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _JSON.match(text):
        return Form.JSON
    if _DRAWN.match(text):
        return Form.NO_READING
    if _PAGE.match(text):
        return Form.PAGE
    return _BY_NAME.get(name.rpartition(".")[2].lower(), Form.TEXT)


def _known(head: bytes) -> Form | None:
    if head.startswith(_ZIP):
        return Form.ARCHIVE
    if head.startswith(b"%PDF-") or (b"%PDF-" in head[:_PDF_WITHIN] and _is_binary(head)):
        return Form.PDF
    if head.startswith(_OLE):
        return Form.OLE
    if (
        head.startswith(_MEDIA)
        or head[4:8] == b"ftyp"
        or (head[:4] == b"RIFF" and head[8:12] in {b"WAVE", b"WEBP", b"AVI "})
    ):
        return Form.MEDIA
    if head.startswith(_PROGRAMS) and b"\0" in head:
        return Form.NO_READING
    return Form.OTHER if head.startswith(_OTHER) else None


def _is_binary(head: bytes) -> bool:
    """Return whether it is no text: a note about PDF may quote how one begins."""
    if b"\0" in head:
        return True
    try:
        head[:-4].decode()
    except UnicodeDecodeError as error:
        return error.start < len(head) - 8
    return False
