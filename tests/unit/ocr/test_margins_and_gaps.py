"""What at a page's edge belongs to no question, and numbers that the reader did not make out; no engine is needed (DOC-2)."""

import pytest
from tests.unit.ocr.test_page_rules import HIGH, column, line, page

from academy.domain.ocr.page import Box, Column, FormulaRegion, Line, PageText, RegionKind
from academy.domain.ocr.questions import find_questions

pytestmark = pytest.mark.requirement("DOC-2")


def at(left: int, top: int, *lines: Line) -> Column:
    return Column(lines, Box(left, top, left + 500, max(each.box.bottom for each in lines)))


def two_columns(number: int, first: int) -> PageText:
    """Return a page with a title, a question in each column, and its number below the left one."""
    left = at(
        50, 160, line(f"{first}. 왼쪽", 50, 160), line("고르면?", 80, 240), line(str(number), 400, 1640)
    )
    right = at(620, 160, line(f"{first + 1}. 오른쪽", 620, 160), line("고르면?", 650, 240))
    return PageText(number, 1200, 1700, columns=(at(400, 60, line("수학 영역", 400, 60)), left, right))


def test_titles_and_page_numbers_are_in_no_question() -> None:
    questions, _ = find_questions([two_columns(1, 1), two_columns(2, 3)])
    assert [each.number for each in questions] == [1, 2, 3, 4]
    assert [len(each.places) for each in questions] == [1, 1, 1, 1]
    for each in questions:
        box = each.places[0].box
        assert box.top > 60 + HIGH
        assert box.bottom < 400


def test_a_head_that_stands_on_every_page_is_in_no_question() -> None:
    pages = [
        page(
            Column((line("한빛학원 중간고사 대비", 50, 60), *body.lines), Box(50, 60, 550, 600)),
            number=number,
        )
        for number, body in (
            (1, column(50, "1. 하나", "가", top=200)),
            (2, column(50, "계속", "2. 둘", top=200)),
        )
    ]
    questions, _ = find_questions(pages)
    assert [[place.page for place in each.places] for each in questions] == [[1, 2], [2]]
    assert all(place.box.top > 60 + HIGH for each in questions for place in each.places)


def test_a_line_that_all_pages_share_but_that_stands_beside_a_question_is_no_head() -> None:
    pages = [
        page(
            column(50, f"{first}. 하나", "가", top=160),
            column(620, "두 사건에 대하여", "나", f"{first + 1}. 둘", top=160),
            number=number,
        )
        for number, first in ((1, 1), (2, 3))
    ]
    questions, _ = find_questions(pages)
    assert [len(each.places) for each in questions] == [2, 1, 2, 1]
    assert questions[0].places[1].box.top <= 160


def test_numbers_are_told_by_their_place_where_they_were_not_read() -> None:
    texts = ("1. 하나", "고르면?", "고. 둘", "고르면?", "셋을", "고르면?", "4. 넷", "5. 다섯")
    lines = [line(text, 80 if text == "고르면?" else 50, 200 + 60 * n) for n, text in enumerate(texts)]
    lines[4] = line("셋을", 80, 200 + 60 * 4)
    unread = FormulaRegion(RegionKind.FORMULA, Box(48, lines[4].box.top, 76, lines[4].box.bottom))
    questions, _ = find_questions([page(at(50, 200, *lines), regions=(unread,))])
    assert [each.number for each in questions] == [1, 2, 3, 4, 5]


def test_no_number_is_made_up_where_lines_all_begin_at_the_edge() -> None:
    texts = ("1. 하나", "가", "나", "3. 셋", "4. 넷", "다", "라")
    questions, _ = find_questions([page(column(50, *texts))])
    assert [each.number for each in questions] == [1, 3, 4]


def sums(*, first: int, unread: int) -> PageText:
    """Return a page of short questions from `first`, after one whose first `unread` lines begin with notation."""
    texts = ("은 얼마입니까?", "답을 쓰시오.", f"{first}. 둘", "답을 쓰시오.", f"{first + 1}. 셋")
    lines = [line(text, 160 if n < unread else 50, 200 + 60 * n) for n, text in enumerate(texts)]
    regions = [
        FormulaRegion(RegionKind.FORMULA, Box(46, each.box.top - 4, 156, each.box.bottom + 4))
        for each in lines[:unread]
    ]
    return page(at(50, 200, *lines), regions=tuple(regions))


def test_a_first_question_whose_number_was_taken_for_notation_is_found() -> None:
    questions, _ = find_questions([sums(first=2, unread=1)])
    assert [each.number for each in questions] == [1, 2, 3]
    assert questions[0].places[0].box.top <= 200


@pytest.mark.parametrize(("first", "unread"), [(2, 0), (2, 2), (3, 1), (21, 1)])
def test_no_first_question_is_made_up(first: int, unread: int) -> None:
    questions, _ = find_questions([sums(first=first, unread=unread)])
    assert [each.number for each in questions] == [first, first + 1]


def test_digits_that_were_read_apart_are_one_number() -> None:
    questions, _ = find_questions([page(column(50, "9. 아홉", "1 0 . 열", "1 1, 열하나", "12 . 열둘"))])
    assert [each.number for each in questions] == [9, 10, 11, 12]


def test_a_page_that_nobody_can_read_does_not_end_the_row() -> None:
    first = page(column(50, "1. 하나", "2. 둘", "3. 셋"))
    third = page(column(50, "10. 열", "11. 열하나", "12. 열둘", "13. 열셋"), number=3)
    questions, _ = find_questions([first, page(number=2), third])
    assert [each.number for each in questions] == [1, 2, 3, 10, 11, 12, 13]


def test_a_question_stands_on_two_pages_at_most() -> None:
    rest = [page(column(50, "정답과 해설", "끝", top=400), number=number) for number in (2, 3, 4)]
    questions, _ = find_questions([page(column(50, "1. 하나", "2. 둘")), *rest])
    assert [place.page for place in questions[-1].places] == [1, 2]


def test_a_crop_takes_in_nothing_of_the_column_beside_it() -> None:
    tight = (
        Column((line("1. 하나", 50, 300), line("가", 50, 340)), Box(50, 300, 600, 360)),
        Column((line("2. 둘", 602, 300), line("나", 602, 340)), Box(602, 300, 1100, 360)),
    )
    left, right = (each.places[0].box for each in find_questions([page(*tight)])[0])
    assert left.right <= 602
    assert right.left >= 600
