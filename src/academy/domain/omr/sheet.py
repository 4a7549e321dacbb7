"""The one specification of an answer sheet: drawing, reading and scoring follow it (OMR-1, OMR-3).

Lengths are millimetres from the upper left corner of the upright page, x to the right and y down. A specification may describe a sheet
that this system printed or another vendor's.
"""

from dataclasses import dataclass

from academy.domain.failures import Failure
from academy.domain.omr.parts import (
    A4_LONG,
    A4_SHORT,
    Anchor,
    Block,
    Bubble,
    CodeBox,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    bubbles,
)
from academy.domain.omr.rules import problem_of

__all__ = [
    "A4_LONG",
    "A4_SHORT",
    "Anchor",
    "Block",
    "Bubble",
    "CodeBox",
    "Grid",
    "Marker",
    "MarkerKind",
    "Point",
    "Purpose",
    "Run",
    "Shape",
    "SheetSpec",
    "SpecInvalid",
    "bubbles",
]


class SpecInvalid(ValueError):
    """A specification contradicts itself; `failure` says where and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet. Raises SpecInvalid when it contradicts itself.

    Attributes:
        id: of the specification, as the QR code of a printed sheet names it; 1 to 40 of A-Z a-z 0-9 . _ -
        version: of the specification; a sheet printed by another version is another sheet.
        width, height: of the page, upright.
        code: None for a sheet without a QR code; then pages are matched by their identifier alone.
    """

    id: str
    version: int
    width: float
    height: float
    anchor: Anchor
    markers: tuple[Marker, ...]
    code: CodeBox | None
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn or read."""
        problem = problem_of(self)
        if problem is not None:
            raise SpecInvalid(problem)

    @property
    def questions(self) -> tuple[str, ...]:
        """Return the questions in the order of the sheet: fields of CHOICE blocks and names of NUMBER blocks."""
        found: list[str] = []
        for block in self.blocks:
            if block.purpose is Purpose.CHOICE:
                found += block.fields
            elif block.purpose is Purpose.NUMBER:
                found.append(block.name)
        return tuple(found)
