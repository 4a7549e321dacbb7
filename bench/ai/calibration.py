"""Whether confidence means what it says: of readings at 0.98, 98 of 100 ought to be right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path

from PIL import Image, ImageDraw

__all__ = ["Group", "groups", "plot"]

_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.000001)
_SIDE, _EDGE = 420, 60


@dataclass(frozen=True, slots=True)
class Group:
    """Readings whose confidence lies from `low` to below `high`: how many, their mean confidence, and the share that is right."""

    low: float
    high: float
    many: int
    confidence: float
    right: float


def groups(readings: Iterable[tuple[float, bool]]) -> list[Group]:
    """Return ten groups of (confidence, right), finer towards 1, without the empty ones."""
    held: list[list[tuple[float, bool]]] = [[] for _ in _EDGES[1:]]
    for confidence, right in readings:
        held[sum(confidence >= edge for edge in _EDGES[1:-1])].append((confidence, right))
    return [
        Group(
            low,
            min(high, 1.0),
            len(some),
            sum(confidence for confidence, _ in some) / len(some),
            sum(right for _, right in some) / len(some),
        )
        for low, high, some in zip(_EDGES, _EDGES[1:], held, strict=False)
        if some
    ]


def plot(found: Sequence[Group], target: Path) -> None:
    """Draw the curve as a PNG: groups in order across, and for each the confidence (ring) and the share that was right (disc).

    The height is the share of errors on a scale of powers of ten, 50 % at the bottom and 0.01 % or less at the top.
    """
    picture = Image.new("RGB", (_SIDE + 2 * _EDGE + 200, _SIDE + 2 * _EDGE), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((_EDGE, 16), "errors: said (ring) and seen (disc), by confidence", fill="black")
    for share in (0.5, 0.1, 0.01, 0.001, 0.0001):
        y = _height(share)
        pen.line((_EDGE, y, _EDGE + _SIDE + 180, y), fill=(215, 215, 215))
        pen.text((8, y - 6), f"{share:.2%}", fill="black")
    seen: list[tuple[float, float]] = []
    for at, group in enumerate(found):
        x = _EDGE + 30 + at * (_SIDE + 150) / max(1, len(found) - 1 or 1)
        said, was = _height(1 - group.confidence), _height(1 - group.right)
        seen.append((x, was))
        pen.ellipse((x - 6, said - 6, x + 6, said + 6), outline=(40, 90, 200), width=2)
        pen.ellipse((x - 4, was - 4, x + 4, was + 4), fill=(200, 60, 40))
        pen.text((x - 16, _SIDE + _EDGE + 10), f"{group.low:g}", fill="black")
        pen.text((x - 16, _SIDE + _EDGE + 24), f"{group.many}", fill=(110, 110, 110))
    if len(seen) > 1:
        pen.line(seen, fill=(200, 60, 40), width=1)
    picture.save(target)


def _height(errors: float) -> float:
    """Return the y of a share of errors."""
    low, high = log10(0.0001), log10(0.5)
    return _EDGE + _SIDE * (log10(min(0.5, max(0.0001, errors))) - low) / (high - low)
