"""Where a page lies: any turn, scanned or photographed, by every kind of mark, and what is said when it cannot be found."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.integration.omr.drawn import ANSWERS, SPEC, Picture, noisy, page, photographed, save, with_marks

from academy.domain.omr.reading import MarkState, PageReading
from academy.domain.omr.sheet import Anchor, MarkerKind, SheetSpec
from academy.infrastructure.opencv.reader import OpenCvSheetReader

CORNERS = ((420, 300), (1500, 380), (1560, 1850), (330, 1960))

TURNED = ((-300, 300), (750, 60), (1150, 1500), (100, 1650))


def read(picture: Picture, path: Path, spec: SheetSpec = SPEC, blank: Path | None = None) -> PageReading:
    save(picture, path)
    (found,) = OpenCvSheetReader().read(spec, path, blank)
    return found


def answers(reading: PageReading) -> dict[str, str]:
    assert reading.problem is None, reading.problem
    doubtful = [
        one for one in reading.fields.values() if one.state is MarkState.AMBIGUOUS or one.confidence < 0.9
    ]
    assert not doubtful
    return {name: "".join(one.marked) for name, one in reading.fields.items() if one.marked}


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("turns", range(4))
def test_a_scan_is_read_whichever_way_it_lies(tmp_path: Path, turns: int) -> None:
    scan = np.ascontiguousarray(np.rot90(noisy(page(SPEC, ANSWERS)), -turns))
    found = read(scan, tmp_path / "scan.jpg")
    assert answers(found) == ANSWERS
    assert found.rotation == turns
    assert found.fields["13"].state is MarkState.BLANK
    assert found.size == (scan.shape[1] + scan.shape[1] % 2, scan.shape[0] + scan.shape[0] % 2)
    assert found.warnings == ()


@pytest.mark.requirement("OMR-2")
def test_corners_are_those_of_the_page(tmp_path: Path) -> None:
    found = read(photographed(page(SPEC, ANSWERS), CORNERS, (1900, 2300)), tmp_path / "photo.jpg")
    assert answers(found) == ANSWERS
    assert np.abs(np.array(found.corners) - CORNERS).max() < 3


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("degrees", [-4, 3])
@pytest.mark.parametrize("scale", [0.93, 1.0])
def test_a_skewed_scan_of_a_shrunk_print_is_read(tmp_path: Path, degrees: int, scale: float) -> None:
    whole = page(SPEC, ANSWERS)
    middle = (whole.shape[1] / 2, whole.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, degrees, scale)
    scan = cv2.warpAffine(whole, matrix, whole.shape[::-1], borderValue=(250.0,))
    assert answers(read(noisy(np.asarray(scan, np.uint8)), tmp_path / "scan.png")) == ANSWERS


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("kind", [MarkerKind.SQUARE, MarkerKind.L, MarkerKind.RINGS])
@pytest.mark.parametrize("turns", [0, 1, 2])
def test_marks_without_numbers_place_a_page(tmp_path: Path, kind: MarkerKind, turns: int) -> None:
    spec = with_marks(kind)
    scan = np.ascontiguousarray(np.rot90(noisy(page(spec, ANSWERS)), -turns))
    found = read(scan, tmp_path / "scan.jpg", spec)
    assert answers(found) == ANSWERS
    assert found.rotation == turns


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("kind", [MarkerKind.SQUARE, MarkerKind.L, MarkerKind.RINGS])
def test_marks_without_numbers_place_a_photo(tmp_path: Path, kind: MarkerKind) -> None:
    spec = with_marks(kind)
    found = read(photographed(page(spec, ANSWERS), CORNERS, (1900, 2300)), tmp_path / "photo.jpg", spec)
    assert answers(found) == ANSWERS


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("kind", list(MarkerKind))
def test_three_of_four_marks_are_enough(tmp_path: Path, kind: MarkerKind) -> None:
    spec = SPEC if kind is MarkerKind.ARUCO else with_marks(kind)
    found = read(noisy(page(spec, ANSWERS, without=[2])), tmp_path / "scan.jpg", spec)
    assert answers(found) == ANSWERS
    assert "marker_missing" in found.warnings


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("turns", [0, 2])
def test_the_edge_of_the_paper_places_a_page(tmp_path: Path, turns: int) -> None:
    spec = SheetSpec("edge", 1, SPEC.width, SPEC.height, Anchor.EDGE, (), None, SPEC.blocks)
    photo = photographed(page(spec, ANSWERS), CORNERS, (1900, 2300))
    found = read(np.ascontiguousarray(np.rot90(photo, -turns)), tmp_path / "photo.jpg", spec)
    assert answers(found) == ANSWERS
    assert found.rotation == turns


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("turns", [0, 1])
def test_a_scan_of_the_empty_sheet_places_a_page(tmp_path: Path, turns: int) -> None:
    spec = SheetSpec("blank", 1, SPEC.width, SPEC.height, Anchor.BLANK, (), None, SPEC.blocks)
    blank = tmp_path / "blank.png"
    save(page(SPEC, {}), blank)
    photo = photographed(page(SPEC, ANSWERS), CORNERS, (1900, 2300))
    found = read(np.ascontiguousarray(np.rot90(photo, -turns)), tmp_path / "photo.jpg", spec, blank)
    assert answers(found) == ANSWERS
    without = read(photo, tmp_path / "photo.jpg", spec)
    assert without.problem is not None
    assert without.problem.code == "blank_missing"


def two_sheets() -> Picture:
    one = cv2.resize(page(SPEC, ANSWERS), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    return np.pad(np.hstack((one, np.full((one.shape[0], 60), 90, np.uint8), one)), 40, constant_values=90)


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.full((2339, 1654), 252, np.uint8), "not_a_sheet"),
        (page(SPEC, ANSWERS, without=[0, 1]), "markers_missing"),
        (page(SPEC, ANSWERS)[:1900], "corner_cut_off"),
        (page(SPEC, ANSWERS)[:, 500:], "corner_cut_off"),
        (photographed(page(SPEC, ANSWERS), TURNED, (1200, 1700)), "corner_cut_off"),
        (two_sheets(), "several_sheets"),
    ],
    ids=["empty", "two marks", "lower part missing", "left part missing", "corner missing", "two sheets"],
)
def test_what_cannot_be_placed_is_said_in_both_languages(tmp_path: Path, picture: Picture, code: str) -> None:
    found = read(picture, tmp_path / "scan.jpg")
    assert found.problem is not None
    assert found.problem.code == code
    assert found.problem.message
    assert found.problem.message_ko
    assert not found.fields
