"""Sheets drawn for tests of the reader: plain outlines, marks as told, put into a picture as a scanner or a phone would."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.omr.sheet import (
    Anchor,
    Block,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    SheetSpec,
    bubbles,
)

Picture = NDArray[np.uint8]

PX = 200 / 25.4
_DICTIONARY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
_PLACES = ((16.0, 16.0), (194.0, 16.0), (194.0, 281.0), (16.0, 281.0))

SPEC = SheetSpec(
    id="drawn",
    version=1,
    width=210,
    height=297,
    anchor=Anchor.MARKERS,
    markers=tuple(Marker(MarkerKind.ARUCO, Point(x, y), 10, at) for at, (x, y) in enumerate(_PLACES)),
    code=None,
    blocks=(
        Block(
            "id",
            Purpose.IDENTIFIER,
            Run.ACROSS,
            Grid(Point(40, 50), 6, 6, 4.4, 3.6),
            tuple(f"d{at}" for at in range(8)),
            tuple("0123456789"),
        ),
        Block(
            "left",
            Purpose.CHOICE,
            Run.DOWN,
            Grid(Point(40, 125), 7, 9, 4.4, 3.6),
            tuple(str(at) for at in range(1, 21)),
            tuple("12345"),
        ),
        Block(
            "right",
            Purpose.CHOICE,
            Run.DOWN,
            Grid(Point(120, 125), 7, 9, 4.4, 3.6),
            tuple(str(at) for at in range(21, 41)),
            tuple("12345"),
        ),
    ),
)
ANSWERS = {str(at): str(at * 7 % 5 + 1) for at in range(1, 41) if at != 13} | {
    f"d{at}": str(at * 3 % 10) for at in range(8)
}
"""Question 13 is left out."""


def with_marks(kind: MarkerKind) -> SheetSpec:
    """Return the sheet with other marks of position; with the identifier at the top, it looks the same from no other side."""
    return replace(SPEC, markers=tuple(replace(one, kind=kind, number=0) for one in SPEC.markers))


def page(
    spec: SheetSpec, marked: Mapping[str, str], *, grey: int = 40, without: Sequence[int] = ()
) -> Picture:
    """Return the upright page at 200 dpi; `marked` says the choices of each field, `without` the marks of position left out."""
    picture = np.full((round(spec.height * PX), round(spec.width * PX)), 250, np.uint8)
    for at, marker in enumerate(spec.markers):
        if at not in without:
            _marker(picture, marker, at)
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        middle = _pixel(bubble.centre.x, bubble.centre.y)
        half = (round(block.grid.width / 2 * PX), round(block.grid.height / 2 * PX))
        letter = block.choices[bubble.choice]
        cv2.putText(
            picture,
            letter,
            (middle[0] - 5, middle[1] + 6),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.5,
            150,
            1,
            cv2.LINE_AA,
        )
        if letter in marked.get(block.fields[bubble.field], ""):
            cv2.ellipse(picture, middle, half, 0, 0, 360, grey, -1, cv2.LINE_AA)
        cv2.ellipse(picture, middle, half, 0, 0, 360, 90, 2, cv2.LINE_AA)
    for at, text in enumerate(("Name", "Class", "Read before you begin")):
        cv2.putText(
            picture, text, _pixel(100, 50 + 12 * at), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 60, 2, cv2.LINE_AA
        )
    return picture


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round(x * PX), round(y * PX)


def _marker(picture: Picture, marker: Marker, at: int) -> None:
    side = round(marker.size * PX)
    x, y = _pixel(marker.centre.x - marker.size / 2, marker.centre.y - marker.size / 2)
    spot = picture[y : y + side, x : x + side]
    middle = _pixel(marker.centre.x, marker.centre.y)
    if marker.kind is MarkerKind.ARUCO:
        spot[:] = cv2.aruco.generateImageMarker(_DICTIONARY, marker.number, side)
    elif marker.kind is MarkerKind.SQUARE:
        spot[:] = 10
    elif marker.kind is MarkerKind.RINGS:
        for share, level in ((0.5, 10), (0.38, 250), (0.25, 10)):
            cv2.circle(picture, middle, round(marker.size * share * PX), level, -1, cv2.LINE_AA)
    else:
        bar = side // 5
        rows = slice(0, bar) if at in {0, 1} else slice(side - bar, side)
        columns = slice(0, bar) if at in {0, 3} else slice(side - bar, side)
        spot[rows, :] = 10
        spot[:, columns] = 10


def noisy(picture: Picture, seed: int = 1, spread: float = 6.0) -> Picture:
    """Return the picture as a sensor sees it."""
    noise = np.random.default_rng(seed).normal(0, spread, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (3, 3), 0) + noise, 0, 255).astype(np.uint8)


def photographed(
    picture: Picture, corners: Sequence[tuple[float, float]], size: tuple[int, int], table: int = 70
) -> Picture:
    """Return a photo of `size` (width, height) in which the corners of the page lie at `corners`, on a table of that grey, unevenly lit."""
    height, width = picture.shape
    source = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    photo = np.full((size[1], size[0]), table, np.uint8)
    cv2.warpPerspective(picture, matrix, size, photo, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT)
    light = np.linspace(0.6, 1.0, size[0])[None, :] * np.linspace(1.0, 0.8, size[1])[:, None]
    return np.asarray(photo * light, np.uint8)


def save(picture: Picture, target: object, quality: int = 85) -> None:
    """Write a JPEG, PNG or TIFF, as the name of `target` ends."""
    assert cv2.imwrite(str(target), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
