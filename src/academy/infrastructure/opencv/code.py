"""The QR code of a sheet."""

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp

from academy.domain.omr.code import decode
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import CodeBox
from academy.infrastructure.opencv.plane import Floats, Grey

__all__ = ["code_anywhere", "read_code"]

_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_SIDE = 200  # pixels of the upright crop, twice as many when it is hard to read
_MARGIN = 1.35  # of the crop beyond the code


def read_code(
    grey: Grey, matrix: Floats, box: CodeBox, *, harder: bool = False
) -> tuple[SheetCode | None, str]:
    """Return what the code says and "", or None and the code of a warning. `harder` tries more, for a code that is blurred or stained."""
    warning = "code_unreadable"
    for crop, binarizer in _crops(grey, matrix, box, harder=harder):
        for code in zxingcpp.read_barcodes(
            crop,
            formats=_FORMATS,
            try_rotate=False,
            try_downscale=harder,
            try_invert=False,
            binarizer=binarizer,
        ):
            try:
                said = decode(code.text)
            except SheetRefused as error:
                return None, error.failure.code
            if said is not None:
                return said, ""
            warning = "code_foreign"
    return None, warning


def code_anywhere(grey: Grey) -> SheetCode | None:
    """Return what the first code of ours says that is seen anywhere in a picture, turned or not; None when there is none."""
    for code in zxingcpp.read_barcodes(grey, formats=_FORMATS, try_invert=False):
        try:
            said = decode(code.text)
        except SheetRefused:
            continue
        if said is not None:
            return said
    return None


def _crops(
    grey: Grey, matrix: Floats, box: CodeBox, *, harder: bool
) -> Iterator[tuple[Grey, zxingcpp.Binarizer]]:
    if not harder:
        yield _crop(grey, matrix, box, _SIDE), zxingcpp.Binarizer.LocalAverage
        return
    large = _crop(grey, matrix, box, 2 * _SIDE)
    yield large, zxingcpp.Binarizer.LocalAverage
    yield large, zxingcpp.Binarizer.GlobalHistogram
    soft = cv2.GaussianBlur(large, (0, 0), 3.5)
    sharp = np.asarray(cv2.addWeighted(large, 2.5, soft, -1.5, 0), np.uint8)
    yield sharp, zxingcpp.Binarizer.LocalAverage
    yield sharp, zxingcpp.Binarizer.GlobalHistogram
    # Closed: thin lines across the code are taken away, those of a dark streak and those that were lost.
    kernel = np.ones((5, 5), np.uint8)
    yield (
        np.asarray(cv2.morphologyEx(large, cv2.MORPH_CLOSE, kernel), np.uint8),
        zxingcpp.Binarizer.LocalAverage,
    )
    yield (
        np.asarray(cv2.morphologyEx(large, cv2.MORPH_OPEN, kernel), np.uint8),
        zxingcpp.Binarizer.LocalAverage,
    )


def _crop(grey: Grey, matrix: Floats, box: CodeBox, side: int) -> Grey:
    half = box.size * _MARGIN / 2
    step = half * 2 / side
    to_crop = np.array(((step, 0, box.centre.x - half), (0, step, box.centre.y - half), (0, 0, 1)))
    flat = cv2.warpPerspective(
        grey,
        matrix @ to_crop,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(255.0,),
    )
    return np.asarray(flat, np.uint8)
