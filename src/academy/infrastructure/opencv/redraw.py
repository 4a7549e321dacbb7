"""Pictures of strangers drawn anew: decoded within bounds, made smaller, and encoded by us."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.application.ports.notes import PictureRefused
from academy.domain.notes.note import NotePicture
from academy.infrastructure.pdf.headers import jpeg_size, png_size

__all__ = ["OpenCvNotePictures"]

_MOST_BYTES, _MOST_PIXELS = 32 << 20, 40_000_000
_WIDE, _TALL = 1_600, 2_400
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]
_LEVEL = [cv2.IMWRITE_PNG_COMPRESSION, 6]

Picture = NDArray[np.uint8]


class OpenCvNotePictures:
    """Draws pictures anew with OpenCV."""

    def redraw(self, source: Path, folder: Path) -> NotePicture:
        """See NotePictures."""
        if source.stat().st_size > _MOST_BYTES:
            raise PictureRefused("picture_too_large")
        data = source.read_bytes()
        photo = data.startswith(_JPEG)
        if not photo and not data.startswith(_PNG):
            raise PictureRefused("not_a_picture")
        size = jpeg_size(data) if photo else png_size(data)
        if size is None or min(size[:2]) < 1:
            raise PictureRefused("picture_broken")
        if size[0] * size[1] > _MOST_PIXELS:
            raise PictureRefused("picture_too_large")
        drawn = _smaller(_decoded(data))
        return _written(drawn, folder / f"{source.name}{'.jpg' if photo else '.png'}", photo)


def _decoded(data: bytes) -> Picture:
    """Return the pixels on white paper, grey where no colour is in them."""
    try:
        found = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        raise PictureRefused("picture_broken") from None
    if found is None:
        raise PictureRefused("picture_broken")
    if found.dtype != np.uint8:
        found = cv2.convertScaleAbs(found, alpha=1 / 257)
    pixels: Picture = np.asarray(found, dtype=np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = _on_white(pixels)
    if pixels.ndim == 3 and bool((pixels[:, :, 0] == pixels[:, :, 1]).all()) and _same(pixels):
        pixels = np.ascontiguousarray(pixels[:, :, 0])
    return pixels


def _same(pixels: Picture) -> bool:
    return bool((pixels[:, :, 1] == pixels[:, :, 2]).all())


def _on_white(pixels: Picture) -> Picture:
    share = pixels[:, :, 3:].astype(np.float32) / 255
    mixed = pixels[:, :, :3] * share + 255 * (1 - share)
    return np.asarray(mixed.round(), dtype=np.uint8)


def _smaller(pixels: Picture) -> Picture:
    height, width = pixels.shape[:2]
    scale = min(1.0, _WIDE / width, _TALL / height)
    if scale == 1.0:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _written(pixels: Picture, target: Path, photo: bool) -> NotePicture:
    done, data = cv2.imencode(target.suffix, pixels, _QUALITY if photo else _LEVEL)
    if not done:
        raise PictureRefused("picture_broken")
    target.write_bytes(data.tobytes())
    return NotePicture(target, pixels.shape[1], pixels.shape[0])
