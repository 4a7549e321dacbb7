"""What is written on a sheet beside its bubbles: whose it is and of which exam, and only instructions that are true of it."""

from pathlib import Path

import pytest
from tests.integration.omr.test_printing import DOT, code, foreign, personal, printed, rendered, words

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.sheet import (
    Anchor,
    Block,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    SheetSpec,
)
from academy.domain.omr.standard import standard_sheet

pytestmark = pytest.mark.requirement("OMR-1")


def roomless() -> SheetSpec:
    """Return a sheet as vendors print them: A4 with squares in its corners, little room above its blocks, and no code."""
    corners = ((10, 10), (200, 10), (200, 287), (10, 287))
    identifier = Block(
        "id",
        Purpose.IDENTIFIER,
        Run.ACROSS,
        Grid(Point(22, 40), 6, 6, 2.7, 4.3),
        tuple(f"id.{at}" for at in range(8)),
        tuple("0123456789"),
    )
    questions = Block(
        "q",
        Purpose.CHOICE,
        Run.DOWN,
        Grid(Point(30, 120), 8, 10, 2.8, 4.7),
        tuple(str(at + 1) for at in range(15)),
        tuple("12345"),
    )
    return SheetSpec(
        id="roomless",
        version=1,
        width=210,
        height=297,
        anchor=Anchor.MARKERS,
        markers=tuple(Marker(MarkerKind.SQUARE, Point(*at), 6) for at in corners),
        code=None,
        blocks=(identifier, questions),
    )


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize(
    ("spec", "identifier"), [(roomless(), "31314141"), (foreign(), "705")], ids=["roomless", "crowded"]
)
def test_a_sheet_of_another_design_says_whose_it_is_and_of_which_exam(
    spec: SheetSpec, identifier: str, tmp_path: Path
) -> None:
    known = PrintedSheet(code(spec), "3월 모의고사", "수학 A", "김하늘", identifier, "2026-03-11")
    path = printed(spec, [known, PrintedSheet(code(spec), "3월 모의고사", "수학 A")], tmp_path)
    for said in ("3월 모의고사", "2026-03-11", "수학 A", "김하늘", identifier):
        assert said in words(path)
    assert "이름 ____" in words(path, 1), "room to write it"
    page = rendered(path)
    for marker in spec.markers:
        half = marker.size / 2
        left, right = marker.centre.x - half - 2, marker.centre.x + half + 2
        rows = slice(round(max(0, marker.centre.y - half) * DOT), round((marker.centre.y + half) * DOT))
        for edge in (left, right):
            column = round(min(max(edge, 0.2), spec.width - 0.2) * DOT)
            assert page[rows, column].min() > 240, "nothing is close to a mark"


@pytest.mark.requirement("OMR-3")
def test_instructions_name_only_what_the_sheet_has(tmp_path: Path) -> None:
    own = words(printed(standard_sheet(20), [personal(standard_sheet(20))], tmp_path))
    other = words(printed(roomless(), [PrintedSheet(None, "시험")], tmp_path))
    assert "네 모서리의 검은 무늬와 QR 코드에는 아무것도" in own
    assert "네 모서리의 검은 무늬에는 아무것도" in other
    assert "QR" not in other
    assert "단답형" not in own + other


def test_the_day_of_the_exam_is_printed_and_no_number_of_an_only_page(tmp_path: Path) -> None:
    spec = standard_sheet(20)
    second = SheetCode(spec.id, spec.version, "e", "s", 2)
    sheets = [PrintedSheet(code(spec), "시험", held_on="2026-03-11"), PrintedSheet(second, "시험")]
    path = printed(spec, sheets, tmp_path)
    assert "답안지 · 2026-03-11" in words(path)
    assert "- 1 -" not in words(path)
    assert "쪽" not in words(path)
    assert "2쪽" in words(path, 1)
