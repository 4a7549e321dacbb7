"""Movements of a pen over one bubble, in millimetres from the bubble's centre, x to the right and y down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

__all__ = ["Stroke", "around", "cross", "dot", "fill", "strike", "tail", "tick"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through `points` (mm), `width` mm wide, its ends round. One point is a dot."""

    points: tuple[tuple[float, float], ...]
    width: float


def fill(
    rng: Random, size: tuple[float, float], pen: float, *, share: float = 1.0, slop: float = 0.1
) -> list[Stroke]:
    """Return the zigzag that fills a bubble of `size` (mm): about `share` of it, its turns up to `slop` mm off the outline."""
    half_w, half_h = size[0] / 2 - pen / 3, size[1] / 2 - pen / 3
    angle = rng.uniform(-0.5, 0.5) + (math.pi / 2 if rng.random() < 0.5 else 0.0)
    reach = 0.95 * math.hypot(half_w * math.sin(angle), half_h * math.cos(angle))
    lines = max(1, math.ceil(2 * reach * share / (pen * rng.uniform(0.62, 0.82))))
    from_side = rng.choice((-1, 1))
    points: list[tuple[float, float]] = []
    for at in range(lines + 1):
        off = from_side * reach * (2 * share * at / lines - 1)
        chord = _chord(angle, off, half_w, half_h)
        if chord is None:
            continue
        near, far = chord if at % 2 else (chord[1], chord[0])
        points += [_off(rng, near, slop), _off(rng, far, slop)]
    if len(points) < 2:
        points = [(-half_w / 2, 0.0), (half_w / 2, 0.0)]
    return [Stroke(tuple(points), pen)]


def tick(rng: Random, size: tuple[float, float], pen: float) -> list[Stroke]:
    """Return a check mark over a bubble; it sticks out at the upper right."""
    w, h = size
    points = [(-0.42 * w, -0.05 * h), (-0.08 * w, 0.42 * h), (0.62 * w, -0.75 * h)]
    return [Stroke(_shaky(rng, points, 0.08 * h), pen * rng.uniform(1.0, 1.3))]


def cross(rng: Random, size: tuple[float, float], pen: float) -> list[Stroke]:
    """Return an X over a bubble."""
    w, h = size[0] * rng.uniform(0.42, 0.55), size[1] * rng.uniform(0.5, 0.65)
    return [
        Stroke(_shaky(rng, [(-w, -h), (w, h)], 0.1 * h), pen * rng.uniform(1.0, 1.3)),
        Stroke(_shaky(rng, [(w, -h), (-w, h)], 0.1 * h), pen * rng.uniform(1.0, 1.3)),
    ]


def around(rng: Random, size: tuple[float, float], pen: float) -> list[Stroke]:
    """Return a ring around a bubble; it closes a little beyond where it began."""
    wide, high = size[0] * rng.uniform(0.62, 0.75), size[1] * rng.uniform(0.7, 0.85)
    start = rng.uniform(0, 2 * math.pi)
    points = [
        (
            wide * math.cos(start + turn) * rng.uniform(0.96, 1.04),
            high * math.sin(start + turn) * rng.uniform(0.96, 1.04),
        )
        for turn in (step * 0.25 for step in range(27))
    ]
    return [Stroke(tuple(points), pen)]


def dot(rng: Random, size: tuple[float, float], pen: float) -> list[Stroke]:
    """Return the dot of a pen that rested on the bubble and went no further."""
    at = (rng.uniform(-0.2, 0.2) * size[0], rng.uniform(-0.2, 0.2) * size[1])
    return [Stroke((at, (at[0] + 0.05, at[1] + 0.05)), pen * rng.uniform(0.9, 1.3))]


def tail(rng: Random, size: tuple[float, float], pen: float, length: float) -> list[Stroke]:
    """Return a line that leaves the bubble by `length` mm, as of a hand that moved on before the pen was lifted."""
    angle = rng.uniform(0, 2 * math.pi)
    start = (0.3 * size[0] * math.cos(angle), 0.3 * size[1] * math.sin(angle))
    reach = length + math.hypot(size[0] / 2 * math.cos(angle), size[1] / 2 * math.sin(angle))
    end = (reach * math.cos(angle + 0.15), reach * math.sin(angle + 0.15))
    return [Stroke(_shaky(rng, [start, end], 0.1), pen * 0.8)]


def strike(rng: Random, size: tuple[float, float], pen: float) -> list[Stroke]:
    """Return the two long lines by which a filled bubble is taken back."""
    w, h = size[0] * 0.85, size[1] * 0.95
    return [
        Stroke(_shaky(rng, [(-w, -h), (w, h)], 0.2), pen),
        Stroke(_shaky(rng, [(-w, h), (w, -h)], 0.2), pen),
    ]


def _chord(
    angle: float, off: float, half_w: float, half_h: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return where the line at `angle`, `off` mm beside the centre, enters and leaves the ellipse."""
    ux, uy = math.cos(angle), math.sin(angle)
    px, py = -uy * off, ux * off
    a = (ux / half_w) ** 2 + (uy / half_h) ** 2
    b = 2 * (px * ux / half_w**2 + py * uy / half_h**2)
    c = (px / half_w) ** 2 + (py / half_h) ** 2 - 1
    inside = b * b - 4 * a * c
    if inside <= 0:
        return None
    root = math.sqrt(inside)
    low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    return (px + low * ux, py + low * uy), (px + high * ux, py + high * uy)


def _off(rng: Random, point: tuple[float, float], by: float) -> tuple[float, float]:
    return point[0] + rng.uniform(-by, by), point[1] + rng.uniform(-by, by)


def _shaky(rng: Random, corners: Sequence[tuple[float, float]], by: float) -> tuple[tuple[float, float], ...]:
    """Return the way through `corners` with a bend in the middle of each part."""
    points = [_off(rng, corners[0], by)]
    for before, after in pairwise(corners):
        middle = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
        points += [_off(rng, middle, by / 2), _off(rng, after, by)]
    return tuple(points)
