"""Laying strokes on the picture of a page, as ink, pencil, or what a rubber left of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from academy.infrastructure.scribble.strokes import Stroke

__all__ = ["Ink", "Sheet", "lay", "rub", "smear"]

_FINER = 3
_ROOM_MM = 1.2


@dataclass(frozen=True, slots=True)
class Ink:
    """What a pen leaves: `colour` (RGB), how much of the paper it hides (0 to 1), and how grainy it is (0: ink, 0.4: soft pencil)."""

    colour: tuple[int, int, int]
    cover: float
    grain: float = 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The picture of a page, RGB, and its pixels for a millimetre."""

    picture: Image.Image
    per_mm: float


def lay(sheet: Sheet, at: tuple[float, float], strokes: Sequence[Stroke], ink: Ink, rng: Random) -> None:
    """Draw `strokes` around the place `at` (mm of the page)."""
    drawn = _coverage(sheet, at, strokes)
    if drawn is not None:
        box, cover = drawn
        _blend(sheet.picture, box, cover, ink, rng)


def rub(
    sheet: Sheet, at: tuple[float, float], strokes: Sequence[Stroke], ink: Ink, left: float, rng: Random
) -> None:
    """Draw what a rubber leaves of `strokes`: a share `left` of their cover, most of it smeared."""
    drawn = _coverage(sheet, at, strokes)
    if drawn is None:
        return
    box, cover = drawn
    soft = Image.fromarray((cover * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.35 * sheet.per_mm)
    )
    smeared = np.asarray(soft, dtype=np.float32) / np.float32(255)
    _blend(
        sheet.picture, box, (np.float32(0.7) * smeared + np.float32(0.3) * cover) * np.float32(left), ink, rng
    )


def smear(sheet: Sheet, at: tuple[float, float], size: tuple[float, float], strength: float) -> None:
    """Draw the grey of a hand that passed over pencil: an oval of `size` mm, soft, hiding up to `strength` of the paper."""
    w, h = max(8, round(size[0] * sheet.per_mm)), max(8, round(size[1] * sheet.per_mm))
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    cover = np.clip(1 - (x * x + y * y), 0, 1) * np.float32(strength)
    left, top = round(at[0] * sheet.per_mm - w / 2), round(at[1] * sheet.per_mm - h / 2)
    box = (left, top, left + w, top + h)
    if left >= 0 and top >= 0 and box[2] <= sheet.picture.width and box[3] <= sheet.picture.height:
        _blend(sheet.picture, box, cover, Ink((70, 70, 75), 1.0), Random(0))  # noqa: S311 (a fixed pattern)


def _coverage(
    sheet: Sheet, at: tuple[float, float], strokes: Sequence[Stroke]
) -> tuple[tuple[int, int, int, int], NDArray[np.float32]] | None:
    """Return the box of the page in pixels that `strokes` touch, and how much of each of its pixels they cover (0 to 1)."""
    xs = [x + at[0] for stroke in strokes for x, _ in stroke.points]
    ys = [y + at[1] for stroke in strokes for _, y in stroke.points]
    left = max(0, math.floor((min(xs) - _ROOM_MM) * sheet.per_mm))
    top = max(0, math.floor((min(ys) - _ROOM_MM) * sheet.per_mm))
    right = min(sheet.picture.width, math.ceil((max(xs) + _ROOM_MM) * sheet.per_mm))
    bottom = min(sheet.picture.height, math.ceil((max(ys) + _ROOM_MM) * sheet.per_mm))
    if right - left < 2 or bottom - top < 2:
        return None
    finer = sheet.per_mm * _FINER
    canvas = Image.new("L", ((right - left) * _FINER, (bottom - top) * _FINER), 0)
    pen = ImageDraw.Draw(canvas)
    for stroke in strokes:
        way = [
            ((x + at[0]) * finer - left * _FINER, (y + at[1]) * finer - top * _FINER)
            for x, y in stroke.points
        ]
        width = max(2, round(stroke.width * finer))
        pen.line(way, fill=255, width=width, joint="curve")
        for x, y in (way[0], way[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    small = canvas.resize((right - left, bottom - top), Image.Resampling.BOX)
    return (left, top, right, bottom), np.asarray(small, dtype=np.float32) / np.float32(255)


def _blend(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    cover: NDArray[np.float32],
    ink: Ink,
    rng: Random,
) -> None:
    """Mix the ink into the picture where `cover` says."""
    amount = cover * ink.cover
    if ink.grain:
        grain = np.random.default_rng(rng.getrandbits(32)).random(cover.shape, dtype=np.float32)
        amount = amount * (1 - ink.grain * grain)
    under = np.asarray(picture.crop(box), dtype=np.float32)
    colour = np.asarray(ink.colour, dtype=np.float32)
    shade = amount[:, :, None]
    mixed = np.minimum(under, under * (1 - shade) + colour * shade)
    picture.paste(Image.fromarray(mixed.astype(np.uint8)), box)
