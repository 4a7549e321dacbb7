"""Scans that are PDFs: a page that is one embedded picture gives that picture, any other is rendered."""

import math
from contextlib import suppress
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]

from academy.infrastructure.pdf.embedded import embedded
from academy.infrastructure.pdf.failures import (
    PAGE_BROKEN,
    PAGE_TOO_COMPLEX,
    PAGE_TOO_LARGE,
    page_failure,
    scan_invalid,
)
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture, Pixels
from academy.infrastructure.pdf.tables import unfolds_too_far
from academy.infrastructure.pdf.weight import too_heavy

__all__ = ["PdfScan"]

_POINTS = 72.0


class PdfScan:
    """A PDF, open."""

    def __init__(self, path: Path, limits: ScanLimits) -> None:
        """Open it and count its pages. Raises ScanInvalid."""
        self._path, self._limits = path, limits
        self._rendering: pdfium.PdfDocument | None = None
        if unfolds_too_far(path, limits):
            raise scan_invalid("scan_too_complex")
        try:
            self._pdf = pikepdf.open(path, suppress_warnings=True)
            self.count = len(self._pdf.pages)
        except pikepdf.PasswordError as error:
            raise scan_invalid("scan_encrypted") from error
        except (pikepdf.PdfError, RuntimeError, ValueError) as error:
            raise scan_invalid("scan_broken", str(error)) from error
        if not 0 < self.count <= limits.pages:
            self._pdf.close()
            code = "scan_too_large" if self.count else "scan_broken"
            raise scan_invalid(code, f"{self.count} pages")

    def picture(self, number: int) -> PagePicture:
        """Return a page."""
        try:
            found = embedded(self._pdf.pages[number - 1], number, self._limits)
            return found if found is not None else self._rendered(number)
        except (pikepdf.PdfError, pdfium.PdfiumError, RuntimeError, ValueError, TypeError, KeyError) as error:
            return PagePicture(number, problem=page_failure(PAGE_BROKEN, f"{type(error).__name__}: {error}"))

    def _rendered(self, number: int) -> PagePicture:
        """Render in grey. A page that pdfium refuses raises PdfiumError."""
        heavy = too_heavy(self._pdf.pages[number - 1], self._limits)
        if heavy:
            return PagePicture(number, problem=page_failure(PAGE_TOO_COMPLEX, heavy))
        if self._rendering is None:
            self._rendering = pdfium.PdfDocument(self._path)
        page = self._rendering[number - 1]
        try:
            width, height = page.get_size()
            if not width * height:
                return PagePicture(number, problem=page_failure(PAGE_BROKEN, "a page without size"))
            scale = min(self._limits.dpi / _POINTS, math.sqrt(self._limits.pixels / (width * height)))
            if scale * _POINTS < self._limits.dpi / 4:
                return PagePicture(number, problem=page_failure(PAGE_TOO_LARGE, f"{width} x {height} points"))
            bitmap = page.render(scale=scale, grayscale=True)
            try:
                pixels = Pixels(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels
                )
            finally:
                bitmap.close()
        finally:
            page.close()
        return PagePicture(number, pixels=pixels, width=pixels.width, height=pixels.height)

    def close(self) -> None:
        """Free both views of the file."""
        with suppress(pikepdf.PdfError):
            self._pdf.close()
        if self._rendering is not None:
            self._rendering.close()
