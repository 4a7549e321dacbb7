"""Lines that nobody drew: dust on the glass of a scanner, and what a telephone line loses of a fax."""

from random import Random

import numpy as np
from PIL import Image, ImageFilter

from tests.support.degrade.arrays import as_array, as_picture
from tests.support.degrade.grain import one_bit

__all__ = ["fax", "streaks_across", "streaks_down"]


def streaks_down(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Draw up to six lines from top to bottom, one to three pixels wide, dark or pale."""
    values = as_array(picture).copy()
    for _ in range(rng.randint(1, 1 + round(5 * strength))):
        at, wide = rng.randrange(20, picture.width - 20), rng.randint(1, 3)
        level, much = rng.choice((20, 60, 110, 250)), rng.uniform(0.6, 1.0)
        part = values[:, at : at + wide]
        part[...] = part * (1 - much) + level * much
    return as_picture(values)


def streaks_across(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Draw up to six lines from left to right; see `streaks_down`."""
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    return streaks_down(turned, rng, strength).transpose(Image.Transpose.ROTATE_270)


def fax(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Send the page by fax: one bit, 204 by 98 or 196 dots an inch, some lines lost, doubled or torn into dashes. The result is L."""
    sent = picture.convert("L").filter(ImageFilter.GaussianBlur(0.6))
    if rng.random() < 0.5:
        size = (picture.width, round(picture.height * 98 / 200))
        sent = sent.resize(size, Image.Resampling.BOX)
    lines = np.array(one_bit(sent, rng, 0.4 * strength))
    for _ in range(rng.randint(2, 3 + round(9 * strength))):
        at, high = rng.randrange(4, lines.shape[0] - 4), rng.randint(1, 2)
        _hurt(lines, at, high, rng)
    return Image.fromarray(lines).resize(picture.size, Image.Resampling.NEAREST)


def _hurt(lines: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], at: int, high: int, rng: Random) -> None:
    kind = rng.choice(("lost", "doubled", "dashes"))
    if kind == "lost":
        lines[at : at + high] = 255
    elif kind == "doubled":
        lines[at : at + high] = lines[at - 1]
    else:
        x = 0
        while x < lines.shape[1]:
            step = rng.randint(10, 300)
            lines[at : at + high, x : x + step] = rng.choice((0, 255))
            x += step
