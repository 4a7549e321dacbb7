"""Notes to be typeset, and what a reader of the PDF finds."""

from collections.abc import Sequence
from ctypes import create_string_buffer
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from academy.domain.notes.note import (
    AnswerWay,
    ChartMark,
    NoteItem,
    NotePicture,
    NoteStanding,
    QuestionFigures,
    RightAnswer,
    Verdict,
    WrongNote,
)

__all__ = ["EXPLANATION", "PLAIN", "embedded_fonts", "item", "note", "picture", "texts", "typical"]

EXPLANATION = r"""판별식은 $D = b^2 - 4ac$ 이다. 완전제곱식으로 고치면

$$f(x) = (x-2)^2 - 3,\quad x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$

이다. 따라서 최솟값은 $-3$ 이다."""


def item(number: int = 1, **changes: object) -> NoteItem:
    plain = NoteItem(
        str(number),
        Verdict.WRONG,
        Decimal(0),
        Decimal(4),
        ("②",),
        RightAnswer(("④",)),
        figures=QuestionFigures(32, 0.344, "②", 0.41),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


PLAIN = item()


def note(items: Sequence[NoteItem] = (PLAIN,), **changes: object) -> WrongNote:
    missed = {each.question: each.verdict for each in items}
    numbers = [str(number) for number in range(1, max(20, len(items)) + 1)]
    plain = WrongNote(
        "한빛수학학원",
        "3월 수학 월말평가",
        "고2 심화반",
        "김하늘",
        date(2026, 3, 28),
        Decimal("72.5"),
        Decimal(100),
        NoteStanding(5, 32, Decimal("61.375"), Decimal(96), 84.4, 3),
        tuple(ChartMark(number, missed.get(number, Verdict.RIGHT)) for number in numbers),
        tuple(items),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def typical(folder: Path) -> WrongNote:
    """Return a note with one of everything."""
    return note(
        [
            item(3),
            item(7, picture=picture(folder / "seven.png", 1000, 420), explanation=EXPLANATION),
            item(9, verdict=Verdict.BLANK, own=(), right=RightAnswer(("①", "④"), AnswerWay.ANY)),
            item(
                12,
                verdict=Verdict.PARTIAL,
                points=Decimal("1.5"),
                own=("①", "③"),
                right=RightAnswer(("①", "②", "③"), AnswerWay.ALL),
                picture=picture(folder / "twelve.jpg", 1100, 500),
                figures=None,
            ),
            item(15, own=("137",), right=RightAnswer(("1.5",), AnswerWay.NEAR, Decimal("0.01"))),
        ]
    )


def picture(target: Path, width: int, height: int) -> NotePicture:
    """Write a picture of lines and return it."""
    drawn = np.full((height, width), 255, dtype=np.uint8)
    for row in range(20, height - 10, 40):
        cv2.line(drawn, (20, row), (max(21, width - 20), row), 60, 6)
    assert cv2.imwrite(str(target), drawn)
    return NotePicture(target, width, height)


def texts(pdf: Path) -> list[str]:
    """Return the text of each page as it can be copied out, without blanks and line ends."""
    document = pypdfium2.PdfDocument(pdf)
    found = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return found


def embedded_fonts(pdf: Path) -> dict[str, bool]:
    """Return the name of every font that text is set in, without the tag of its subset, and whether its file is in the PDF."""
    document = pypdfium2.PdfDocument(pdf)
    found: dict[str, bool] = {}
    for page in document:
        for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=8):
            font = pdfium.FPDFTextObj_GetFont(thing.raw)
            name = create_string_buffer(pdfium.FPDFFont_GetBaseFontName(font, None, 0))
            pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
            found[name.value.decode().rpartition("+")[2]] = pdfium.FPDFFont_GetIsEmbedded(font) == 1
    document.close()
    return found
