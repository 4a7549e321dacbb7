"""Draws on a reportlab canvas in millimetres from the upper left corner, y down."""

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from academy.infrastructure.reportlab.text import fitted, width

__all__ = ["ACCENT", "FAINT", "INK", "LINE", "MUTED", "PAPER", "TINT", "Colour", "Pen"]

Colour = tuple[float, float, float]
INK: Colour = (0.0, 0.0, 0.0)
MUTED: Colour = (0.38, 0.40, 0.44)
LINE: Colour = (0.52, 0.55, 0.60)
FAINT: Colour = (0.66, 0.68, 0.72)
TINT: Colour = (0.945, 0.955, 0.975)
ACCENT: Colour = (0.13, 0.22, 0.40)
PAPER: Colour = (1.0, 1.0, 1.0)

_POINT = 72 / 25.4


class Pen:
    """A canvas whose page is `height` millimetres high."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas = canvas
        self._height = height

    def y(self, y: float) -> float:
        """Return a height in points from the bottom."""
        return (self._height - y) * _POINT

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        line: Colour | None = None,
        thick: float = 0.2,
        round_by: float = 0.0,
    ) -> None:
        """Draw a rectangle whose upper left corner is given, filled, outlined or both."""
        self._style(fill, line, thick)
        box = x * _POINT, self.y(y + height), width * _POINT, height * _POINT
        if round_by:
            self.canvas.roundRect(*box, round_by * _POINT, stroke=line is not None, fill=fill is not None)
        else:
            self.canvas.rect(*box, stroke=line is not None, fill=fill is not None)

    def ellipse(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        line: Colour | None = None,
        thick: float = 0.2,
    ) -> None:
        """Draw an ellipse around a centre."""
        self._style(fill, line, thick)
        box = (
            (x - width / 2) * _POINT,
            self.y(y + height / 2),
            (x + width / 2) * _POINT,
            self.y(y - height / 2),
        )
        self.canvas.ellipse(*box, stroke=line is not None, fill=fill is not None)

    def half_ellipse(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Fill the left half of an ellipse around a centre."""
        self._style(fill, None, 0)
        box = (
            (x - width / 2) * _POINT,
            self.y(y + height / 2),
            (x + width / 2) * _POINT,
            self.y(y - height / 2),
        )
        path = self.canvas.beginPath()
        path.arc(*box, startAng=90, extent=180)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def line(
        self, points: list[tuple[float, float]], colour: Colour, thick: float = 0.2, dash: float = 0.0
    ) -> None:
        """Draw straight lines through points."""
        self._style(None, colour, thick)
        if dash:
            self.canvas.setDash(dash * _POINT, dash * _POINT)
        path = self.canvas.beginPath()
        path.moveTo(points[0][0] * _POINT, self.y(points[0][1]))
        for x, y in points[1:]:
            path.lineTo(x * _POINT, self.y(y))
        self.canvas.drawPath(path)
        if dash:
            self.canvas.setDash()

    def squares(self, boxes: list[tuple[float, float, float, float]], colour: Colour) -> None:
        """Fill rectangles (x, y, width, height), none upon another, as one shape without seams."""
        self._style(colour, None, 0)
        path = self.canvas.beginPath()
        for x, y, wide, tall in boxes:
            path.rect(x * _POINT, self.y(y + tall), wide * _POINT, tall * _POINT)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def modules(self, runs: list[tuple[int, int, int]], x: float, y: float, module: float) -> None:
        """Fill the runs (column, row, how many) of a pattern of squares as one shape.

        Written as the page's own operators with whole numbers: a tenth of the time and half of the bytes of as many rectangles.
        """
        side = module * _POINT
        rectangles = " ".join(f"{column} {row} {count} 1 re" for column, row, count in runs)
        place = f"{side:.5f} 0 0 {-side:.5f} {x * _POINT:.4f} {self.y(y):.4f} cm"
        self.canvas.addLiteral(f"q 0 0 0 rg {place} {rectangles} f Q")

    def text(
        self, text: str, x: float, y: float, font: str, size: float, colour: Colour = INK, place: float = 0.0
    ) -> None:
        """Write a line whose baseline is at y; `place` 0 begins at x, 0.5 is centred on it, 1 ends there."""
        if not text:
            return
        self.canvas.setFillColorRGB(*colour)
        self.canvas.setFont(font, size)
        self.canvas.drawString((x - place * width(text, font, size)) * _POINT, self.y(y), text)

    def fit(
        self,
        text: str,
        x: float,
        y: float,
        room: float,
        font: str,
        size: float,
        smallest: float,
        colour: Colour = INK,
        place: float = 0.0,
    ) -> None:
        """Write a line that is made smaller and then cut to fit into `room` millimetres."""
        text, size = fitted(text, font, room, size, smallest)
        self.text(text, x, y, font, size, colour, place)

    def _style(self, fill: Colour | None, line: Colour | None, thick: float) -> None:
        if fill is not None:
            self.canvas.setFillColorRGB(*fill)
        if line is not None:
            self.canvas.setStrokeColorRGB(*line)
            self.canvas.setLineWidth(thick * _POINT)
