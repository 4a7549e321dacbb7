"""Pixels of a page: grey, small enough to work on fast, and in full when a second look is needed."""

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.opencv.plane import Grey
from academy.infrastructure.opencv.problems import problem
from academy.infrastructure.pdf.picture import PagePicture, Pixels

__all__ = ["ENOUGH", "FINE", "Decoded", "decode"]

ENOUGH, FINE = 1_100, 2_200
"""Pixels of the longer side that are enough to read a page, 94 dpi of A4, and for what is small: codes and marks that were not found."""

_REDUCED = {
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
_TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
_JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as seen: cropped, turned, its pixels square. `factor`: pixels of the file for one of `grey`, along each side."""

    grey: Grey
    factor: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the page in pixels of the file, to `factor` exactly."""
        return self.grey.shape[1] * self.factor, self.grey.shape[0] * self.factor


def decode(picture: PagePicture, least: int = ENOUGH) -> Decoded:
    """Return the pixels of a page, reduced while the longer side keeps `least`. Raises PageUnread when they cannot be decoded."""
    factor = _factor(max(picture.width, round(picture.height * picture.stretch)), least)
    try:
        grey = _pixels(picture.pixels, factor) if picture.pixels else _file(picture, factor)
    except cv2.error as error:
        raise problem("page_broken", str(error), "decode") from error
    if picture.inverted:
        grey = cv2.bitwise_not(grey).astype(np.uint8, copy=False)
    left, top, right, bottom = picture.crop
    height, width = grey.shape
    grey = grey[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    turn = _TURNS[picture.turns]
    if turn is not None:
        grey = cast("Grey", cv2.rotate(grey, turn))
    if grey.shape[0] < 8 or grey.shape[1] < 8:
        raise problem("page_broken", f"only {grey.shape[1]} x {grey.shape[0]} pixels", "decode")
    return Decoded(np.ascontiguousarray(grey), factor)


def _factor(longer: int, least: int) -> int:
    factor = 1
    while factor < 8 and longer // (2 * factor) >= least:
        factor *= 2
    return factor


def _file(picture: PagePicture, factor: int) -> Grey:
    if picture.file is None:
        raise problem("page_broken", "nothing to decode", "decode")
    data = np.frombuffer(picture.file, dtype=np.uint8)
    jpeg = bytes(data[:2]) == _JPEG
    flags = _REDUCED[factor] if jpeg and factor > 1 else cv2.IMREAD_GRAYSCALE
    if not picture.upright_tag:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    found = cv2.imdecode(data, flags)
    if found is None:
        raise problem("page_broken", "the decoder gave nothing", "decode")
    return _smaller(found, 1 if jpeg else factor, picture.stretch)


def _pixels(pixels: Pixels, factor: int) -> Grey:
    rows = np.frombuffer(pixels.data, dtype=np.uint8)[: pixels.stride * pixels.height].reshape(
        pixels.height, pixels.stride
    )
    found: NDArray[Any]
    if pixels.bits == 1:
        found = np.unpackbits(rows, axis=1)[:, : pixels.width] * np.uint8(255)
    else:
        found = rows[:, : pixels.width * pixels.channels]
        if pixels.channels > 1:
            colours = found.reshape(pixels.height, pixels.width, pixels.channels)[:, :, :3]
            found = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY)
    return _smaller(found, factor)


def _smaller(found: NDArray[Any], factor: int, stretch: float = 1.0) -> Grey:
    if factor > 1 or stretch != 1.0:
        size = (found.shape[1] // factor, max(1, round(found.shape[0] * stretch) // factor))
        found = cv2.resize(found, size, interpolation=cv2.INTER_AREA)
    return cast("Grey", found)
