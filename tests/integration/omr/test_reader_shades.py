"""Marks of two shades on one page: light ones neither hide dark ones nor are taken for empty bubbles."""

import functools
from collections.abc import Mapping
from pathlib import Path

import cv2
import pytest
from tests.integration.omr.drawn import Picture, save

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode
from academy.domain.omr.sheet import Point, SheetSpec
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.opencv.reader import OpenCvSheetReader
from academy.infrastructure.reportlab import ReportLabSheetPrinter
from academy.infrastructure.scribble.paper import rendered

pytestmark = pytest.mark.requirement("OMR-4")

SPEC = standard_sheet(8, 5, 1, 2)
BLACK = 0x10
THRESHOLD = 0.9
FINE = 4  # bits of a pixel: where dots stand


@functools.cache
def paper(folder: Path, dpi: int, *, personal: bool) -> Picture:
    """Return the printed sheet; a personal one has full black marks already, those of its identifier."""
    target = folder / f"{dpi}-{personal}.pdf"
    sheet = PrintedSheet(SheetCode(SPEC.id, SPEC.version), "시험", identifier="10203001" if personal else "")
    ReportLabSheetPrinter().print(SPEC, [sheet], target)
    picture = rendered(target, dpi)[0].convert("L")
    picture.save(folder / "empty.png")
    found = cv2.imread(str(folder / "empty.png"), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    return found.astype("uint8")


def place(spec: SheetSpec, question: int, choice: int) -> Point:
    for block in spec.blocks:
        if str(question) in block.fields:
            first, row = block.grid.first, block.fields.index(str(question))
            return Point(first.x + choice * block.grid.choice_step, first.y + row * block.grid.field_step)
    raise AssertionError(question)


def dotted(empty: Picture, dpi: int, size: float, greys: Mapping[int, int], *, same: bool) -> Picture:
    """Return the sheet with a dot in every field, `size` of the bubble wide, of those greys; `same`: choice 3 everywhere."""
    page, scale = empty.copy(), dpi / 25.4 * 2**FINE
    for question, grey in greys.items():
        at = place(SPEC, question, choice_of(question, same=same))
        middle = (round(at.x * scale - 2 ** (FINE - 1)), round(at.y * scale - 2 ** (FINE - 1)))
        cv2.circle(page, middle, round(size * 2.2 * scale), grey, -1, cv2.LINE_AA, FINE)
    return page


def choice_of(question: int, *, same: bool) -> int:
    return 2 if same else question % 5


def read(page: Picture, folder: Path) -> PageReading:
    save(page, folder / "scan.png")
    (found,) = OpenCvSheetReader().read(SPEC, folder / "scan.png")
    assert found.problem is None, found.problem
    return found


def graded_as(found: FieldReading) -> tuple[str, ...] | None:
    """Return the choices that are graded without anybody looking, None where somebody looks."""
    if found.state is MarkState.AMBIGUOUS or found.confidence < THRESHOLD:
        return None
    return found.marked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shades")


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
@pytest.mark.parametrize("size", [0.4, 0.5])
def test_black_dots_are_read_beside_grey_ones(folder: Path, dpi: int, size: float) -> None:
    greys = {question: BLACK if question <= 4 else 0xA0 for question in range(1, 9)}
    found = read(dotted(paper(folder, dpi, personal=True), dpi, size, greys, same=True), folder)
    assert [graded_as(found.fields[str(at)]) for at in range(1, 5)] == [("3",)] * 4
    assert all(graded_as(found.fields[str(at)]) in {None, ("3",)} for at in range(5, 9))


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
@pytest.mark.parametrize("size", [1 / 3, 0.5, 0.75])
@pytest.mark.parametrize("grey", [0x70, 0x90, 0xA0, 0xB0, 0xC0])
def test_no_mark_is_graded_as_blank_whatever_the_others_are(
    folder: Path, dpi: int, size: float, grey: int
) -> None:
    """Any number of grey dots among black ones, with and without full marks on the page, in one column or in all."""
    for many, same in ((0, True), (1, False), (3, True), (4, False), (6, True), (8, True), (8, False)):
        empty = paper(folder, dpi, personal=many % 2 == 0)
        greys = {question: grey if question > 8 - many else BLACK for question in range(1, 9)}
        found = read(dotted(empty, dpi, size, greys, same=same), folder)
        for question in greys:
            meant = (str(choice_of(question, same=same) + 1),)
            assert graded_as(found.fields[str(question)]) in {None, meant}, (many, same, question)


@pytest.mark.parametrize("dpi", [100, 200])
def test_a_sheet_without_marks_stays_blank_for_sure(folder: Path, dpi: int) -> None:
    found = read(paper(folder, dpi, personal=False), folder)
    assert {graded_as(one) for one in found.fields.values()} == {()}


def test_one_light_dot_among_full_marks_is_for_a_person(folder: Path) -> None:
    greys = {1: 0x90}
    page = dotted(paper(folder, 150, personal=True), 150, 1 / 3, greys, same=True)
    page = dotted(page, 150, 1.0, dict.fromkeys(range(2, 9), BLACK), same=False)
    found = read(page, folder)
    assert graded_as(found.fields["1"]) is None
    assert all(
        graded_as(found.fields[str(at)]) == (str(choice_of(at, same=False) + 1),) for at in range(2, 9)
    )
