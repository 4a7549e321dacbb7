"""The one picture that a scanned page of a PDF consists of, without rendering the page."""

from dataclasses import replace
from typing import Any, TypeAlias

import pikepdf

from academy.infrastructure.pdf.content import Placed, placed_picture
from academy.infrastructure.pdf.failures import PAGE_TOO_LARGE, page_failure
from academy.infrastructure.pdf.headers import jpeg_size
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.picture import PagePicture, stretch_of
from academy.infrastructure.pdf.wrap import ccitt_as_tiff, flate_as_png

__all__ = ["embedded"]

_CHANNELS = {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3}
_SLACK = 0.02  # how far the picture may fall short of the page's edge, as a share of the page
_MOST_CONTENT = 8_192

_Object: TypeAlias = Any  # a value of the PDF: dictionary, array, number or name, told apart as it is read


def embedded(page: pikepdf.Page, number: int, limits: ScanLimits) -> PagePicture | None:
    """Return the page's one picture, or a problem; None when the page has to be rendered."""
    resources = page.obj.get("/Resources") or page.resources
    pictures: _Object = resources.get("/XObject", {})
    for picture in pictures.values():
        if int(picture.get("/Width", 0)) * int(picture.get("/Height", 0)) > limits.pixels:
            return PagePicture(number, problem=page_failure(PAGE_TOO_LARGE, "an embedded picture"))
    if "/Annots" in page.obj:
        return None
    placed = _placed(page)
    if placed is None:
        return None
    picture = pictures.get(placed.name)
    crop = _crop(placed, [float(side) for side in page.cropbox])
    if picture is None or crop is None or picture.get("/Subtype") != "/Image":
        return None
    found = _decodable(
        picture, number, crop, int(page.obj.get("/Rotate", _inherited_turn(page))) // 90 % 4, limits
    )
    if found is None:
        return None
    told = (found.width / placed.width) / (found.height / placed.height)
    return replace(found, stretch=stretch_of(found.width, found.height, told))


def _inherited_turn(page: pikepdf.Page) -> int:
    node: _Object = page.obj.get("/Parent")
    for _ in range(16):
        if node is None:
            return 0
        if "/Rotate" in node:
            return int(node["/Rotate"])
        node = node.get("/Parent")
    return 0


def _placed(page: pikepdf.Page) -> Placed | None:
    contents: _Object = page.obj.get("/Contents")
    if contents is None:
        return None
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return placed_picture([(_filters(one), one.read_raw_bytes()) for one in streams[:8]], _MOST_CONTENT)


def _filters(stream: _Object) -> tuple[str, ...]:
    named = stream.get("/Filter")
    if named is None:
        return ()
    return tuple(str(one) for one in named) if isinstance(named, pikepdf.Array) else (str(named),)


def _crop(placed: Placed, box: list[float]) -> tuple[float, float, float, float] | None:
    """Return the part of the picture that the page shows, None when the page shows more than the picture."""
    left, bottom, right, top = (
        min(box[0], box[2]),
        min(box[1], box[3]),
        max(box[0], box[2]),
        max(box[1], box[3]),
    )
    slack_x, slack_y = _SLACK * (right - left), _SLACK * (top - bottom)
    if placed.x > left + slack_x or placed.x + placed.width < right - slack_x:
        return None
    if placed.y > bottom + slack_y or placed.y + placed.height < top - slack_y:
        return None
    return (
        max(0.0, (left - placed.x) / placed.width),
        max(0.0, (placed.y + placed.height - top) / placed.height),
        min(1.0, (right - placed.x) / placed.width),
        min(1.0, (placed.y + placed.height - bottom) / placed.height),
    )


def _channels(space: _Object) -> int | None:
    if isinstance(space, pikepdf.Array) and len(space):
        if str(space[0]) == "/ICCBased":
            return {1: 1, 3: 3}.get(int(space[1].get("/N", 0)))
        return _CHANNELS.get(str(space[0]))
    return _CHANNELS.get(str(space))


def _decodable(
    picture: _Object,
    number: int,
    crop: tuple[float, float, float, float],
    turns: int,
    limits: ScanLimits,
) -> PagePicture | None:
    filters, channels = _filters(picture), _channels(picture.get("/ColorSpace"))
    masked = any(key in picture for key in ("/SMask", "/Mask")) or bool(picture.get("/ImageMask", False))
    if (
        masked
        or channels is None
        or len(filters) != 1
        or int(picture.get("/Length", 0)) > limits.picture_bytes
    ):
        return None
    width, height, bits = int(picture.Width), int(picture.Height), int(picture.get("/BitsPerComponent", 8))
    decode = [float(one) for one in picture.get("/Decode", [])]
    inverted = decode == [1.0, 0.0] * channels
    if decode and not inverted and decode != [0.0, 1.0] * channels:
        return None
    parameters: _Object = picture.get("/DecodeParms", {})
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[0] if len(parameters) else {}
    file: bytes | None = None
    if filters[0] == "/DCTDecode":
        file = _jpeg(picture, channels, limits)
    elif filters[0] == "/CCITTFaxDecode" and int(parameters.get("/Columns", 1728)) == width:
        inverted = inverted != bool(parameters.get("/BlackIs1", False))
        aligned = bool(parameters.get("/EncodedByteAlign", False))
        kind = int(parameters.get("/K", 0))
        file = None if aligned else ccitt_as_tiff(picture.read_raw_bytes(), width, height, kind)
    elif filters[0] == "/FlateDecode" and bits in {1, 8} and (channels == 1 or bits == 8):
        predictor = int(parameters.get("/Predictor", 1))
        file = flate_as_png(picture.read_raw_bytes(), width, height, channels, bits, predictor)
    if file is None:
        return None
    return PagePicture(
        number, file=file, width=width, height=height, crop=crop, turns=turns, inverted=inverted
    )


def _jpeg(picture: _Object, channels: int, limits: ScanLimits) -> bytes | None:
    """Return the JPEG when its own header agrees with the page's and keeps the bounds."""
    data: bytes = picture.read_raw_bytes()
    size = jpeg_size(data)
    if size is None or size[2] != channels or size[0] * size[1] > limits.pixels:
        return None
    return data
