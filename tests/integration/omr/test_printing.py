"""Sheets are printed as their specification says: found in the rendered page, not in the drawing's own words."""

from importlib.resources import files
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from numpy.typing import NDArray

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.code import decode
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import (
    Anchor,
    Block,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    SheetSpec,
    bubbles,
)
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.reportlab import ReportLabSheetPrinter
from academy.infrastructure.reportlab.text import BOLD, REGULAR, font

pytestmark = pytest.mark.requirement("OMR-1")

Picture = NDArray[np.uint8]
DPI = 200
DOT = DPI / 25.4
LAYOUTS = [
    *((questions, 5, 0, 3) for questions in (1, 20, 40, 60, 100)),
    (40, 2, 0, 3),
    (30, 4, 5, 3),
    (0, 5, 8, 6),
]
SHEETS = [standard_sheet(*layout, landscape=turned) for layout in LAYOUTS for turned in (False, True)]


def code(spec: SheetSpec, number: int = 1) -> SheetCode:
    return SheetCode(spec.id, spec.version, str(UUID(int=5 << 90)), str(UUID(int=number << 80)))


def personal(spec: SheetSpec, number: int = 1) -> PrintedSheet:
    return PrintedSheet(
        code(spec, number),
        "3월 수학 월말평가",
        "고2 심화반",
        f"김하늘{number}",
        f"{number * 98_765_432 % 10**8:08d}",
    )


def printed(spec: SheetSpec, sheets: list[PrintedSheet], folder: Path) -> Path:
    target = folder / "sheets.pdf"
    ReportLabSheetPrinter().print(spec, sheets, target)
    return target


def rendered(path: Path, page: int = 0, dpi: float = DPI) -> Picture:
    """Return a page in grey, 0 black to 255 white."""
    with pypdfium2.PdfDocument(path) as document:
        return np.array(document[page].render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))


def words(path: Path, page: int = 0) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return str(document[page].get_textpage().get_text_range())


def ellipse_part(
    picture: Picture, x: float, y: float, width: float, height: float, low: float, high: float
) -> Picture:
    """Return the dots between two sizes of an ellipse around a place in millimetres, as parts of its full size."""
    tall, wide = picture.shape
    top, left = max(int((y - height) * DOT), 0), max(int((x - width) * DOT), 0)
    rows, columns = np.mgrid[
        top : min(int((y + height) * DOT), tall), left : min(int((x + width) * DOT), wide)
    ]
    away = np.hypot(
        ((columns + 0.5) / DOT - x) / (width / 2),
        ((rows + 0.5) / DOT - y) / (height / 2),
    )
    part: Picture = picture[rows, columns][(away >= low) & (away < high)]
    return part


@pytest.mark.parametrize("spec", SHEETS, ids=lambda spec: spec.id)
def test_every_bubble_is_where_the_specification_says_and_nearly_white_inside(
    spec: SheetSpec, tmp_path: Path
) -> None:
    picture = rendered(printed(spec, [PrintedSheet(None, "시험")], tmp_path))
    assert picture.shape == pytest.approx((spec.height * DOT, spec.width * DOT), abs=1.5)
    for bubble in bubbles(spec.blocks):
        grid = spec.blocks[bubble.block].grid
        place = picture, bubble.centre.x, bubble.centre.y, grid.width, grid.height
        assert ellipse_part(*place, 0, 0.8).mean() > 240, "the label inside is faint"
        assert ellipse_part(*place, 0.95, 1.05).mean() < 215, "there is an outline"
        assert ellipse_part(*place, 1.12, 1.2).mean() > 250, "and nothing around it"


@pytest.mark.parametrize("spec", SHEETS, ids=lambda spec: spec.id)
def test_marks_of_position_are_found_at_their_place_in_their_size(spec: SheetSpec, tmp_path: Path) -> None:
    picture = rendered(printed(spec, [personal(spec)], tmp_path))
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    corners, numbers, _ = detector.detectMarkers(picture)
    assert numbers is not None
    found = {int(number): corner[0] / DOT for number, corner in zip(numbers.flatten(), corners, strict=True)}
    assert sorted(found) == [marker.number for marker in spec.markers]
    for marker in spec.markers:
        half = marker.size / 2
        left, top = marker.centre.x - half, marker.centre.y - half
        right, bottom = marker.centre.x + half, marker.centre.y + half
        wanted = [(left, top), (right, top), (right, bottom), (left, bottom)]
        assert found[marker.number] == pytest.approx(np.array(wanted), abs=0.2), "upright, in millimetres"


@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_the_qr_code_is_read_from_the_page(dpi: int, tmp_path: Path) -> None:
    spec = standard_sheet(40, 5, 3, 3)
    longest = SheetCode(
        spec.id + "-of-another-academy", 65_535, str(UUID(int=1 << 120)), str(UUID(int=1 << 90)), 255
    )
    sheets = [personal(spec, n) for n in range(1, 20)] + [PrintedSheet(longest, "긴 코드")]
    path = printed(spec, sheets, tmp_path)
    for page, sheet in enumerate(sheets):
        (barcode,) = zxingcpp.read_barcodes(rendered(path, page, dpi))
        assert decode(barcode.text) == sheet.code


