"""A specification proposed from an empty sheet of another vendor (OMR-3)."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.integration.omr.vendor_sheets import VendorSheet

from academy.application.ports.sheet_proposal import SheetProposal
from academy.application.ports.sheets import PrintedSheet, ScanInvalid
from academy.domain.omr.reading import MarkState
from academy.domain.omr.sheet import Anchor, Block, SheetSpec, bubbles
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.opencv.describe import OpenCvSheetDescriber
from academy.infrastructure.opencv.reader import OpenCvSheetReader
from academy.infrastructure.reportlab.printer import ReportLabSheetPrinter

pytestmark = pytest.mark.requirement("OMR-3")
KINDS = {"squares": "square", "rings": "rings", "angles": "l"}


def proposed(folder: Path, sheet: VendorSheet) -> SheetProposal:
    scan = folder / "blank.png"
    sheet.picture().save(scan)
    return OpenCvSheetDescriber().describe(scan, None, "vendor", folder / "proposal.png")


def shape_of(block: Block) -> tuple[str, int, int]:
    return block.purpose.value, len(block.fields), len(block.choices)


def places(spec: SheetSpec) -> np.ndarray:
    """Return where every bubble stands (n, 2), in millimetres, in the order of the sheet."""
    return np.array([(one.centre.x, one.centre.y) for one in bubbles(spec.blocks)])


@pytest.mark.parametrize("marks", ["squares", "rings", "angles", "none"])
@pytest.mark.parametrize("boxes", [True, False])
@pytest.mark.parametrize("tilt", [0.0, 0.7, -1.8])
def test_every_bubble_and_mark_of_a_foreign_sheet_is_found(
    tmp_path: Path, marks: str, boxes: bool, tilt: float
) -> None:
    found = proposed(tmp_path, VendorSheet(marks, boxes, tilt))

    spec = found.spec
    assert [shape_of(block) for block in spec.blocks] == [("identifier", 6, 10), *[("choice", 15, 4)] * 3]
    assert spec.questions == tuple(str(at) for at in range(1, 46))
    assert {block.grid.shape.value for block in spec.blocks} == {"box" if boxes else "ellipse"}
    first = spec.blocks[1].grid
    assert (first.first.x, first.first.y) == pytest.approx((30, 130), abs=0.25)
    assert (first.field_step, first.choice_step) == pytest.approx((8, 9), abs=0.05)
    assert (first.width, first.height) == pytest.approx((5, 3.6), abs=0.4)
    if marks == "none":
        assert (spec.anchor, spec.markers) == (Anchor.BLANK, ())
        assert any("blank sheet" in english for english, _ in found.notes)
    else:
        assert {marker.kind.value for marker in spec.markers} == {KINDS[marks]}
        corners = sorted((round(marker.centre.x), round(marker.centre.y)) for marker in spec.markers)
        assert corners == [(15, 15), (15, 282), (195, 15), (195, 282)]
    assert found.left_out == 0
    with Image.open(tmp_path / "proposal.png") as picture:
        assert picture.height > 1500
        assert len(picture.getcolors(1 << 24) or ()) > 100, "drawn in colour"


@pytest.mark.parametrize(
    ("questions", "choices", "numbers", "landscape"),
    [(20, 5, 2, False), (45, 5, 0, True), (100, 4, 0, False), (30, 5, 6, True)],
)
def test_our_own_sheets_are_described_as_they_were_designed(
    tmp_path: Path, questions: int, choices: int, numbers: int, landscape: bool
) -> None:
    spec = standard_sheet(questions, choices, numbers, landscape=landscape)
    ReportLabSheetPrinter().print(spec, [PrintedSheet(None, "시험")], tmp_path / "blank.pdf")

    found = OpenCvSheetDescriber().describe(tmp_path / "blank.pdf", None, "x", tmp_path / "x.png").spec

    assert [shape_of(block) for block in found.blocks] == [shape_of(block) for block in spec.blocks]
    assert found.questions == spec.questions
    assert np.abs(places(found) - places(spec)).max() < 0.3
    assert {marker.number for marker in found.markers} == {0, 1, 2, 3}


@pytest.mark.parametrize("marks", ["squares", "rings", "angles"])
@pytest.mark.parametrize("boxes", [True, False])
def test_a_filled_sheet_is_read_by_what_was_proposed(tmp_path: Path, marks: str, boxes: bool) -> None:
    spec = proposed(tmp_path, VendorSheet(marks, boxes)).spec
    wanted = {name: str(1 + int(name) % 4) for name in spec.questions}
    picture = VendorSheet(marks, boxes).picture()
    draw, scale = ImageDraw.Draw(picture), 200 / 25.4
    for one in bubbles(spec.blocks):
        block = spec.blocks[one.block]
        if wanted.get(block.fields[one.field]) == block.choices[one.choice]:
            x, y = one.centre.x, one.centre.y
            draw.rectangle(
                [(x - 2.3) * scale, (y - 1.6) * scale, (x + 2.3) * scale, (y + 1.6) * scale], fill=50
            )
    picture.rotate(2.0, fillcolor=250).save(tmp_path / "filled.png")

    (page,) = OpenCvSheetReader().read(spec, tmp_path / "filled.png")

    assert page.problem is None
    assert {name: page.fields[name].marked for name in wanted} == {
        name: (choice,) for name, choice in wanted.items()
    }
    assert {page.fields[name].state for name in wanted} == {MarkState.SINGLE}


@pytest.mark.parametrize("content", [b"", b"no picture", b"%PDF-1.7\n%%EOF"])
def test_what_is_no_scan_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ScanInvalid):
        OpenCvSheetDescriber().describe(tmp_path / "x", None, "x", tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_a_page_without_bubbles_is_refused_in_words(tmp_path: Path) -> None:
    Image.new("L", (1654, 2339), 250).save(tmp_path / "white.png")
    with pytest.raises(ScanInvalid) as refused:
        OpenCvSheetDescriber().describe(tmp_path / "white.png", None, "x", tmp_path / "x.png")
    assert refused.value.failure.code == "sheet_without_bubbles"
    assert "빈 표시 칸" in refused.value.failure.message_ko


def test_a_filled_sheet_and_further_pages_are_named_first(tmp_path: Path) -> None:
    sheet = VendorSheet("squares", boxes=False)
    blank = sheet.picture()
    filled, scale = blank.copy(), sheet.dpi / 25.4
    draw = ImageDraw.Draw(filled)
    for row in range(15):
        x, y = 30 + row % 4 * 9, 130 + row * 8
        draw.ellipse([(x - 2.4) * scale, (y - 1.7) * scale, (x + 2.4) * scale, (y + 1.7) * scale], fill=40)
    filled.save(tmp_path / "filled.pdf", resolution=sheet.dpi, save_all=True, append_images=[blank, blank])
    blank.save(tmp_path / "blank.png")

    found = OpenCvSheetDescriber().describe(tmp_path / "filled.pdf", None, "vendor", tmp_path / "1.png")
    empty = OpenCvSheetDescriber().describe(tmp_path / "blank.png", None, "vendor", tmp_path / "2.png")

    assert "looks filled in (15 marks)" in found.notes[0][0]
    assert "빈 답안지를 사용해" in found.notes[0][1]
    assert "Only page 1 of 3 was used" in found.notes[1][0]
    assert "3쪽 가운데 1쪽만" in found.notes[1][1]
    assert not any("filled in" in english or "Only page" in english for english, _ in empty.notes)


def test_names_of_questions_are_drawn_where_nothing_is_printed(tmp_path: Path) -> None:
    """The printed numbers stand left of the bubbles, where names are drawn when there is room."""
    sheet = VendorSheet("squares", boxes=False)
    blank = sheet.picture()
    draw, scale = ImageDraw.Draw(blank), sheet.dpi / 25.4
    for block in range(3):
        for row in range(15):
            left, top = (21 + block * 58) * scale, (128.5 + row * 8) * scale
            draw.rectangle([left, top, left + 4.5 * scale, top + 3 * scale], fill=0)
    blank.save(tmp_path / "blank.png")

    OpenCvSheetDescriber().describe(tmp_path / "blank.png", None, "vendor", tmp_path / "drawn.png")

    before = np.asarray(blank)
    with Image.open(tmp_path / "drawn.png") as picture:
        after = np.asarray(picture.convert("RGB").resize(blank.size)).astype(int)
    red = (after[:, :, 0] > 150) & (after[:, :, 1] < 90)
    assert red.sum() > 1000
    assert not (red & (before < 40)).any()
