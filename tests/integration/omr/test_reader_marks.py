"""What is marked: light pencil, grey scans, black and white ones, streaks, uneven light, rings, an empty sheet."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.integration.omr.drawn import ANSWERS, PX, SPEC, Picture, noisy, page, save

from academy.domain.omr.reading import MarkState, PageReading
from academy.infrastructure.opencv.reader import OpenCvSheetReader

pytestmark = pytest.mark.requirement("OMR-2")


def read(picture: Picture, path: Path, quality: int = 85) -> PageReading:
    save(picture, path, quality)
    (found,) = OpenCvSheetReader().read(SPEC, path)
    return found


def wrong(found: PageReading) -> dict[str, tuple[MarkState, tuple[str, ...]]]:
    """Return the fields that are not what was marked, or doubtful."""
    assert found.problem is None, found.problem
    return {
        name: (one.state, one.marked)
        for name, one in found.fields.items()
        if "".join(one.marked) != ANSWERS.get(name, "") or one.confidence < 0.9
    }


@pytest.mark.parametrize("grey", [60, 120, 175])
def test_pencil_as_light_as_it_comes(tmp_path: Path, grey: int) -> None:
    assert not wrong(read(noisy(page(SPEC, ANSWERS, grey=grey)), tmp_path / "scan.jpg"))


def test_jpeg_of_low_quality(tmp_path: Path) -> None:
    assert not wrong(read(noisy(page(SPEC, ANSWERS, grey=110)), tmp_path / "scan.jpg", quality=35))


def test_low_contrast(tmp_path: Path) -> None:
    pale = (150 + page(SPEC, ANSWERS) * 0.3).astype(np.uint8)
    found = read(noisy(pale, spread=2), tmp_path / "scan.png")
    assert not wrong(found)
    assert "low_contrast" in found.warnings


def test_black_and_white(tmp_path: Path) -> None:
    bits = np.where(page(SPEC, ANSWERS) > 128, 255, 0).astype(np.uint8)
    assert not wrong(read(bits, tmp_path / "scan.png"))


def test_uneven_light(tmp_path: Path) -> None:
    height, width = page(SPEC, {}).shape
    light = np.linspace(0.35, 1.0, width)[None, :] * np.linspace(1.0, 0.7, height)[:, None]
    assert not wrong(read(noisy((page(SPEC, ANSWERS) * light).astype(np.uint8)), tmp_path / "scan.jpg"))


@pytest.mark.parametrize("across", [False, True])
def test_streaks_over_bubbles_are_no_marks(tmp_path: Path, across: bool) -> None:
    scan = noisy(page(SPEC, ANSWERS))
    if across:
        for y in (56, 146, 210):
            scan[round(y * PX) : round(y * PX) + 2, :] = 80
    else:
        for x in (40, 58.5, 129):
            scan[:, round(x * PX) : round(x * PX) + 3] = 60
    found = read(scan, tmp_path / "scan.png")
    assert not wrong(found)
    assert "streaks" in found.warnings


@pytest.mark.parametrize("light", [0.45, 0.55, 0.65])
@pytest.mark.parametrize("row", [6.5, 7.5])
def test_the_edge_of_a_shadow_across_a_block_is_no_row_of_marks(
    tmp_path: Path, light: float, row: float
) -> None:
    """Most of the block lies in the light: the rest of its paper is dark, and not because of marks."""
    scan = page(SPEC, ANSWERS).astype(np.float64)
    edge = round((50 + row * 6) * PX)
    scan[edge : edge + round(60 * PX)] *= light
    found = read(noisy(scan.astype(np.uint8)), tmp_path / "scan.jpg")
    assert not wrong(found)


def folded(
    marked: Mapping[str, str], grey: int, deep: float, wide: float, beside: float, far: float
) -> Picture:
    """Return a scan folded through the identifier's row of twos: a deep line, and the paper beside it a little darker."""
    scan = page(SPEC, marked, grey=grey).astype(np.float64)
    away = np.arange(len(scan)) - (50 + 2 * 6) * PX
    light = 1 - deep * np.exp(-((away / wide) ** 2)) - beside * np.exp(-((away / far) ** 2))
    return np.clip(scan * light[:, None], 0, 255).astype(np.uint8)


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("grey", [170, 190])
@pytest.mark.parametrize(("wide", "far"), [(1.2, 8), (1.5, 12)])
def test_light_marks_are_read_though_the_page_was_folded_through_them(
    tmp_path: Path, grey: int, wide: float, far: float
) -> None:
    found = read(folded(ANSWERS, grey, 0.3, wide, 0.1, far), tmp_path / "scan.png")
    assert "streaks" in found.warnings
    assert not wrong(found)


