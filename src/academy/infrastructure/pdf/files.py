"""Scans that are picture files: JPEG and PNG of one page, TIFF of any number."""

import struct
from mmap import mmap

from academy.infrastructure.pdf.failures import PAGE_BROKEN, PAGE_TOO_LARGE, page_failure, scan_invalid
from academy.infrastructure.pdf.headers import jpeg_size, png_size, tiff_pages
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture

__all__ = ["PictureScan", "TiffScan"]


class PictureScan:
    """A JPEG or PNG: one page."""

    count = 1

    def __init__(self, data: mmap, limits: ScanLimits) -> None:
        """Read the size. Raises ScanInvalid when the header is broken."""
        size = jpeg_size(data) if data[:2] == b"\xff\xd8" else png_size(data)
        if size is None or not size[0] or not size[1]:
            raise scan_invalid("scan_broken", "no size in the header")
        self._data, self._limits, self._size = data, limits, (size[0], size[1])

    def picture(self, number: int) -> PagePicture:
        """Return the page."""
        width, height = self._size
        if width * height > self._limits.pixels:
            return PagePicture(number, problem=page_failure(PAGE_TOO_LARGE, f"{width} x {height}"))
        return PagePicture(number, file=self._data, width=width, height=height, upright_tag=True)

    def close(self) -> None:
        """Unmap the file."""
        self._data.close()


class TiffScan:
    """A TIFF, its pages in the order of the file. The mapping has to be a private, writable one."""

    def __init__(self, data: mmap, limits: ScanLimits) -> None:
        """Read the sizes of all pages. Raises ScanInvalid when there are none or too many."""
        pages = tiff_pages(data, limits.pages)
        if pages is None:
            raise scan_invalid("scan_broken", "no page in the file")
        if len(pages) > limits.pages:
            raise scan_invalid("scan_too_large", f"more than {limits.pages} pages")
        self._data, self._limits, self._pages = data, limits, pages
        self._order = "<" if data[:2] == b"II" else ">"

    @property
    def count(self) -> int:
        """Return the number of pages."""
        return len(self._pages)

    def picture(self, number: int) -> PagePicture:
        """Return a page; the header in the private mapping is pointed at it, so that a decoder sees it first."""
        at, width, height = self._pages[number - 1]
        if not width or not height:
            return PagePicture(number, problem=page_failure(PAGE_BROKEN, "no size in the directory"))
        if width * height > self._limits.pixels:
            return PagePicture(number, problem=page_failure(PAGE_TOO_LARGE, f"{width} x {height}"))
        self._data[4:8] = struct.pack(self._order + "I", at)
        return PagePicture(number, file=self._data, width=width, height=height)

    def close(self) -> None:
        """Unmap the file."""
        self._data.close()
