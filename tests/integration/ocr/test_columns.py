"""Columns of exam papers as they are printed: short questions, a line between the columns, letters that touch it (DOC-2)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.integration.ocr.read import questions, saved

import academy.infrastructure.fonts
from academy.domain.ocr.page import Box
from academy.infrastructure.opencv.layout import OpenCvPageLayouts

pytestmark = [pytest.mark.requirement("DOC-2"), pytest.mark.slow]
FONT = Path(academy.infrastructure.fonts.__path__[0]) / "NanumGothic.ttf"
WIDE, HIGH = 1240, 1754  # A4 at 150 dpi
MIDDLE = 620


def short_questions(number: int, *, rule: bool = True, long: str = "", lean: int = 0) -> Image.Image:
    """Return a page of six short questions in two columns; `long` stands at the end of the left ones' first lines."""
    page = Image.new("L", (WIDE, HIGH), 255)
    pen = ImageDraw.Draw(page)
    body, head = (ImageFont.truetype(str(FONT), size) for size in (21, 40))
    pen.text((420, 60), "수학 영역", font=head, fill=0)
    pen.line((60, 130, 1180, 130), fill=0, width=3)
    if rule:
        pen.line((MIDDLE + lean, 140, MIDDLE, 1680), fill=0, width=2)
    for at in range(6):
        left, top = (80, 660)[at // 3], 180 + 490 * (at % 3)
        pen.text((left, top), f"{6 * (number - 1) + at + 1}.", font=body, fill=0)
        pen.text((left + 46, top), "다음 중에서 옳은 것을 고르시오. " + long * (at < 3), font=body, fill=0)
        pen.text((left + 46, top + 38), "설명이 맞는 것은 무엇인가?", font=body, fill=0)
        pen.text((left + 46, top + 260), "가   10    나   15    다   20    라   25", font=body, fill=0)
    pen.text((600, 1704), str(number), font=body, fill=0)
    return page


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"rule": False},
        {"lean": 7},
        {"long": "그리고 그 까닭을 밝히라"},
    ],
    ids=["line", "no line", "leaning line", "letters over the line"],
)
def test_short_questions_in_two_columns_are_all_found(tmp_path: Path, more: dict[str, object]) -> None:
    draw: Callable[..., Image.Image] = short_questions
    pages = [draw(number, **more) for number in range(1, 5)]
    found = questions(saved(pages, tmp_path / "paper.tif"), tmp_path / "out")
    assert [each.number for each in found.questions] == list(range(1, 25))
    for each in found.questions:
        (box,) = each.boxes
        assert box.page == (each.number + 5) // 6
        top = 180 + 490 * ((each.number - 1) % 3)
        assert top - 20 < box.top <= top + 10, "neither the title nor the question before"
        assert top + 270 < box.bottom < top + 320, "all of it, and no empty space below"
        left = (each.number - 1) % 6 < 3
        assert box.right < 670 if left else box.left > 590
        with Image.open(tmp_path / "out" / each.file) as picture:
            dark = (np.asarray(picture.convert("L")) < 128).mean(axis=0)
            assert dark.max() < 0.5, "the line between the columns"


SUMS = ("2 + 3 은 얼마입니까?", "5 곱하기 4 는 얼마입니까?", "12 나누기 3 은 얼마입니까?")
WORDS = ("다음 글의 주제로 가장 알맞은 것은?", "밑줄 친 낱말의 뜻을 쓰시오.", "다음 중 소수는 무엇입니까?")


def far_apart(texts: tuple[str, ...], size: int, top: int, columns: int, many: int) -> Image.Image:
    """Return a page at 200 dpi with few questions of two lines, 300 pixels apart."""
    page = Image.new("L", (1654, 2339), 255)
    pen, body = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), size)
    rows = many // columns
    for at in range(many):
        left, high = 150 + 750 * (at // rows), top + 300 * (at % rows)
        pen.text((left, high), f"{at + 1}. {texts[at % 3]}", font=body, fill=0)
        pen.text((left, high + round(1.6 * size)), "답을 쓰시오.", font=body, fill=0)
    return page


@pytest.mark.parametrize("texts", [SUMS, WORDS], ids=["sums", "words"])
@pytest.mark.parametrize(
    ("size", "top", "columns", "many"), [(26, 420, 1, 6), (26, 150, 1, 6), (32, 420, 2, 4)]
)
def test_few_questions_far_apart_are_all_found(
    tmp_path: Path, texts: tuple[str, ...], size: int, top: int, columns: int, many: int
) -> None:
    page = far_apart(texts, size, top, columns, many)
    found = questions(saved([page], tmp_path / "paper.tif"), tmp_path / "out")
    assert [each.number for each in found.questions] == list(range(1, many + 1))
    assert abs(found.questions[0].boxes[0].top - top) < 30


def test_the_side_of_a_table_is_no_line_between_columns(tmp_path: Path) -> None:
    page = Image.new("L", (WIDE, HIGH), 255)
    pen = ImageDraw.Draw(page)
    body = ImageFont.truetype(str(FONT), 21)
    pen.text((80, 160), "1. 표를 보고 옳은 것을 고르시오.", font=body, fill=0)
    for at in range(11):
        pen.line((80, 220 + 90 * at, 1160, 220 + 90 * at), fill=0, width=2)
        if at < 10:
            pen.text((100, 250 + 90 * at), "왼쪽 칸에 적은 말", font=body, fill=0)
            pen.text((660, 250 + 90 * at), "오른쪽 칸에 적은 말", font=body, fill=0)
    for x in (80, MIDDLE, 1160):
        pen.line((x, 220, x, 1120), fill=0, width=2)
    pen.text((80, 1180), "2. 다음을 읽고 옳은 것을 고르시오.", font=body, fill=0)
    found = questions(saved([page], tmp_path / "paper.tif"), tmp_path / "out")
    first, second = found.questions
    assert (first.number, second.number) == (1, 2)
    with Image.open(tmp_path / "out" / first.file) as picture:
        dark = (np.asarray(picture.convert("L")) < 128).mean(axis=0)
        assert (dark > 0.5).any(), "the table keeps its lines"


def test_a_crop_of_nothing_is_none_and_dirt_is_nothing(tmp_path: Path) -> None:
    picture = np.full((400, 300), 255, np.uint8)
    picture[50, 60] = picture[380, 10] = 0
    picture[200:220, 100:140] = 0
    Image.fromarray(picture).save(tmp_path / "page.png")
    layouts = OpenCvPageLayouts()
    assert layouts.tight(tmp_path / "page.png", Box(0, 0, 300, 150)) is None
    found = layouts.tight(tmp_path / "page.png", Box(0, 0, 300, 400))
    assert found is not None
    assert (found.left, found.right) == (0, 300)
    assert 190 <= found.top <= 200
    assert 220 <= found.bottom <= 230
