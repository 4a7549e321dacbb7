"""Noise, JPEG, and pictures of one bit."""

import io
from random import Random

import numpy as np
from PIL import Image

from tests.support.degrade.arrays import as_array, as_picture, numbers

__all__ = ["dithered", "gauss", "jpeg", "one_bit", "salt"]

JPEG_WORST = 35


def gauss(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Add the noise of a sensor: up to 22 levels of standard deviation."""
    noise = numbers(rng).standard_normal((picture.height, picture.width), dtype=np.float32)
    values = as_array(picture)
    noise *= np.float32(rng.uniform(6, 8 + 14 * strength))
    return as_picture(values + (noise[:, :, None] if values.ndim == 3 else noise))


def salt(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Turn up to 2.5 in a hundred pixels black or white."""
    chance = numbers(rng).random((picture.height, picture.width), dtype=np.float32)
    share = np.float32(rng.uniform(0.002, 0.005 + 0.02 * strength))
    values = as_array(picture).copy()
    values[chance < share / 2] = 0
    values[chance > 1 - share / 2] = 255
    return as_picture(values)


def jpeg(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Save and load the page as JPEG, quality 90 down to 35."""
    quality = (
        JPEG_WORST if strength >= 1 else round(90 - (90 - JPEG_WORST) * strength * rng.uniform(0.6, 1.0))
    )
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality)
    return Image.open(io.BytesIO(held.getvalue())).convert(picture.mode)


def one_bit(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Scan as black and white: everything darker than a threshold is black. The result is L, of 0 and 255."""
    limit = rng.uniform(150, 165) + rng.uniform(-10, 25) * strength
    return picture.convert("L").point([0 if level < limit else 255 for level in range(256)])


def dithered(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Scan as black and white with greys as a pattern of dots. The result is L, of 0 and 255."""
    return picture.convert("L").convert("1").convert("L")
