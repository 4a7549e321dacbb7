"""A page as it was read: columns of lines of words, and what is kept as a picture because it is no text."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from academy.domain.failures import Failure

__all__ = ["Box", "Column", "FormulaRegion", "Line", "PageText", "RegionKind", "Word", "around"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright, straightened page: from (left, top) up to, not including, (right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Return its width."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return its height."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """Return its centre, x and y."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlaps(self, other: "Box", across: float = 0.0, down: float = 0.0) -> bool:
        """Return whether both share a pixel when this one is grown by `across` and `down` on each side."""
        return (
            self.left - across < other.right
            and other.left < self.right + across
            and self.top - down < other.bottom
            and other.top < self.bottom + down
        )

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point lies in it."""
        return self.left <= x < self.right and self.top <= y < self.bottom


def around(first: Box, *others: Box) -> Box:
    """Return the smallest box that holds all."""
    boxes = (first, *others)
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


@dataclass(frozen=True, slots=True)
class Word:
    """Letters between two spaces, and how sure the reader is of them, 0 to 1."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words from left to right."""

    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """Return the words with single spaces."""
        return " ".join(word.text for word in self.words)


class RegionKind(StrEnum):
    """FORMULA: notation or letters that cannot be told for text. PICTURE: drawings, photos."""

    FORMULA = "formula"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class FormulaRegion:
    """A part of the page that is kept as a picture and never claimed as text."""

    kind: RegionKind
    box: Box


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the page that is read from top to bottom before the next."""

    lines: tuple[Line, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class PageText:
    """A page.

    Attributes:
        number: 1-based place in the file.
        width, height: of the upright page in pixels; 0 with a problem.
        turns: quarter turns clockwise that made the scan upright.
        skew: degrees clockwise by which it was straightened after that.
        columns: in reading order; a heading across two columns is one of its own.
        regions: what is no text.
        problem: why nothing was read.
    """

    number: int
    width: int = 0
    height: int = 0
    turns: int = 0
    skew: float = 0.0
    columns: tuple[Column, ...] = ()
    regions: tuple[FormulaRegion, ...] = ()
    problem: Failure | None = None

    @property
    def words(self) -> Iterator[Word]:
        """Yield the words in reading order."""
        for column in self.columns:
            for line in column.lines:
                yield from line.words