@pytest.mark.requirement("OMR-4")
@pytest.mark.parametrize("far", [3, 5, 7])
def test_a_fold_through_empty_bubbles_is_no_mark(tmp_path: Path, far: float) -> None:
    """A line that is wide in all the pixels is one as well."""
    marked = {name: choices for name, choices in ANSWERS.items() if not name.startswith("d")}
    found = read(folded(marked, 150, 0.42, 2.2, 0.1, far), tmp_path / "scan.png")
    believed = [one for one in found.fields.values() if one.state is not MarkState.AMBIGUOUS]
    assert not [
        one for one in believed if one.confidence >= 0.9 and one.marked != tuple(marked.get(one.field, ""))
    ]


def crossed(wide: int) -> Picture:
    """Return a scan on which two streaks cross the marked bubble of question 4."""
    scan = noisy(page(SPEC, ANSWERS))
    x, y = round((40 + 3 * 9) * PX) - wide // 2, round(146 * PX) - wide // 2
    scan[:, x : x + wide] = 60
    scan[y : y + wide, :] = 60
    return scan


def test_what_streaks_hide_in_the_small_picture_is_looked_at_in_full(tmp_path: Path) -> None:
    found = read(crossed(4), tmp_path / "scan.png")
    assert not wrong(found)
    assert "streaks" in found.warnings


def test_where_streaks_hide_a_bubble_a_person_looks(tmp_path: Path) -> None:
    scan = crossed(4)
    for y in (146 - 0.9, 146 + 0.9):
        scan[round(y * PX) - 2 : round(y * PX) + 3, :] = 60
    found = read(scan, tmp_path / "scan.png")
    assert set(wrong(found)) <= {"4", "24"}
    assert found.fields["4"].state is MarkState.AMBIGUOUS


def test_frames_of_a_sheet_are_no_streaks(tmp_path: Path) -> None:
    scan = page(SPEC, ANSWERS)
    cv2.rectangle(scan, (80, 250), (1570, 2100), 0, 3)
    found = read(noisy(scan), tmp_path / "scan.jpg")
    assert not wrong(found)
    assert "streaks" not in found.warnings


def test_an_empty_sheet_is_empty(tmp_path: Path) -> None:
    found = read(noisy(page(SPEC, {})), tmp_path / "scan.jpg")
    assert {one.state for one in found.fields.values()} == {MarkState.BLANK}
    assert min(one.confidence for one in found.fields.values()) > 0.95


def test_the_same_choice_everywhere_is_not_taken_for_print(tmp_path: Path) -> None:
    marked = {str(at): "3" for at in range(1, 41)}
    found = read(noisy(page(SPEC, marked)), tmp_path / "scan.jpg")
    assert {one.marked for name, one in found.fields.items() if name in marked} == {("3",)}
    assert {one.state for name, one in found.fields.items() if name in marked} == {MarkState.SINGLE}


def test_a_ring_is_shown_to_a_person(tmp_path: Path) -> None:
    scan = page(SPEC, ANSWERS)
    middle = (round(40 * PX), round((125 + 7 * 12) * PX))  # choice 1 of question 13, which is left out
    cv2.ellipse(scan, middle, (round(3 * PX), round(2.8 * PX)), 0, 0, 360, 40, 4, cv2.LINE_AA)
    found = read(noisy(scan), tmp_path / "scan.jpg").fields["13"]
    assert found.state is MarkState.AMBIGUOUS
    assert found.marked == ("1",)


def test_marks_that_a_damaged_marker_cannot_hide(tmp_path: Path) -> None:
    """A streak through two markers spoils their pattern; what is left of them still places the page."""
    scan = noisy(page(SPEC, ANSWERS))
    scan[:, round(14 * PX) : round(14 * PX) + 4] = 40
    scan[:, round(17 * PX) : round(17 * PX) + 4] = 250
    assert not wrong(read(scan, tmp_path / "scan.png"))


@pytest.mark.parametrize("turned", [False, True])
def test_lines_of_a_fax_through_every_marker_cannot_hide_them(tmp_path: Path, turned: bool) -> None:
    scan = page(SPEC, ANSWERS)
    for y, level, wide in ((13, 0, 2), (17, 0, 3), (15, 255, 2), (281, 0, 2), (284, 255, 2), (286, 0, 3)):
        scan[round(y * PX) : round(y * PX) + wide, :] = level
    black = np.where(scan < 128, 0, 255).astype(np.uint8)
    if turned:
        black = np.ascontiguousarray(np.rot90(black, 2))
    assert not wrong(read(black, tmp_path / "scan.png"))
