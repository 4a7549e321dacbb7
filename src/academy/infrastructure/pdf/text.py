"""The text that a document holds: the text layer of a PDF, or a text file. Nothing is recognised."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]

from academy.application.ports.sheets import ScanInvalid
from academy.domain.failures import Failure
from academy.infrastructure.pdf.failures import PAGE_TOO_COMPLEX, page_failure, scan_invalid
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.tables import unfolds_too_far
from academy.infrastructure.pdf.weight import too_heavy

__all__ = ["text_of"]

_HEAD = 1024
_BYTES_OF_A_CHARACTER = 4
_MOST_PAGES = 300
_LIMITS = ScanLimits(content_bytes=4 << 20)
"""A letter of a page takes hundreds of bytes while its text is taken; a page of close print draws with some hundred kilobytes."""
_ENCODINGS = ("utf-8-sig", "cp949")
_NO_TEXT_FILE = Failure(
    "document_not_text",
    "The file is neither a PDF nor a text; save it as one of them and upload it again.",
    "PDF도 텍스트도 아닌 파일입니다. PDF나 텍스트 파일로 저장해 다시 올려 주세요.",
    stage="open",
)


def text_of(path: Path, most: int) -> tuple[str, bool]:
    """Return up to `most` characters and whether there were more; "" where there are only pictures. Raises ScanInvalid."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if b"%PDF-" not in head:
            data = head + file.read(_BYTES_OF_A_CHARACTER * (most + 1))
            return _cut(_decoded(data), most)
    return _cut(_layer(path, most), most)


def _cut(text: str, most: int) -> tuple[str, bool]:
    text = text.replace("\r\n", "\n").strip()
    return text[:most], len(text) > most


def _decoded(data: bytes) -> str:
    """Return a text file's text. One that holds NUL is none. Raises ScanInvalid."""
    if not data:
        return ""
    if b"\0" not in data:
        for encoding in _ENCODINGS:
            for end in range(len(data), max(0, len(data) - _BYTES_OF_A_CHARACTER), -1):  # the last may be cut
                try:
                    return data[:end].decode(encoding)
                except UnicodeDecodeError:
                    continue
    raise ScanInvalid(_NO_TEXT_FILE)


def _layer(path: Path, most: int) -> str:
    """Return the text of the pages. Raises ScanInvalid, `page_too_complex` for a page that would unfold to more than text is."""
    if unfolds_too_far(path, _LIMITS):
        raise scan_invalid("scan_too_complex")
    try:
        with pikepdf.open(path, suppress_warnings=True) as pages, _pdfium(path) as document:
            return _texts(pages, document, most)
    except pikepdf.PasswordError as error:
        raise scan_invalid("scan_encrypted") from error
    except (pikepdf.PdfError, pdfium.PdfiumError, RuntimeError, ValueError) as error:
        raise scan_invalid("scan_broken", str(error)) from error


@contextmanager
def _pdfium(path: Path) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(path)
    try:
        yield document
    finally:
        document.close()


def _texts(pages: pikepdf.Pdf, document: pdfium.PdfDocument, most: int) -> str:
    parts: list[str] = []
    size = 0
    for number in range(min(len(document), len(pages.pages), _MOST_PAGES)):
        heavy = too_heavy(pages.pages[number], _LIMITS)
        if heavy:
            raise ScanInvalid(page_failure(PAGE_TOO_COMPLEX, f"page {number + 1}: {heavy}"))
        page = document[number].get_textpage().get_text_bounded()
        parts.append(page)
        size += len(page)
        if size > most:
            break
    return "\n".join(parts)
