"""Writes answer sheets as PDF."""

from collections.abc import Sequence
from pathlib import Path

from reportlab import rl_config  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.code import encode
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.rules import identifier_problem
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.reportlab.fixed import draw_fixed
from academy.infrastructure.reportlab.frames import frames, free_room, header
from academy.infrastructure.reportlab.guide import draw_guide
from academy.infrastructure.reportlab.pen import Pen
from academy.infrastructure.reportlab.personal import draw_personal, draw_strip
from academy.infrastructure.reportlab.text import BOLD, REGULAR, clean, font

__all__ = ["ReportLabSheetPrinter"]

_POINT = 72 / 25.4
_FIXED = "fixed"

rl_config.useA85 = 0  # binary streams: a fifth smaller, and quicker


class ReportLabSheetPrinter:
    """Draws sheets; what they have in common is in the file once."""

    def print(self, spec: SheetSpec, sheets: Sequence[PrintedSheet], target: Path) -> None:
        """Write one page for each sheet, as the port says. Raises SheetRefused before anything is written."""
        if not sheets:
            raise _nothing()
        texts = [_checked(spec, sheet) for sheet in sheets]
        for name in (REGULAR, BOLD):
            pdfmetrics.registerFont(font(name))
        size = spec.width * _POINT, spec.height * _POINT
        canvas = Canvas(
            str(target), pagesize=size, invariant=1, pageCompression=1, lang="ko-KR", initialFontName=REGULAR
        )
        canvas.setTitle(clean(sheets[0].title) or "답안지")
        canvas.setAuthor("")
        pen = Pen(canvas, spec.height)
        drawn = frames(spec)
        head = header(spec, drawn)
        canvas.beginForm(_FIXED, 0, 0, *size)
        draw_fixed(pen, spec, drawn)
        draw_strip(pen, spec, head, drawn)
        room = free_room(spec, drawn)
        if room is not None:
            draw_guide(pen, spec, room)
        canvas.endForm()
        for sheet, text in zip(sheets, texts, strict=True):
            canvas.doForm(_FIXED)
            draw_personal(pen, spec, sheet, text, head, drawn)
            canvas.showPage()
        canvas.save()


def _checked(spec: SheetSpec, sheet: PrintedSheet) -> str:
    """Return the text of a sheet's QR code, "" for none; refuse what cannot be printed."""
    problem = identifier_problem(spec.blocks, sheet.identifier)
    if problem is not None:
        raise SheetRefused(problem.code, problem.message, problem.message_ko)
    return encode(sheet.code) if sheet.code is not None and spec.code is not None else ""


def _nothing() -> SheetRefused:
    return SheetRefused(
        "sheets_none",
        "There is no sheet to print. Choose at least one student, or print a sheet that anybody may use.",
        "인쇄할 답안지가 없습니다. 학생을 한 명 이상 선택하거나 공용 답안지를 인쇄해 주세요.",
    )
