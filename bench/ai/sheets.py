"""Printed sheets, filled in and made worse: files for the reader, and the truth about them."""

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from cases import Case, Layout
from PIL import Image
from tests.support.degrade.files import jpeg_bytes, save
from tests.support.degrade.kinds import degraded

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.reportlab import ReportLabSheetPrinter
from academy.infrastructure.scribble.filling import fill_in
from academy.infrastructure.scribble.hand import hand_of
from academy.infrastructure.scribble.paper import rendered
from academy.infrastructure.scribble.plan import RATES, Rates
from academy.infrastructure.scribble.truth import How, SheetTruth

__all__ = ["Made", "empty_page", "jpeg_pages", "made", "printable", "spec_of"]

EXAM = "bench-exam"
_STUDENTS = 4
_ERASING = Rates({**RATES.of, How.CORRECTED: 20, How.RUBBED_OUT: 3})


@dataclass(frozen=True, slots=True)
class Made:
    """A file of one page, what it says, and whose it is ("" where only the marked identifier tells)."""

    case: Case
    path: Path
    truth: SheetTruth
    student: str


@functools.cache
def spec_of(layout: Layout) -> SheetSpec:
    """Return the specification."""
    return standard_sheet(layout.questions, 5, layout.numbers, 3, landscape=layout.landscape)


def printable(spec: SheetSpec, many: int) -> list[PrintedSheet]:
    """Return sheets for so many students, their identifiers marked beforehand."""
    return [
        PrintedSheet(
            code=SheetCode(spec.id, spec.version, EXAM, f"student-{at}"),
            title="2학기 중간 평가 수학",
            subtitle="고등 2학년 A반",
            student=f"김학생{at}",
            identifier=f"{Random(at).randrange(10**8):08d}",
        )
        for at in range(many)
    ]


@functools.cache
def _pages(layout: Layout) -> tuple[list[PrintedSheet], list[Image.Image]]:
    """Return the printed sheets of a layout as pictures: some personal, the last for anybody."""
    spec = spec_of(layout)
    anybody = PrintedSheet(SheetCode(spec.id, spec.version, EXAM), "2학기 중간 평가 수학", "고등 2학년 A반")
    sheets = [*printable(spec, _STUDENTS), anybody]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheets.pdf"
        ReportLabSheetPrinter().print(spec, sheets, target)
        return sheets, rendered(target)


def empty_page(layout: Layout) -> Image.Image:
    """Return the sheet for anybody, not filled in, RGB at 200 dpi."""
    return _pages(layout)[1][-1]


def made(job: tuple[Case, Path]) -> Made:
    """Make the file of a case in a folder."""
    case, folder = job
    picture, truth, student = _filled(case)
    worse = degraded(
        picture.convert("L") if case.grey else picture, case.kinds, Random(case.seed), case.strength
    )
    path = folder / f"{case.number:05d}-{'+'.join(case.kinds)}{case.ending}"
    save([worse], path, quality=35 if "jpeg" in case.kinds and case.strength >= 1 else 80)
    return Made(case, path, truth, student)


def _filled(case: Case) -> tuple[Image.Image, SheetTruth, str]:
    rng = Random(case.seed + 1)
    sheets, pages = _pages(case.layout)
    at = rng.randrange(_STUDENTS) if case.personal else _STUDENTS
    sheet = sheets[at]
    identifier = sheet.identifier or f"{rng.randrange(10**8):08d}"
    rates = _ERASING if "erasure" in case.kinds else RATES
    hand = hand_of(rng, case.tool)
    picture, truth = fill_in(
        pages[at], spec_of(case.layout), hand, case.seed, identifier, printed=case.personal, rates=rates
    )
    return picture, truth, sheet.code.student_id if sheet.code else ""


def jpeg_pages(layouts: Sequence[Layout], many: int, seed: int) -> list[bytes]:
    """Return `many` filled pages as a scanner sends them: grey JPEG at 200 dpi, a little askew, with a little noise."""
    found = []
    for number in range(many):
        rng = Random(seed + number)
        layout = layouts[number % len(layouts)]
        case = Case(
            number,
            seed + number,
            layout,
            ("skew", "gauss"),
            "speed",
            0.2,
            number % 2 == 0,
            True,
            None,
            ".pdf",
        )
        picture, _, _ = _filled(replace(case, strength=0.2))
        found.append(jpeg_bytes(degraded(picture.convert("L"), case.kinds, rng, case.strength), 80))
    return found
