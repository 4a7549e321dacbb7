"""Open a file of pages by what it is, not by what it is called."""

from contextlib import closing
from mmap import ACCESS_COPY, mmap
from pathlib import Path

from academy.infrastructure.pdf.document import PdfScan
from academy.infrastructure.pdf.failures import scan_invalid
from academy.infrastructure.pdf.files import PictureScan, TiffScan
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import Scan

__all__ = ["open_scan"]

_HEAD = 1024  # a PDF may start with rubbish of this length
_TIFF = (b"II*\x00", b"MM\x00*")


def open_scan(path: Path, limits: ScanLimits) -> closing[Scan]:
    """Open a PDF, JPEG, PNG or TIFF; a context manager. Raises ScanInvalid (see failures) and FileNotFoundError."""
    size = path.stat().st_size
    if size == 0:
        raise scan_invalid("scan_broken", "the file is empty")
    if size > limits.file_bytes:
        raise scan_invalid("scan_too_large", f"{size} bytes")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return closing(_opened(path, head, limits))


def _opened(path: Path, head: bytes, limits: ScanLimits) -> Scan:
    if b"%PDF-" in head:
        return PdfScan(path, limits)
    kind: type[PictureScan | TiffScan]
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        kind = PictureScan
    elif head.startswith(_TIFF):
        kind = TiffScan
    else:
        raise scan_invalid("scan_unknown")
    with path.open("rb") as file:
        data = mmap(file.fileno(), 0, access=ACCESS_COPY)
    try:
        return kind(data, limits)
    except BaseException:
        data.close()
        raise
