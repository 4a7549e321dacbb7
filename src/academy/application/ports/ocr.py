"""Port: read print. One side finds what stands where on a page, the other tells letters.

All of it is work of the processor on files of this machine: nothing here is asynchronous, and a caller runs it in a process of its own.
Pictures come from strangers: a layout bounds pixels, pages and bytes before it decodes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.ocr.page import Box, FormulaRegion, Line, Word

__all__ = ["ColumnPicture", "LaidOut", "OcrEngine", "OcrFailed", "PageLayouts"]


class OcrFailed(Exception):
    """The engine is missing (`ocr_unavailable`), took too long or broke down; `failure` says which and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class OcrEngine(Protocol):
    """Tells letters. Raises OcrFailed, never answers an outage with no text."""

    def recognise(self, picture: Path) -> tuple[Line, ...]:
        """Return the lines of a picture that holds one column of print, boxes in its pixels; none where there is no print."""
        ...

    def digits(self, picture: Path) -> tuple[Word, ...]:
        """Return what a row of single digits says, each with its box; none where this engine cannot tell them."""
        ...

    def turns(self, picture: Path) -> int:
        """Return by how many quarter turns clockwise a page has to be turned to be upright; 0 where that cannot be told.

        The page comes with its rows most likely level, so an answer of 1 or 3 has to be surer than one of 2.
        """
        ...


@dataclass(frozen=True, slots=True)
class ColumnPicture:
    """One column, upright and straight, everything that is no text painted over.

    Attributes:
        box: of the column on the page.
        file: its picture.
        scale: pixels of the picture for one of the page.
        room: white margin in the picture, pixels on each side.
        signs: boxes on the page where a formula shows itself: fraction bars with their terms, roots, integrals.
        rings: boxes on the page of circled numbers (①), painted over in the picture.
        ring_row: a picture of the numbers within the rings side by side, None without rings.
        ring_step: width in `ring_row` of each, in the order of `rings`.
    """

    box: Box
    file: Path
    scale: float
    room: int
    signs: tuple[Box, ...] = ()
    rings: tuple[Box, ...] = ()
    ring_row: Path | None = None
    ring_step: int = 0


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A page whose parts were found, or the problem.

    Attributes:
        number: 1-based place in the file.
        picture: the page, upright and straight; boxes are its pixels.
        glyph: height of a letter in pixels, 0 without any.
        columns: in reading order.
        regions: pictures.
    """

    number: int
    picture: Path | None = None
    width: int = 0
    height: int = 0
    turns: int = 0
    skew: float = 0.0
    glyph: float = 0.0
    columns: tuple[ColumnPicture, ...] = ()
    regions: tuple[FormulaRegion, ...] = ()
    problem: Failure | None = None


class PageLayouts(Protocol):
    """Finds what stands where."""

    def pages(self, scan: Path, folder: Path, turns: Callable[[Path], int]) -> Iterator[LaidOut]:
        """Yield the pages of a PDF, JPEG, PNG or TIFF in order; their pictures are written into `folder` and stay there.

        `turns` says how a page lies (see OcrEngine.turns). A page that cannot be opened has a problem and never ends the rest. Raises
        ScanInvalid before the first page when the file holds none.
        """
        ...

    def count(self, scan: Path) -> int:
        """Return the number of pages. Raises ScanInvalid."""
        ...

    def tight(self, picture: Path, box: Box) -> Box | None:
        """Return a box of a page drawn in from above and below to what is printed in it, None for an empty one. Raises OSError."""
        ...

    def cut(self, parts: Sequence[tuple[Path, Box]], target: Path) -> None:
        """Write parts of pages, one under the other, as a PNG. Raises OSError."""
        ...
