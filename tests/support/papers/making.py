"""Typeset papers: a PDF, the truth about it, and its pages as pictures as clean as a printer sees them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import typst
from PIL import Image

from tests.support.papers.layout import Source

__all__ = ["Paper", "fonts", "made", "rendered"]

_FONTS = Path(__file__).parents[3] / "src" / "academy" / "infrastructure" / "fonts"
_SYSTEM = Path("/usr/share/fonts/truetype/nanum")


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF, its words in reading order, and where marks stand: name → page, millimetres from left and top."""

    pdf: bytes
    words: tuple[str, ...]
    marks: dict[str, tuple[int, float, float]]


@cache
def fonts() -> tuple[str, ...]:
    """Return the names of the fonts at hand: ours, and those of Nanum where the system has them."""
    seen = {
        "NanumMyeongjo.ttf": "NanumMyeongjo",
        "NanumBarunGothic.ttf": "NanumBarunGothic",
        "NanumSquareR.ttf": "NanumSquare",
    }
    return ("NanumGothic", *(name for file, name in seen.items() if (_SYSTEM / file).is_file()))


def made(source: Source) -> Paper:
    """Typeset."""
    folders = [_FONTS, *([_SYSTEM] if _SYSTEM.is_dir() else [])]
    text = "".join(source.markup).encode()
    pdf = typst.compile(text, font_paths=folders, format="pdf")
    told = json.loads(typst.query(text, "<mark>", font_paths=folders, field="value"))
    marks = {one["name"]: (one["at"][0], one["at"][1], one["at"][2]) for one in told}
    return Paper(pdf, tuple(source.words), marks)


def rendered(paper: Paper, dpi: int = 200) -> list[Image.Image]:
    """Return the pages in grey."""
    document = pdfium.PdfDocument(paper.pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]
    finally:
        document.close()
