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
        content_bytes: of all that draws on one page of a PDF that is rendered, unfolded.
        held_bytes: of all else that the page needs but pictures (fonts, profiles), unfolded.
        dpi: at which a PDF page is rendered that is not one scan; fewer where the page is so large that `pixels` would be passed.
    """

    pixels: int = 60_000_000
    pages: int = 2_000
    file_bytes: int = 2 << 30
    picture_bytes: int = 64 << 20
    content_bytes: int = 16 << 20
    held_bytes: int = 64 << 20
    dpi: int = 150