def test_nothing_is_near_the_qr_code_and_the_markers(tmp_path: Path) -> None:
    for spec in SHEETS:
        picture = rendered(printed(spec, [personal(spec)], tmp_path))
        assert spec.code is not None
        around = [(marker.centre, marker.size, 1.5) for marker in spec.markers]
        for centre, size, quiet in [*around, (spec.code.centre, spec.code.size, 2.5)]:
            inner, outer = size / 2 + 0.2, size / 2 + quiet
            box = [round((v + d) * DOT) for v in (centre.x, centre.y) for d in (-outer, outer)]
            area = picture[box[2] : box[3], box[0] : box[1]].astype(int)
            edge = round((outer - inner) * DOT)
            area[edge:-edge, edge:-edge] = 255
            assert area.min() > 250, spec.id


def foreign() -> SheetSpec:
    """Return a crowded sheet of another design: blocks side by side, other marks, boxes, questions that run across."""
    digits = tuple("0123456789")
    return SheetSpec(
        id="vendor-card",
        version=2,
        width=180,
        height=120,
        anchor=Anchor.MARKERS,
        markers=(
            Marker(MarkerKind.SQUARE, Point(8, 8), 6),
            Marker(MarkerKind.L, Point(172, 8), 6),
            Marker(MarkerKind.RINGS, Point(8, 112), 6),
        ),
        code=None,
        blocks=(
            Block(
                "l",
                Purpose.CHOICE,
                Run.DOWN,
                Grid(Point(20, 16), 5, 5, 4, 3),
                ("1", "2", "3"),
                ("가", "나", "다"),
            ),
            Block(
                "m",
                Purpose.CHOICE,
                Run.DOWN,
                Grid(Point(36, 16), 5, 5, 4, 3),
                ("4", "5", "6"),
                ("A", "B", "C"),
            ),
            Block(
                "r",
                Purpose.CHOICE,
                Run.ACROSS,
                Grid(Point(60, 16), 5, 5, 4, 3, Shape.BOX),
                ("7", "8"),
                ("O", "X"),
            ),
            Block("i", Purpose.IDENTIFIER, Run.DOWN, Grid(Point(60, 40), 5, 5, 4, 3), ("a", "b"), digits),
            Block("j", Purpose.IDENTIFIER, Run.DOWN, Grid(Point(60, 50), 5, 5, 4, 3), ("c",), digits),
            Block(
                "bottom",
                Purpose.CHOICE,
                Run.DOWN,
                Grid(Point(170, 110), -5, -5, 4, 3),
                ("9", "10"),
                ("1", "2"),
            ),
        ),
    )


@pytest.mark.requirement("OMR-3")
def test_a_sheet_of_another_design_is_drawn_without_touching_its_bubbles(tmp_path: Path) -> None:
    spec = foreign()
    picture = rendered(printed(spec, [PrintedSheet(code(spec), "남의 답안지", identifier="705")], tmp_path))
    marked = {("a", "7"), ("b", "0"), ("c", "5")}
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        grid = block.grid
        inside = ellipse_part(picture, bubble.centre.x, bubble.centre.y, grid.width, grid.height, 0, 0.8)
        wanted = (block.fields[bubble.field], block.choices[bubble.choice]) in marked
        assert (inside.max() < 60) if wanted else (inside.mean() > 225)
    for x, y, dark in (
        (8, 8, True),
        (174.2, 8, True),
        (174.2, 5.8, True),
        (171, 9, False),
        (8, 112, True),
        (8, 113.7, False),
    ):
        assert bool(picture[round(y * DOT), round(x * DOT)] < 60) is dark


@pytest.mark.parametrize("turned", [False, True])
def test_the_identifier_is_marked_beforehand_and_nothing_else(turned: bool, tmp_path: Path) -> None:
    spec = standard_sheet(20, landscape=turned)
    sheet = personal(spec, 7)
    picture = rendered(printed(spec, [sheet], tmp_path))
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        inside = ellipse_part(
            picture, bubble.centre.x, bubble.centre.y, block.grid.width, block.grid.height, 0, 0.9
        )
        wanted = (
            block.purpose is Purpose.IDENTIFIER
            and sheet.identifier[bubble.field] == block.choices[bubble.choice]
        )
        assert (inside.max() < 60) if wanted else (inside.mean() > 235)


def test_a_hundred_students_get_a_page_each_with_their_own_name(tmp_path: Path) -> None:
    spec = standard_sheet(40)
    path = printed(spec, [personal(spec, n) for n in range(1, 101)], tmp_path)
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == 100
    for page in (0, 41, 99):
        text = words(path, page)
        assert f"김하늘{page + 1}" in text
        assert "3월 수학 월말평가" in text
        assert "고2 심화반" in text
        assert decode(zxingcpp.read_barcodes(rendered(path, page))[0].text) == code(spec, page + 1)
    assert path.stat().st_size < 400_000, "what sheets have in common is there once"


