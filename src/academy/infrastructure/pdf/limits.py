"""How much of a stranger's file is decoded at most."""

from dataclasses import dataclass

__all__ = ["ScanLimits"]


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """Bounds that hold before anything is decoded.

    Attributes:
        pixels: of one page, width times height.
        pages: of one file.
        file_bytes: of the file; it is mapped, not read.
        picture_bytes: of one compressed picture within a PDF.
        dpi: at which a PDF page is rendered that is not one scan; fewer where the page is so large that `pixels` would be passed.
    """

    pixels: int = 60_000_000
    pages: int = 2_000
    file_bytes: int = 2 << 30
    picture_bytes: int = 64 << 20
    dpi: int = 150
