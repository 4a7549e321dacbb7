"""What a file is by its first bytes, and which kinds an upload of each purpose may be (SEC-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from academy.domain.document.document import DocumentPurpose

__all__ = ["KINDS", "SNIFF_BYTES", "FileKind", "content_type_of", "kind_named", "sniff_kind"]

SNIFF_BYTES = 4096


class FileKind(StrEnum):
    """Kinds of files that people upload."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    MP4 = "mp4"
    MOV = "mov"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    ZIP = "zip"
    DOCX = "docx"
    PPTX = "pptx"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "md"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class _Names:
    content_type: str
    endings: tuple[str, ...]
    other_types: tuple[str, ...] = ()


_NAMES: Mapping[FileKind, _Names] = {
    FileKind.PDF: _Names("application/pdf", (".pdf",), ("application/x-pdf",)),
    FileKind.JPEG: _Names("image/jpeg", (".jpg", ".jpeg"), ("image/jpg", "image/pjpeg")),
    FileKind.PNG: _Names("image/png", (".png",)),
    FileKind.TIFF: _Names("image/tiff", (".tif", ".tiff")),
    FileKind.MP4: _Names("video/mp4", (".mp4", ".m4v")),
    FileKind.MOV: _Names("video/quicktime", (".mov", ".qt")),
    FileKind.XLSX: _Names(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (".xlsx", ".xlsm"),
        ("application/vnd.ms-excel.sheet.macroenabled.12",),
    ),
    FileKind.XLS: _Names("application/vnd.ms-excel", (".xls",)),
    FileKind.ODS: _Names("application/vnd.oasis.opendocument.spreadsheet", (".ods",)),
    FileKind.CSV: _Names("text/csv", (".csv", ".tsv", ".txt"), ("text/plain", "application/csv")),
    FileKind.ZIP: _Names("application/zip", (".zip",), ("application/x-zip-compressed",)),
    FileKind.DOCX: _Names(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)
    ),
    FileKind.PPTX: _Names(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)
    ),
    FileKind.JSON: _Names("application/json", (".json",), ("text/json",)),
    # Served as text: a page that somebody uploaded must not run under an address of ours.
    FileKind.HTML: _Names("text/plain", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")),
    FileKind.MARKDOWN: _Names("text/markdown", (".md", ".markdown", ".mdx"), ("text/x-markdown",)),
    FileKind.TEXT: _Names("text/plain", (".txt", ".text")),
}
_PAPER = (FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF)
_ARCHIVES = (FileKind.DOCX, FileKind.PPTX, FileKind.ZIP)
_TEXTS = (FileKind.MARKDOWN, FileKind.TEXT, FileKind.JSON, FileKind.HTML, FileKind.CSV)
KINDS: Mapping[DocumentPurpose, tuple[FileKind, ...]] = {
    DocumentPurpose.SCAN: _PAPER,
    DocumentPurpose.BLANK_SHEET: _PAPER,
    DocumentPurpose.PAPER: _PAPER,
    DocumentPurpose.ROSTER: (FileKind.XLSX, FileKind.XLS, FileKind.ODS, FileKind.CSV),
    DocumentPurpose.HOMEWORK: (*_PAPER, FileKind.MP4, FileKind.MOV),
    DocumentPurpose.STUDY: (FileKind.PDF, *_ARCHIVES, *_TEXTS),
}
"""The kinds of each purpose that people upload; the others are made by jobs."""


_STARTS = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
    (b"II+\x00", FileKind.TIFF),
    (b"MM\x00+", FileKind.TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.XLS),
)
_PICTURES = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif"})  # in the same boxes as films


_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
_ALIKE: Mapping[FileKind, tuple[FileKind, ...]] = {
    FileKind.XLSX: (FileKind.XLSX, FileKind.DOCX, FileKind.PPTX, FileKind.ZIP),
    FileKind.CSV: (FileKind.CSV, FileKind.MARKDOWN, FileKind.TEXT),
}


def content_type_of(kind: FileKind) -> str:
    """Return the media type under which files of a kind are stored and served."""
    return _NAMES[kind].content_type


def kind_named(file_name: str, content_type: str, kinds: tuple[FileKind, ...]) -> FileKind | None:
    """Return which of `kinds` a file says that it is, None for none; its name counts first, browsers guess types by other programs."""
    name = file_name.lower()
    media = content_type.partition(";")[0].strip().lower()
    for kind in kinds:
        if name.endswith(_NAMES[kind].endings):
            return kind
    for kind in kinds:
        if media in (_NAMES[kind].content_type, *_NAMES[kind].other_types):
            return kind
    return None


def sniff_kind(head: bytes, kinds: tuple[FileKind, ...]) -> FileKind | None:
    """Return which of `kinds` a file that begins with `head` is, None for none; text without NUL, or in UTF-16, counts as CSV.

    Kinds that only a whole file tells apart stand for one another: DOCX for ZIP and PPTX, Markdown for every kind of text.

    Sources: ISO 32000-2 (a PDF's header lies within its first 1,024 bytes), ISO/IEC 10918-1, ISO/IEC 15948, TIFF 6.0 and BigTIFF,
    ISO/IEC 14496-12 and QuickTime (brands and first boxes), APPNOTE 6.3 (ZIP: XLSX, DOCX, PPTX and ODS), MS-CFB (XLS).
    """
    found = _by_start(head) or _by_box(head) or (FileKind.PDF if b"%PDF-" in head[:1024] else None)
    if found is None and head and (b"\0" not in head or head.startswith(_WIDE)):
        found = FileKind.CSV
    return next((kind for kind in _ALIKE.get(found, (found,)) if kind in kinds), None) if found else None


def _by_start(head: bytes) -> FileKind | None:
    if head.startswith(b"PK\x03\x04"):
        # ODF has its media type as the first entry, stored as it is.
        return FileKind.ODS if b"opendocument.spreadsheet" in head[:200] else FileKind.XLSX
    return next((kind for magic, kind in _STARTS if head.startswith(magic)), None)


def _by_box(head: bytes) -> FileKind | None:
    if head[4:8] == b"ftyp":
        if head[8:12] in _PICTURES:
            return None
        return FileKind.MOV if head[8:12] == b"qt  " else FileKind.MP4
    return FileKind.MOV if head[4:8] in {b"moov", b"wide", b"mdat"} else None
