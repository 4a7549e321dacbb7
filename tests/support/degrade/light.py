"""How light or dark it all comes out: low contrast, a shadow, a fold, blur, and the even softness of any scanner."""

from random import Random

import numpy as np
from PIL import Image, ImageFilter

from tests.support.degrade.arrays import as_array, as_picture

__all__ = ["blur", "fold", "low_contrast", "scanned", "shadow"]


def scanned(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Return what a good scanner makes of the page: a little soft, paper not quite white, black not quite black."""
    soft = picture.filter(ImageFilter.GaussianBlur(0.3 + 0.4 * rng.random() * strength))
    low, high = rng.uniform(0, 22), rng.uniform(238, 255)
    return soft.point(
        [round(low + (high - low) * level / 255) for level in range(256)] * len(picture.getbands())
    )


def low_contrast(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Squeeze the greys: a toner that runs dry, grey recycled paper, a scan that is too dark or too pale."""
    span = 235 - rng.uniform(0.5, 1.0) * 145 * strength
    low = rng.uniform(20, 235 - span) if span < 215 else 20.0
    return picture.point([round(low + span * level / 255) for level in range(256)] * len(picture.getbands()))


def shadow(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Lay the soft-edged shadow of a hand, a phone or the book's spine over a side of the page."""
    w, h = picture.size
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, w, dtype=np.float32)[None, :] * np.float32(np.cos(angle))
    down = np.linspace(-0.5, 0.5, h, dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    edge = (across + down - np.float32(rng.uniform(-0.2, 0.3))) / np.float32(rng.uniform(0.02, 0.2))
    darker = 1 - strength * rng.uniform(0.25, 0.5) / (1 + np.exp(-np.clip(edge * 4, -30, 30)))
    return _times(picture, darker.astype(np.float32))


def fold(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Show the crease of a page that was folded once or twice."""
    w, h = picture.size
    factor = np.ones((h, w), dtype=np.float32)
    for place in rng.sample((0.33, 0.5, 0.66), rng.randint(1, 2)):
        flat = rng.random() < 0.7
        length, at = (h, h * place) if flat else (w, w * place)
        away = np.arange(length, dtype=np.float32) - np.float32(at + rng.uniform(-20, 20))
        crease = 1 - strength * rng.uniform(0.2, 0.45) * np.exp(
            -((away / np.float32(rng.uniform(1, 2.5))) ** 2)
        )
        slope = 1 - strength * 0.12 * np.exp(-np.abs(away) / 60) * (away > 0)
        line = (crease * slope).astype(np.float32)
        factor *= line[:, None] if flat else line[None, :]
    return _times(picture, factor)


def blur(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Put the page out of focus: a radius of up to 2 pixels at 200 dpi."""
    return picture.filter(ImageFilter.GaussianBlur(0.6 + 1.4 * strength * rng.uniform(0.4, 1.0)))


def _times(picture: Image.Image, factor: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Image.Image:
    values = as_array(picture)
    return as_picture(values * (factor[:, :, None] if values.ndim == 3 else factor))
