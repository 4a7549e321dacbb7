"""`academy omr`: sheets on files of this machine, as somebody types it."""

import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import ImageDraw
from tests.unit.cli.conftest import Installation

from academy.application.ai.sheet_json import from_contract
from academy.contracts.omr import SheetSpecification
from academy.domain.omr.sheet import bubbles

DPI = 150


@pytest.fixture
def printed(empty: Installation, tmp_path: Path) -> Path:
    """A folder with a printed sheet of ten questions and a number, and its specification."""
    sheets, saved = str(tmp_path / "sheets.pdf"), str(tmp_path / "sheets.json")
    ran = empty.run("omr", "print", "--questions", "10", "--numbers", "1", "--out", sheets, "--save", saved)
    assert ran.code == 0, ran.err
    assert "wrote 1 sheet to" in ran.out
    return tmp_path


def fill(folder: Path, marks: dict[str, str]) -> Path:
    """Fill the printed sheet in and scan it."""
    given = SheetSpecification.model_validate_json((folder / "sheets.json").read_bytes())
    spec = from_contract(given)
    with pypdfium2.PdfDocument(folder / "sheets.pdf") as document:
        page = document[0].render(scale=DPI / 72).to_pil().convert("L")
    draw, scale = ImageDraw.Draw(page), DPI / 25.4
    for one in bubbles(spec.blocks):
        block = spec.blocks[one.block]
        if marks.get(block.fields[one.field]) == block.choices[one.choice]:
            x, y = one.centre.x, one.centre.y
            draw.ellipse(
                [(x - 2.1) * scale, (y - 1.7) * scale, (x + 2.1) * scale, (y + 1.7) * scale], fill=40
            )
    page.rotate(90, expand=True).save(folder / "scan.png", dpi=(DPI, DPI))
    return folder / "scan.png"


@pytest.mark.requirement("OMR-2")
def test_a_filled_sheet_is_read_into_a_table(empty: Installation, printed: Path) -> None:
    marks = {"1": "2", "2": "5", "id.1": "4", "id.2": "0", "11.2": "1", "11.3": "6"}
    scan, spec = str(fill(printed, marks)), str(printed / "sheets.json")

    table = empty.run("omr", "read", spec, scan)
    pages = empty.run("omr", "read", spec, scan, "--json", "--overlay", str(printed / "pages"))

    assert table.code == 0, table.err
    assert "identifier 40······" in table.out
    assert "turned 270°" in table.out or "turned 90°" in table.out
    assert "1:2" in table.out
    assert "11:16" in table.out
    assert "1 page, 0 unreadable, 0 doubtful answers" in table.out
    (page,) = pages.json()
    assert page["answers"] == {"1": "2", "2": "5", **{str(at): "·" for at in range(3, 11)}, "11": "16"}
    assert (page["code"]["spec_id"], page["doubtful"], page["problem"]) == ("a4-p-10x5-n1x3", [], None)
    assert Path(page["overlay"]).read_bytes()[:2] == b"\xff\xd8"


@pytest.mark.requirement("OMR-2")
def test_every_answer_below_the_threshold_is_doubtful(empty: Installation, printed: Path) -> None:
    scan, spec = str(fill(printed, {"1": "2"})), str(printed / "sheets.json")

    (page,) = empty.run("omr", "read", spec, scan, "--json", "--threshold", "1").json()
    table = empty.run("omr", "read", spec, scan, "--threshold", "1")

    assert "1" in page["doubtful"]
    assert "1:2?" in table.out


@pytest.mark.requirement("OMR-3")
def test_an_empty_sheet_is_described_and_checked(empty: Installation, printed: Path) -> None:
    target, picture = printed / "vendor.json", printed / "vendor.png"

    ran = empty.run(
        "omr", "describe", str(printed / "sheets.pdf"), "--out", str(target), "--name", "vendor-1"
    )
    again = empty.run("omr", "describe", str(printed / "sheets.pdf"), "--out", str(target))
    checked = empty.run("omr", "check", str(target))

    assert ran.code == 0, ran.err
    assert "Compare the picture" in ran.out
    assert "그림과 비교해" in ran.out
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert (again.code, "--force" in again.err) == (1, True)
    assert json.loads(target.read_text())["id"] == "vendor-1"
    assert "11 questions, 1 to 11" in checked.out
    assert "인쇄하고 읽을 수 있는 양식입니다" in checked.out
    assert empty.run("omr", "check", str(target), "--json").json()["questions"][-1] == "11"


