"""Rectangles on a sheet that meet where they must not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

from academy.domain.omr.parts import Block, CodeBox, Marker, Point, bubbles

__all__ = ["Area", "bubble_areas", "first_meeting", "mark_areas", "outside"]

BETWEEN_BUBBLES = 0.2
AROUND_MARKS = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in millimetres, and what is there: names in English and Korean."""

    left: float
    top: float
    right: float
    bottom: float
    name: str
    name_ko: str

    def meets(self, other: "Area", margin: float) -> bool:
        """Return whether less than the margin is between the two."""
        beside = self.right + margin > other.left and other.right + margin > self.left
        return beside and self.bottom + margin > other.top and other.bottom + margin > self.top


def bubble_areas(blocks: Sequence[Block]) -> list[Area]:
    """Return the rectangle around each bubble."""
    found: list[Area] = []
    for bubble in bubbles(blocks):
        block = blocks[bubble.block]
        field, choice = block.fields[bubble.field], block.choices[bubble.choice]
        names = f'choice "{choice}" of field "{field}"', f"문항 “{field}”의 선택지 “{choice}”"
        found.append(_around(bubble.centre, block.grid.width, block.grid.height, *names))
    return found


def mark_areas(markers: Sequence[Marker], code: CodeBox | None) -> list[Area]:
    """Return the rectangle around each mark of position and the QR code."""
    found = [
        _around(marker.centre, marker.size, marker.size, f"marker {n + 1}", f"{n + 1}번째 기준 표식")
        for n, marker in enumerate(markers)
    ]
    return found + ([_around(code.centre, code.size, code.size, "the QR code", "QR 코드")] if code else [])


def outside(areas: Sequence[Area], width: float, height: float) -> Area | None:
    """Return the first area that is not wholly on the page."""
    for area in areas:
        if not (area.left >= 0 and area.top >= 0 and area.right <= width and area.bottom <= height):
            return area
    return None


def first_meeting(bubbles_there: Sequence[Area], marks: Sequence[Area]) -> tuple[Area, Area] | None:
    """Return two areas that are too close to each other, None where all have room."""
    for at, mark in enumerate(marks):
        for other in marks[:at]:
            if mark.meets(other, AROUND_MARKS):
                return mark, other
        for bubble in bubbles_there:
            if mark.meets(bubble, AROUND_MARKS):
                return bubble, mark
    return _crowded(bubbles_there)


def _crowded(areas: Sequence[Area]) -> tuple[Area, Area] | None:
    """Compare each bubble with those in the cells of a raster that it touches, not with every other."""
    cell = max((max(a.right - a.left, a.bottom - a.top) for a in areas), default=1.0) + BETWEEN_BUBBLES
    raster: dict[tuple[int, int], list[Area]] = {}
    for area in areas:
        for place in _cells(area, cell):
            there = raster.setdefault(place, [])
            for other in there:
                if area.meets(other, BETWEEN_BUBBLES):
                    return area, other
            there.append(area)
    return None


def _cells(area: Area, cell: float) -> Iterator[tuple[int, int]]:
    margin = BETWEEN_BUBBLES / 2
    for x in range(floor((area.left - margin) / cell), floor((area.right + margin) / cell) + 1):
        for y in range(floor((area.top - margin) / cell), floor((area.bottom + margin) / cell) + 1):
            yield x, y


def _around(centre: Point, width: float, height: float, name: str, name_ko: str) -> Area:
    half, up = width / 2, height / 2
    return Area(centre.x - half, centre.y - up, centre.x + half, centre.y + up, name, name_ko)
