"""Questions of a paper, their numbers, pictures and shared texts, across columns and pages (DOC-2)."""

from pathlib import Path
from random import Random

import pytest
from PIL import Image
from tests.integration.ocr.read import questions, saved
from tests.support.degrade.kinds import degraded
from tests.support.papers.layout import Look, exam
from tests.support.papers.making import fonts, made, rendered

pytestmark = [pytest.mark.requirement("DOC-2"), pytest.mark.slow]
PER_MM = 200 / 25.4
NEAR_MM = 6.0


@pytest.mark.parametrize(("number", "columns"), [("1.", 2), ("1)", 1), ("01", 2), ("1번", 1)])
def test_every_question_is_found_where_it_stands(tmp_path: Path, number: str, columns: int) -> None:
    look = Look(font=fonts()[-1], columns=columns, number=number)
    paper = made(exam(look, Random(columns), 7, [(2, 4)], formulas=True))
    found = questions(saved(rendered(paper), tmp_path / "paper.tif"), tmp_path / "out")
    assert [each.number for each in found.questions] == [1, 2, 3, 4, 5, 6, 7]
    assert [each.passage for each in found.questions] == ["", "2-4", "2-4", "2-4", "", "", ""]
    assert [each.passage for each in found.passages] == ["2-4"]
    for each in (*found.questions, *found.passages):
        name = f"question-{each.number}" if hasattr(each, "number") else "passage-2-4"
        page, left, top = paper.marks[name]
        first = each.boxes[0]
        assert first.page == page
        assert abs(first.top / PER_MM - top) < NEAR_MM
        assert abs(first.left / PER_MM - left) < NEAR_MM
        with Image.open(tmp_path / "out" / each.file) as picture:
            assert picture.height == sum(box.bottom - box.top for box in each.boxes)


def test_a_question_that_breaks_between_columns_is_one_picture(tmp_path: Path) -> None:
    paper = made(exam(Look(), Random(1), 8, [(1, 3)]))
    pages = [degraded(page, ("skew", "gauss"), Random(at), 0.3) for at, page in enumerate(rendered(paper))]
    found = questions(saved(pages, tmp_path / "paper.tif"), tmp_path / "out")
    assert [each.number for each in found.questions] == list(range(1, 9))
    broken = [each for each in found.questions if len(each.boxes) > 1]
    assert broken
    assert all(a.left < b.left or a.page < b.page for a, b in (each.boxes[:2] for each in broken))


def test_a_blank_page_has_no_questions(tmp_path: Path) -> None:
    found = questions(saved([Image.new("L", (1654, 2339), 255)], tmp_path / "blank.tif"), tmp_path / "out")
    assert (found.pages, found.questions, found.passages) == (1, [], [])
