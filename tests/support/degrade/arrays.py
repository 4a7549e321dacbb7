"""Pictures as arrays and back. Pictures are RGB or L."""

from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["as_array", "as_picture", "field_of", "numbers"]


def as_array(picture: Image.Image) -> NDArray[np.float32]:
    """Return the picture as floats 0 to 255, shape (height, width) or (height, width, 3)."""
    return np.asarray(picture, dtype=np.float32)


def as_picture(values: NDArray[np.float32]) -> Image.Image:
    """Return floats as a picture, cut to 0 to 255."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def numbers(rng: Random) -> np.random.Generator:
    """Return a generator for arrays that follows from `rng`."""
    return np.random.default_rng(rng.getrandbits(64))


def field_of(rng: Random, size: tuple[int, int], cells: tuple[int, int]) -> NDArray[np.float32]:
    """Return a smooth random field, 0 to 1, of `size` (width, height) pixels with `cells` (across, down) independent values."""
    coarse = numbers(rng).random((cells[1], cells[0]), dtype=np.float32)
    soft = Image.fromarray((coarse * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(soft, dtype=np.float32) / np.float32(255)
