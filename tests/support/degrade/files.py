"""Pictures of pages as files: JPEG, PNG, TIFF of one or many pages, and PDF with the picture of each page embedded."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

__all__ = ["jpeg_bytes", "save", "save_pdf"]


def jpeg_bytes(picture: Image.Image, quality: int = 85) -> bytes:
    """Return the picture as JPEG."""
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality, dpi=(200, 200))
    return held.getvalue()


def save(pictures: Sequence[Image.Image], target: Path, *, dpi: int = 200, quality: int = 85) -> None:
    """Write pages to `target`; its ending says how. A TIFF of black and white pages is compressed as a fax is (Group 4).

    Raises ValueError for several pages in a JPEG or PNG, and for another ending.
    """
    kind = target.suffix.lower()
    if kind == ".pdf":
        save_pdf([jpeg_bytes(picture, quality) for picture in pictures], target, dpi=dpi)
    elif kind in {".tif", ".tiff"}:
        first, *rest = [_flat(picture) for picture in pictures]
        how = "group4" if first.mode == "1" else "tiff_lzw"
        first.save(target, save_all=True, append_images=rest, compression=how, dpi=(dpi, dpi))
    elif kind in {".jpg", ".jpeg", ".png"} and len(pictures) == 1:
        if kind == ".png":
            _flat(pictures[0]).save(target, dpi=(dpi, dpi), compress_level=1)
        else:
            target.write_bytes(jpeg_bytes(pictures[0], quality))
    else:
        raise ValueError(f"{len(pictures)} pages cannot be written to {target.name}")


def save_pdf(pages: Sequence[bytes], target: Path, *, dpi: int = 200, rotate: int = 0) -> None:
    """Write a PDF whose pages hold these JPEGs as they are. `rotate` (0, 90, 180, 270) asks viewers to turn every page."""
    with target.open("wb") as out:
        out.write(b"%PDF-1.4\n")
        places: list[int] = []
        for body in _objects(pages, dpi, rotate):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % len(places) + body + b"\nendobj\n")
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        out.writelines(b"%010d 00000 n \n" % place for place in places)
        out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))


def _objects(pages: Sequence[bytes], dpi: int, rotate: int) -> Iterator[bytes]:
    """Yield the bodies of the objects 1, 2, …: catalogue, page tree, then page, contents and picture of every page."""
    kids = b" ".join(b"%d 0 R" % (3 + 3 * at) for at in range(len(pages)))
    yield b"<< /Type /Catalog /Pages 2 0 R >>"
    yield b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids)
    for at, picture in enumerate(pages):
        number = 3 + 3 * at
        with Image.open(io.BytesIO(picture)) as opened:
            (w, h), grey = opened.size, opened.mode == "L"
        wide, high = w * 72 / dpi, h * 72 / dpi
        yield (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Rotate %d /Contents %d 0 R"
            b" /Resources << /XObject << /P %d 0 R >> >> >>"
        ) % (wide, high, rotate, number + 1, number + 2)
        drawing = b"q %.2f 0 0 %.2f 0 0 cm /P Do Q" % (wide, high)
        yield b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing)
        space = b"/DeviceGray" if grey else b"/DeviceRGB"
        yield (
            (
                b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8"
                b" /Filter /DCTDecode /Length %d >>\nstream\n"
            )
            % (w, h, space, len(picture))
            + picture
            + b"\nendstream"
        )


def _flat(picture: Image.Image) -> Image.Image:
    """Return a page of 0 and 255 as one bit a pixel, any other as it is."""
    if picture.mode != "L":
        return picture
    black_or_white = sum(picture.histogram()[1:255]) == 0
    return picture.convert("1", dither=Image.Dither.NONE) if black_or_white else picture
