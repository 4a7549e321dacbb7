"""What an answer sheet consists of: places, marks of position, blocks of bubbles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

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
    "bubbles",
]

A4_SHORT, A4_LONG = 210.0, 297.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the page in millimetres."""

    x: float
    y: float


class Anchor(StrEnum):
    """How a reader finds where the page lies in a picture.

    MARKERS: by the marks that the specification lists, three or more. EDGE: by the edge of the paper, for photos of sheets without marks.
    BLANK: by comparison with a scan of the empty sheet, kept beside the specification.
    """

    MARKERS = "markers"
    EDGE = "edge"
    BLANK = "blank"


class MarkerKind(StrEnum):
    """ARUCO: a square of dictionary 4x4_50, whose number says which corner it is. SQUARE: filled. L: an angle of two bars, its corner outwards.

    RINGS: a filled disc within a ring.
    """

    ARUCO = "aruco"
    SQUARE = "square"
    L = "l"
    RINGS = "rings"


@dataclass(frozen=True, slots=True)
class Marker:
    """A mark that gives the page away; `size` is its side or diameter, `number` the one of an ARUCO, else 0."""

    kind: MarkerKind
    centre: Point
    size: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class CodeBox:
    """Where the QR code stands: its centre and the side of the square, quiet zone not counted."""

    centre: Point
    size: float


class Shape(StrEnum):
    """The outline of a bubble."""

    ELLIPSE = "ellipse"
    BOX = "box"


class Run(StrEnum):
    """Which way the fields of a block follow each other; the choices of a field follow at a right angle.

    DOWN: every field is a row and its choices stand side by side (questions). ACROSS: every field is a column and its choices stand
    below one another (digits).
    """

    DOWN = "down"
    ACROSS = "across"


class Purpose(StrEnum):
    """CHOICE: every field is a question. NUMBER: the fields are the digits of one question's number. IDENTIFIER: of the student's."""

    CHOICE = "choice"
    NUMBER = "number"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the bubbles of a block stand.

    Attributes:
        first: centre of the first bubble of the first field.
        field_step: from one field to the next, along the block's run.
        choice_step: from one choice to the next, at a right angle to it.
        width, height: of a bubble.
    """

    first: Point
    field_step: float
    choice_step: float
    width: float
    height: float
    shape: Shape = Shape.ELLIPSE


@dataclass(frozen=True, slots=True)
class Block:
    """Fields that are marked alike.

    Attributes:
        name: unique in the sheet; of a NUMBER block the name of its question.
        fields: names, unique in the sheet; of a CHOICE block its questions ("1", "2", …).
        choices: what each bubble of a field stands for, in order; a digit block has "0" to "9", or what else may stand there.
    """

    name: str
    purpose: Purpose
    run: Run
    grid: Grid
    fields: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One place to mark: where it is, and what it means."""

    block: int
    field: int
    choice: int
    centre: Point


def bubbles(blocks: Sequence[Block]) -> Iterator[Bubble]:
    """Yield every bubble: block by block, field by field, choice by choice."""
    for at, block in enumerate(blocks):
        grid, down = block.grid, block.run is Run.DOWN
        for field in range(len(block.fields)):
            for choice in range(len(block.choices)):
                along, aside = field * grid.field_step, choice * grid.choice_step
                dx, dy = (aside, along) if down else (along, aside)
                yield Bubble(at, field, choice, Point(grid.first.x + dx, grid.first.y + dy))