def wrong(folder: Path, **changes: Any) -> str:
    """Return a specification with changes."""
    given = json.loads((folder / "sheets.json").read_text())
    (folder / "wrong.json").write_text(json.dumps(given | changes))
    return str(folder / "wrong.json")


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"v": 2}, "v: Input should be 1"),
        ({"anchor": "corner"}, "anchor: "),
        ({"blocks": []}, "blocks: "),
        ({"blocks": [{"name": "x"}]}, "blocks[0].grid: Field required"),
        ({"width": 20.0, "height": 20.0}, "not wholly on the page"),
        ({"markers": []}, "markers"),
        ({"colour": "red"}, "colour: "),
    ],
)
def test_what_is_wrong_with_a_specification_is_said_where_it_is(
    empty: Installation, printed: Path, changes: dict[str, Any], said: str
) -> None:
    ran = empty.run("omr", "check", wrong(printed, **changes))

    assert ran.code == 1
    assert said in ran.err
    assert "How to fix it" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.requirement("OMR-1")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("print", "--out", "x.pdf"), "how many questions"),
        (("print", "no-such.json", "--out", "x.pdf"), "there is no file no-such.json"),
        (("print", "--questions", "100", "--numbers", "40", "--out", "x.pdf"), "do not fit on one page"),
        (("print", "--questions", "5", "--out", "no-such/x.pdf"), "there is no folder no-such"),
        (("read", "no-such.json", "x.pdf"), "there is no file no-such.json"),
        (("check", "no-such.json"), "academy omr describe"),
        (("describe", "no-such.pdf"), "there is no file no-such.pdf"),
        (("describe", "x", "--size", "10"), "is no paper"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    empty: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())

    ran = empty.run("omr", *arguments)

    assert ran.code == 1
    assert said in ran.err
    assert set(tmp_path.iterdir()) == before


@pytest.mark.requirement("OMR-1")
def test_a_sheet_that_is_too_full_is_mended_in_both_languages(empty: Installation, tmp_path: Path) -> None:
    ran = empty.run("omr", "print", "--questions", "100", "--numbers", "40", "--out", str(tmp_path / "x.pdf"))

    assert ran.code == 1
    problem, mend = ran.err.split("How to fix it:")
    assert "do not fit on one page. 문항이 한 쪽에 다 들어가지 않습니다." in problem
    assert "make two sheets" in mend
    assert "두 장으로 나누어" in mend
    assert "들어가지 않습니다" not in mend


@pytest.mark.requirement("OMR-3")
def test_a_page_of_another_specification_is_named(empty: Installation, printed: Path) -> None:
    """Whether it can be laid under the wrong specification, as sheets of one maker can, or not."""
    scan = str(fill(printed, {"1": "2"}))
    made = ("omr", "print", "--questions", "20", "--out", str(printed / "other.pdf"))
    empty.run(*made, "--save", str(printed / "other.json"))
    given = json.loads((printed / "other.json").read_text())
    squares = [{**each, "kind": "square", "number": 0} for each in given["markers"]]
    (printed / "vendor.json").write_text(
        json.dumps(given | {"markers": squares, "code": None, "id": "vendor"})
    )

    (close,) = empty.run("omr", "read", str(printed / "other.json"), scan, "--json").json()
    (far,) = empty.run("omr", "read", str(printed / "vendor.json"), scan, "--json").json()

    assert "other_sheet" in close["warnings"]
    assert far["problem"]["code"] == "other_sheet"
    assert "its code names a4-p-10x5-n1x3 v1, and vendor v1 was to be read" in far["problem"]["message"]
    assert "QR 코드의 양식은 a4-p-10x5-n1x3 v1" in far["problem"]["message_ko"]


@pytest.mark.requirement("OMR-2")
def test_a_file_that_is_no_scan_is_refused_in_both_languages(empty: Installation, printed: Path) -> None:
    (printed / "text.txt").write_text("no scan")

    ran = empty.run("omr", "read", str(printed / "sheets.json"), str(printed / "text.txt"))

    assert ran.code == 1
    assert "text.txt: " in ran.err
    assert "파일" in ran.err
