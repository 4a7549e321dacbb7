"""Scans that are picture files: JPEG and PNG of one page, TIFF of any number."""

import struct
from contextlib import suppress
from mmap import mmap

from academy.infrastructure.pdf.failures import PAGE_BROKEN, PAGE_TOO_LARGE, page_failure, scan_invalid
from academy.infrastructure.pdf.headers import is_whole, jpeg_size, png_size
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture, stretch_of
from academy.infrastructure.pdf.tiff import TiffPage, tiff_pages

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
        if not is_whole(self._data):
            return PagePicture(number, problem=page_failure(PAGE_BROKEN, "the file is cut off"))
        return PagePicture(number, file=self._data, width=width, height=height, upright_tag=True)

    def close(self) -> None:
        """Unmap the file."""
        _unmapped(self._data)


class TiffScan:
    """A TIFF, its pages in the order of the file. The mapping has to be a private, writable one."""

    def __init__(self, data: mmap, limits: ScanLimits) -> None:
        """Read the sizes of all pages. Raises ScanInvalid when there are none or too many."""
        pages = tiff_pages(data, limits.pages)
        if pages is None:
            raise scan_invalid("scan_broken", "no page in the file")
        if len(pages) > limits.pages:
            raise scan_invalid("scan_too_large", f"more than {limits.pages} pages")
        self._data, self._limits = data, limits
        self._pages: list[TiffPage] = pages
        self._order = "<" if data[:2] == b"II" else ">"

    @property
    def count(self) -> int:
        """Return the number of pages."""
        return len(self._pages)

    def picture(self, number: int) -> PagePicture:
        """Return a page; the header in the private mapping is pointed at it, so that a decoder sees it first."""
        page = self._pages[number - 1]
        at, width, height = page.at, page.width, page.height
        if not page.whole or not width or not height:
            return PagePicture(
                number, problem=page_failure(PAGE_BROKEN, "cut off, or no size in the directory")
            )
        if width * height > self._limits.pixels:
            return PagePicture(number, problem=page_failure(PAGE_TOO_LARGE, f"{width} x {height}"))
        self._data[4:8] = struct.pack(self._order + "I", at)
        stretch = stretch_of(width, height, page.across / page.down)
        return PagePicture(number, file=self._data, width=width, height=height, stretch=stretch)

    def close(self) -> None:
        """Unmap the file."""
        _unmapped(self._data)


def _unmapped(data: mmap) -> None:
    """Unmap a file; where an error that is on its way still holds a view of it, it goes with that view."""
    with suppress(BufferError):
        data.close()
