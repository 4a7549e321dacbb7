"""Empty sheets as other vendors print them, drawn for tests: marks of several kinds, boxes or ellipses, scanned a little askew."""

from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageDraw

__all__ = ["VendorSheet"]

PAPER = 250


@dataclass(frozen=True)
class VendorSheet:
    """A4: an identifier of six digits and 45 questions in three columns; tilt in degrees, dots for an inch."""

    marks: str = "squares"
    boxes: bool = True
    tilt: float = 0.0
    dpi: int = 200

    def picture(self) -> Image.Image:
        """Return the scan."""
        scale = self.dpi / 25.4
        image = Image.new("L", (round(210 * scale), round(297 * scale)), PAPER)
        draw = ImageDraw.Draw(image)
        for at in product((15, 195), (15, 282)):
            self._mark(draw, *at)
        for row, column in product(range(10), range(6)):
            self._bubble(draw, 30 + column * 6, 50 + row * 6, 3.6)
        for block, row in product(range(3), range(15)):
            draw.text(((20 + block * 58) * scale, (128 + row * 8) * scale), str(block * 15 + row + 1), fill=0)
            for choice in range(4):
                self._bubble(draw, 30 + block * 58 + choice * 9, 130 + row * 8, 5)
        draw.rectangle([100 * scale, 40 * scale, 190 * scale, 115 * scale], outline=60, width=3)
        draw.text((105 * scale, 45 * scale), "Name ____________", fill=0)
        return image.rotate(self.tilt, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)

    def _bubble(self, draw: ImageDraw.ImageDraw, x: float, y: float, width: float) -> None:
        outline = draw.rectangle if self.boxes else draw.ellipse
        outline(self._box(x, y, width / 2, 1.8), outline=90, width=max(1, round(0.25 * self.dpi / 25.4)))

    def _mark(self, draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
        if self.marks == "squares":
            draw.rectangle(self._box(x, y, 3, 3), fill=20)
        elif self.marks == "rings":
            draw.ellipse(self._box(x, y, 4, 4), outline=20, width=round(1.2 * self.dpi / 25.4))
            draw.ellipse(self._box(x, y, 1.5, 1.5), fill=20)
        elif self.marks == "angles":
            outwards = (-3 if x < 105 else 3), (-3 if y < 148 else 3)
            draw.rectangle(self._box(x, y + outwards[1], 4, 1), fill=20)
            draw.rectangle(self._box(x + outwards[0], y, 1, 4), fill=20)

    def _box(self, x: float, y: float, half_width: float, half_height: float) -> tuple[float, ...]:
        scale = self.dpi / 25.4
        return (
            (x - half_width) * scale,
            (y - half_height) * scale,
            (x + half_width) * scale,
            (y + half_height) * scale,
        )
