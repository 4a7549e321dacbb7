"""A phone's photo of the page: lying on a desk, seen from an angle, lit from one side."""

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.support.degrade.arrays import as_array, as_picture, field_of, numbers

__all__ = ["photo"]

_Point = tuple[float, float]


def photo(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Photograph the page. The result is RGB, larger than the page, and shows all four corners of the paper."""
    page = picture.convert("RGB")
    w, h = page.size
    size = (round(w * rng.uniform(1.12, 1.25)), round(h * rng.uniform(1.08, 1.2)))
    corners = _corners(rng, (w, h), size, strength)
    terms = _perspective(corners, [(0, 0), (w, 0), (w, h), (0, h)])
    seen = page.transform(size, Image.Transform.PERSPECTIVE, terms, Image.Resampling.BICUBIC)
    white = Image.new("L", (w, h), 255)
    where = white.transform(size, Image.Transform.PERSPECTIVE, terms, Image.Resampling.BILINEAR)
    lying = Image.composite(seen, _desk(rng, size), where)
    lit = _lit(lying.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.4 + 0.5 * strength))), rng, strength)
    grain = numbers(rng).standard_normal((size[1], size[0]), dtype=np.float32)
    return as_picture(lit + (grain * rng.uniform(1, 2 + 3 * strength))[:, :, None])


def _corners(rng: Random, page: tuple[int, int], size: tuple[int, int], strength: float) -> list[_Point]:
    """Return where the corners of the paper lie in the photo: upper left, upper right, lower right, lower left."""
    left, top = (size[0] - page[0]) / 2, (size[1] - page[1]) / 2
    reach_x, reach_y = left * 0.9, top * 0.9
    into_x, into_y = 0.07 * strength * page[0], 0.05 * strength * page[1]
    found = []
    for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)):
        dx = rng.uniform(-reach_x * strength, into_x)
        dy = rng.uniform(-reach_y * strength, into_y)
        found.append(
            (left + dx if x == 0 else size[0] - left - dx, top + dy if y == 0 else size[1] - top - dy)
        )
    return found


def _perspective(inner: Sequence[_Point], outer: Sequence[_Point]) -> tuple[float, ...]:
    """Return the eight terms of the map that takes the four points `inner` to `outer`."""
    rows, right = [], []
    for (x, y), (u, v) in zip(inner, outer, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))
    return tuple(float(term) for term in solved)


def _desk(rng: Random, size: tuple[int, int]) -> Image.Image:
    """Return what the page lies on: wood, grey cloth, or a dark table."""
    tone = rng.choice(((150, 112, 78), (96, 98, 102), (52, 46, 44), (186, 170, 148)))
    fine, coarse = field_of(rng, size, (6, 90)), field_of(rng, size, (12, 12))
    grain = fine * np.float32(0.25) + coarse * np.float32(0.2) + np.float32(0.75)
    return as_picture(grain[:, :, None] * np.asarray(tone, dtype=np.float32))


def _lit(picture: Image.Image, rng: Random, strength: float) -> NDArray[np.float32]:
    """Return the picture under a lamp at one side, its light a little warm or cold."""
    w, h = picture.size
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, w, dtype=np.float32)[None, :] * np.float32(np.cos(angle))
    down = np.linspace(-0.5, 0.5, h, dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    light = 1 - strength * 0.35 * (across + down + 0.5) - 0.12 * strength * field_of(rng, (w, h), (4, 5))
    warm = rng.uniform(-0.05, 0.08)
    tint = np.asarray([1.0, 1 - abs(warm) * 0.3, 1 - warm], dtype=np.float32) * np.float32(
        rng.uniform(0.85, 0.97)
    )
    return as_array(picture) * light[:, :, None] * tint
