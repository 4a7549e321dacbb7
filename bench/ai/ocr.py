"""How well print is read: whole pages in, columns found by the worker, clean and as a scanner sends them."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.degrade.kinds import degraded
from tests.support.papers.judging import Judged, judged
from tests.support.papers.layout import Look, exam, prose
from tests.support.papers.making import Paper, fonts, made, rendered

from academy.application.ai.page_text import read_pages
from academy.infrastructure.opencv.layout import OpenCvPageLayouts
from academy.infrastructure.tesseract.engine import TesseractEngine

__all__ = ["ERROR_PERCENT", "RECALL_PERCENT", "ReadPaper", "papers_read"]

ERROR_PERCENT, RECALL_PERCENT = 3.0, 92.0
_LOOKS = {"clean": (), "scanned": ("skew", "gauss", "jpeg")}


@dataclass(frozen=True, slots=True)
class ReadPaper:
    """One paper: what it is, how it looks, and how much was read right, in seconds for a page."""

    kind: str
    look: str
    font: str
    judged: Judged
    seconds: float


def papers_read(seed: int) -> Iterator[ReadPaper]:
    """Yield papers of every kind, look and font."""
    engine, layouts = TesseractEngine(), OpenCvPageLayouts()
    for at, font in enumerate(fonts()):
        for kind, paper in _papers(font, seed + 10 * at):
            for look, kinds in _LOOKS.items():
                words, begun = [], time.perf_counter()
                pictures = rendered(paper)
                for number, picture in enumerate(pictures):
                    worse = degraded(picture, kinds, Random(seed + number), 0.3) if kinds else picture
                    with tempfile.TemporaryDirectory() as name:
                        scan = Path(name) / "scan.png"
                        worse.save(scan)
                        for page in read_pages(layouts, engine, scan, Path(name), lambda _done: None):
                            words += [word.text for word in page.text.words]
                seconds = (time.perf_counter() - begun) / len(pictures)
                yield ReadPaper(kind, look, font, judged(paper.words, words), seconds)


def _papers(font: str, seed: int) -> Iterator[tuple[str, Paper]]:
    yield "one column", made(prose(Look(font, 10.5, 1), Random(seed), 9))
    yield "two columns", made(exam(Look(font, 10.0, 2), Random(seed + 1), 6, [(2, 3)]))
    yield "formulas", made(exam(Look(font, 10.5, 2, rule=False), Random(seed + 2), 6, formulas=True))
