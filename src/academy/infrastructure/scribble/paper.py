"""The empty sheet as a picture: printed as the system prints it, or outlined plainly for a test that needs no printer."""

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

from academy.domain.omr.parts import Shape, bubbles
from academy.domain.omr.sheet import SheetSpec

__all__ = ["SCAN_DPI", "outlined", "rendered"]

SCAN_DPI = 200
_MM_PER_INCH = 25.4


def rendered(pdf: Path, dpi: int = SCAN_DPI) -> list[Image.Image]:
    """Return every page of a printed PDF as a picture, RGB, at `dpi`."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def outlined(spec: SheetSpec, dpi: int = SCAN_DPI) -> Image.Image:
    """Return a white page with the outlines of the bubbles of `spec` and black squares for its markers, RGB, at `dpi`."""
    per_mm = dpi / _MM_PER_INCH
    page = Image.new("RGB", (round(spec.width * per_mm), round(spec.height * per_mm)), "white")
    pen = ImageDraw.Draw(page)
    for bubble in bubbles(spec.blocks):
        grid = spec.blocks[bubble.block].grid
        box = _box(bubble.centre.x, bubble.centre.y, grid.width, grid.height, per_mm)
        (pen.ellipse if grid.shape is Shape.ELLIPSE else pen.rectangle)(box, outline=(90, 90, 90), width=2)
    for marker in spec.markers:
        pen.rectangle(_box(marker.centre.x, marker.centre.y, marker.size, marker.size, per_mm), fill="black")
    return page


def _box(x: float, y: float, w: float, h: float, per_mm: float) -> tuple[float, float, float, float]:
    return (x - w / 2) * per_mm, (y - h / 2) * per_mm, (x + w / 2) * per_mm, (y + h / 2) * per_mm
