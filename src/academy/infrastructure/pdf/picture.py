"""A page as it comes out of a file, not yet decoded."""

from dataclasses import dataclass
from mmap import mmap
from typing import Protocol

from academy.domain.failures import Failure

__all__ = ["FULL", "PagePicture", "Pixels", "Scan"]

FULL = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pixels:
    """Decoded samples of a picture.

    Attributes:
        data: rows from the top, each `stride` bytes.
        channels: 1 grey, 3 red green blue.
        bits: of a sample: 8, or 1 (grey, the highest bit first, 1 is white).
    """

    data: bytes | memoryview
    width: int
    height: int
    stride: int
    channels: int = 1
    bits: int = 8


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page: a compressed picture (JPEG, PNG, TIFF), or pixels, or neither and the problem.

    Attributes:
        number: 1-based place in the file.
        file: bytes of a picture's file; of a TIFF the page is its first picture. Valid until the next page is asked for.
        width, height: of the whole picture in pixels, before cropping and turning; 0 with a problem.
        crop: left, top, right, bottom of the part to be seen, as shares of the picture.
        turns: quarter turns clockwise that a viewer makes after cropping.
        inverted: whether dark and light are exchanged.
        upright_tag: whether a turn that the picture's own file asks for (EXIF) counts.
    """

    number: int
    file: bytes | bytearray | mmap | None = None
    pixels: Pixels | None = None
    problem: Failure | None = None
    width: int = 0
    height: int = 0
    crop: tuple[float, float, float, float] = FULL
    turns: int = 0
    inverted: bool = False
    upright_tag: bool = False


class Scan(Protocol):
    """An open file of pages; `close` when done."""

    @property
    def count(self) -> int:
        """Return the number of pages, 1 or more."""
        ...

    def picture(self, number: int) -> PagePicture:
        """Return page `number`, 1-based; what is wrong with the page is in the picture, nothing is raised for it."""
        ...

    def close(self) -> None:
        """Free the file."""
        ...
