"""A picture goes into a note as it is compressed, and comes out as it was (DOC-3)."""

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pytest

from academy.infrastructure.typst.wrapped import wrapped

pytestmark = pytest.mark.requirement("DOC-3")

GREY = np.arange(35 * 50, dtype=np.uint32).reshape(35, 50).astype(np.uint8)
COLOURS = np.stack([GREY, 255 - GREY, GREY // 2], axis=2)


def encoded(kind: str, pixels: np.ndarray, *options: int) -> bytes:
    return bytes(cv2.imencode(kind, pixels, options)[1])


def pixels_of(pdf: bytes) -> np.ndarray:
    document = pypdfium2.PdfDocument(pdf)
    (picture,) = document[0].get_objects(filter=[3])
    found = picture.get_bitmap(render=False).to_numpy().copy()
    assert document[0].get_size() == (50, 35)
    document.close()
    return found


@pytest.mark.parametrize("given", [GREY, COLOURS], ids=["grey", "colours"])
def test_no_pixel_of_a_png_changes(given: np.ndarray) -> None:
    pdf = wrapped(encoded(".png", given))
    assert pdf is not None
    assert np.array_equal(np.squeeze(pixels_of(pdf)), given)


def test_a_jpeg_is_the_same_jpeg() -> None:
    for given in (GREY, COLOURS):
        data = encoded(".jpg", given)
        pdf = wrapped(data)
        assert pdf is not None
        assert data in pdf


@pytest.mark.parametrize(
    "data",
    [
        b"no picture",
        b"\x89PNG\r\n\x1a\n",
        encoded(".png", GREY)[:-30],
        encoded(".png", np.dstack([COLOURS, GREY])),
        encoded(".png", GREY.astype(np.uint16)),
        encoded(".png", GREY, cv2.IMWRITE_PNG_BILEVEL, 1),
        b"\xff\xd8\xff",
    ],
    ids=["other", "empty", "cut off", "clear parts", "16 bits", "1 bit", "no jpeg"],
)
def test_what_is_not_known_is_left_to_typst(data: bytes) -> None:
    assert wrapped(data) is None
