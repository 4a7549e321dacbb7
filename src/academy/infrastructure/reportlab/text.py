"""Text of strangers made fit to be drawn, and the fonts it is drawn in."""

import unicodedata
from functools import cache
from importlib.resources import as_file, files

from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

__all__ = ["BOLD", "REGULAR", "clean", "fitted", "font", "width"]

REGULAR, BOLD = "NanumGothic", "NanumGothicBold"
_UNKNOWN = "□"
_CUT = "…"
_MOST = 500
_POINT = 72 / 25.4


@cache
def font(name: str) -> TTFont:
    """Return a font of this package; it is read once in a process."""
    with as_file(files("academy.infrastructure") / "fonts" / f"{name}.ttf") as path:
        return TTFont(name, str(path))


def clean(text: str) -> str:
    """Return one line that the fonts can draw: control and direction characters gone, one box for what has no glyph."""
    known = font(REGULAR).face.charToGlyph
    drawn = ""
    for letter in unicodedata.normalize("NFC", text[:_MOST]):
        kind = unicodedata.category(letter)
        if letter.isspace() or kind == "Cc":
            drawn += " "
        elif kind in {"Cf", "Mn", "Me", "Cs"}:
            continue
        elif ord(letter) in known:
            drawn += letter
        elif not drawn.endswith(_UNKNOWN):
            drawn += _UNKNOWN
    return " ".join(drawn.split())


def width(text: str, name: str, size: float) -> float:
    """Return how wide a text is, in millimetres, at a size in points."""
    return float(font(name).stringWidth(text, size)) / _POINT


def fitted(text: str, name: str, room: float, size: float, smallest: float) -> tuple[str, float]:
    """Return the text and the size in points at which it fits into `room` millimetres: smaller first, then cut."""
    wide = width(text, name, size)
    if wide <= room:
        return text, size
    size = max(smallest, size * room / wide)
    if width(text, name, size) <= room:
        return text, size
    while text and width(text + _CUT, name, size) > room:
        text = text[:-1]
    return text.rstrip() + _CUT, size
