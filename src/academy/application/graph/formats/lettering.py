"""Names in a picture: how wide they are, and places where none covers another."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from academy.application.graph.formats.geometry import Box

__all__ = ["Board", "Placing", "box_of", "shortened", "width_of"]

_CELL = 48.0
_NARROW, _SPACE, _CAPITAL, _COMMON, _WIDE = 0.3, 0.28, 0.69, 0.56, 0.98
_LESS = frozenset("iljtfrI.,:;'|!()[]{}-·")


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a text is written: the middle of its line, `anchor` of SVG."""

    x: float
    y: float
    anchor: str


class Board:
    """Remembers what is taken, by names and by circles."""

    def __init__(self, box: Box) -> None:
        """Take the part of the drawing that names have to stay in."""
        self._box = box
        self._names: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._circles: dict[tuple[int, int], list[Box]] = defaultdict(list)

    def take(self, circle: Box) -> None:
        """Names should not stand here."""
        for cell in _cells(circle):
            self._circles[cell].append(circle)

    def place(
        self, candidates: Iterable[Placing], width: float, height: float, *, own: Box | None = None
    ) -> Placing | None:
        """Take the first candidate whose text covers no name and no circle but its `own`."""
        return self._place(candidates, width, height, [self._names, self._circles], own)

    def place_over(self, candidates: Iterable[Placing], width: float, height: float) -> Placing | None:
        """Take the first candidate whose text covers no name."""
        return self._place(candidates, width, height, [self._names], None)

    def _place(
        self,
        candidates: Iterable[Placing],
        width: float,
        height: float,
        kinds: list[dict[tuple[int, int], list[Box]]],
        own: Box | None,
    ) -> Placing | None:
        for placing in candidates:
            box = box_of(placing, width, height)
            if not self._box.holds(box):
                continue
            near = (taken for kind in kinds for cell in _cells(box) for taken in kind.get(cell, ()))
            if any(taken != own and taken.meets(box) for taken in near):
                continue
            for cell in _cells(box):
                self._names[cell].append(box)
            return placing
        return None


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is; a letter of Hangul or Han is as wide as it is high."""
    return sum(map(_share, text)) * size * (1.06 if bold else 1.0)


def shortened(text: str, size: float, widest: float, *, bold: bool = False) -> str:
    """Return one line that fits, with an ellipsis when something is left out."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: int(8 * widest / size)]).split())
    if width_of(text, size, bold=bold) <= widest:
        return text
    room, kept = widest / (size * (1.06 if bold else 1.0)) - _WIDE, 0
    for letter in text:
        room -= _share(letter)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip(" ·,-") + "…"


def _share(letter: str) -> float:
    """Return the width of a letter as a share of its size."""
    if letter == " ":
        return _SPACE
    if letter in _LESS:
        return _NARROW
    if letter.isascii():
        return _CAPITAL if letter.isupper() or letter in "mwMW@%&" else _COMMON
    if unicodedata.combining(letter):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else 0.62


def box_of(placing: Placing, width: float, height: float) -> Box:
    """Return what a text of this size covers."""
    left = placing.x - {"start": 0.0, "middle": width / 2, "end": width}[placing.anchor]
    return Box(left, placing.y - height / 2, left + width, placing.y + height / 2)


def _cells(box: Box) -> Iterable[tuple[int, int]]:
    for column in range(math.floor(box.left / _CELL), math.floor(box.right / _CELL) + 1):
        for row in range(math.floor(box.top / _CELL), math.floor(box.bottom / _CELL) + 1):
            yield column, row