def test_fonts_are_embedded_and_only_what_is_used_of_them(tmp_path: Path) -> None:
    spec = standard_sheet(100)
    with pikepdf.open(printed(spec, [personal(spec)], tmp_path)) as document:
        fonts = [
            o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"
        ]
        assert len(fonts) >= 2
        for font in fonts:
            if font.get("/Subtype") == "/TrueType":
                assert "+NanumGothic" in str(font.BaseFont)
                assert len(font.FontDescriptor.FontFile2.read_bytes()) < 200_000
            else:
                assert font.BaseFont == "/Helvetica", (
                    "the library names it in every file, and nothing uses it"
                )
    assert "답안 표시 방법" in words(tmp_path / "sheets.pdf")


def test_names_of_a_thousand_different_syllables_are_all_written(tmp_path: Path) -> None:
    spec = standard_sheet(10)
    names = ["".join(chr(0xAC00 + 11 * (10 * n + k)) for k in range(10)) for n in range(100)]
    path = printed(spec, [PrintedSheet(None, "시험", student=name) for name in names], tmp_path)
    for page in (0, 50, 99):
        assert names[page] in words(path, page)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    spec = standard_sheet(30, 5, 2, 3)
    first = printed(spec, [personal(spec, n) for n in (1, 2)], tmp_path).read_bytes()
    printed(standard_sheet(5), [PrintedSheet(None, "다른 시험")], tmp_path)
    assert printed(spec, [personal(spec, n) for n in (1, 2)], tmp_path).read_bytes() == first
    assert printed(spec, [personal(spec, n) for n in (2, 1)], tmp_path).read_bytes() != first


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "제" * 300,
        "가나다 " * 100,
        "W" * 499,
        "🙂" * 50,
        "\u202eمرحبا بالعالم" * 20,
        "a\x00b\x07c\n\r\td\u2028e",
        "e" + "\u0301" * 400,
        "\ud800",
        "㍿㎒㏂ " * 80,
        "<b>&amp;(\\)",
        "\U000e0041" * 99,
    ],
    ids=range(11),
)
def test_no_text_leaves_its_place(text: str, turned: bool, tmp_path: Path) -> None:
    spec = standard_sheet(40, landscape=turned)
    empty = rendered(printed(spec, [PrintedSheet(None, "")], tmp_path)).astype(int)
    path = printed(spec, [PrintedSheet(None, text, text, text)], tmp_path)
    changed = np.abs(rendered(path).astype(int) - empty) > 30
    assert spec.code is not None
    changed[: round(28.5 * DOT), round(21 * DOT) : round((spec.code.centre.x - 10) * DOT)] = False
    part = (spec.width - 20) / 100
    for left, right in ((0, 40), (40, 76)):
        changed[
            round(29.5 * DOT) : round(39 * DOT),
            round((23.3 + left * part) * DOT) : round((9.8 + right * part) * DOT),
        ] = False
    assert not changed.any()


def test_text_without_a_glyph_is_shown_as_a_box_once(tmp_path: Path) -> None:
    spec = standard_sheet(5)
    path = printed(spec, [PrintedSheet(None, "수학 🙂🙂 \u202e평가\x07 나\u0000다")], tmp_path)
    assert "수학 □ 평가 나 다" in words(path)


def test_a_decomposed_name_is_written_in_syllables(tmp_path: Path) -> None:
    spec = standard_sheet(5)
    path = printed(spec, [PrintedSheet(None, "시험", student="\u1100\u1175\u11b7\u1112\u1161")], tmp_path)
    assert "김하" in words(path)


@pytest.mark.parametrize("identifier", ["1234567", "123456789", "1234567x", "１２３４５６７８"])
def test_an_identifier_that_cannot_be_marked_is_refused_before_anything_is_written(
    identifier: str, tmp_path: Path
) -> None:
    spec = standard_sheet(5)
    with pytest.raises(SheetRefused) as caught:
        printed(spec, [personal(spec), PrintedSheet(None, "시험", identifier=identifier)], tmp_path)
    assert caught.value.failure.code == "identifier_unfit"
    assert list(tmp_path.iterdir()) == []


def test_no_sheets_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetRefused) as caught:
        printed(standard_sheet(5), [], tmp_path)
    assert caught.value.failure.code == "sheets_none"


def test_a_code_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    spec = standard_sheet(5)
    with pytest.raises(SheetRefused) as caught:
        printed(spec, [PrintedSheet(SheetCode(spec.id, 1, "e" * 41), "시험")], tmp_path)
    assert caught.value.failure.code == "sheet_code_unfit"


def test_the_fonts_travel_with_their_licence() -> None:
    folder = files("academy.infrastructure") / "fonts"
    assert {entry.name for entry in folder.iterdir()} == {"NanumGothic.ttf", "NanumGothicBold.ttf", "OFL.txt"}
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text()


def test_both_fonts_have_the_same_letters() -> None:
    assert set(font(REGULAR).face.charToGlyph) == set(font(BOLD).face.charToGlyph)
