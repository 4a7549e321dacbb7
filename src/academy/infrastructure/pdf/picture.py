"""A page as it comes out of a file, not yet decoded."""

import math
from dataclasses import dataclass
from mmap import mmap
from typing import Protocol

from academy.domain.failures import Failure

__all__ = ["FULL", "PagePicture", "Pixels", "Scan", "stretch_of"]

FULL = (0.0, 0.0, 1.0, 1.0)
_SQUARE, _LONGEST = 1.2, 4.0  # how far from square pixels may be that are taken for square, and at most
_PAPER = math.sqrt(2)


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
        stretch: how much taller than wide a pixel is, as those of a fax are; before turning.
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
    stretch: float = 1.0


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


def stretch_of(width: int, height: int, told: float) -> float:
    """Return how much taller than wide a picture's pixels are, 1.0 for square ones.

    What the file tells is believed where it brings the picture nearer to the shape of paper.
    """
    if 1 / _SQUARE < told < _SQUARE or not 1 / _LONGEST < told < _LONGEST:
        return 1.0
    off_as_is, off_as_told = (
        abs(abs(math.log(height * each / width)) - math.log(_PAPER)) for each in (1.0, told)
    )
    return told if off_as_told < off_as_is else 1.0
