"""What is text and what is notation, and which lines are questions; no engine is needed."""

import pytest

from academy.domain.ocr.formulas import text_and_formulas
from academy.domain.ocr.page import Box, Column, FormulaRegion, Line, PageText, RegionKind, Word, around
from academy.domain.ocr.questions import find_questions
from academy.infrastructure.tesseract.tsv import lines_of

HIGH = 20


def line(text: str, left: int, top: int, sure: float = 0.95) -> Line:
    words, x = [], left
    for each in text.split():
        words.append(Word(each, Box(x, top, x + 14 * len(each), top + HIGH), sure))
        x += 14 * len(each) + 8
    return Line(tuple(words), around(*(word.box for word in words)))


def column(left: int, *texts: str, top: int = 100) -> Column:
    lines = tuple(line(text, left, top + at * 40) for at, text in enumerate(texts))
    return Column(lines, Box(left, top, left + 500, top + 40 * len(texts)))


def page(*columns: Column, number: int = 1, regions: tuple[FormulaRegion, ...] = ()) -> PageText:
    return PageText(number, 1200, 1700, columns=columns, regions=regions)


@pytest.mark.requirement("DOC-1")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("함수 f(x) = 3x 의 값은", "함수 의 값은"),
        ("The river runs toward the sea.", "The river runs toward the sea."),
        ("학생 480명 가운데 62퍼센트", "학생 480명 가운데 62퍼센트"),
        ("2019 년 (3) [1~3] 1. 10-2", "2019 년 (3) [1~3] 1. 10-2"),
        ("값 x + y = 10 이다", "값 이다"),
    ],
)
def test_formulas_are_no_text_and_words_and_numbers_are(text: str, kept: str) -> None:
    lines, _ = text_and_formulas([line(text, 50, 100)], [], 20.0)
    assert " ".join(each.text for each in lines) == kept


@pytest.mark.requirement("DOC-1")
def test_what_stands_in_a_sign_is_a_part_of_the_formula() -> None:
    bar = Box(40, 90, 120, 140)
    lines, regions = text_and_formulas([line("ab", 60, 92), line("가나다", 300, 100)], [bar], 20.0)
    assert [each.text for each in lines] == ["가나다"]
    (region,) = regions
    assert region.kind is RegionKind.FORMULA
    assert region.box.left <= bar.left
    assert region.box.bottom >= bar.bottom


@pytest.mark.requirement("DOC-1")
def test_letters_the_reader_is_not_sure_of_are_never_claimed() -> None:
    lines, regions = text_and_formulas([line("Ikd fo", 50, 100, 0.1), line("옳은 것은", 50, 300)], [], 20.0)
    assert [each.text for each in lines] == ["옳은 것은"]
    assert len(regions) == 1


@pytest.mark.requirement("DOC-2")
@pytest.mark.parametrize("style", ["{}.", "{})", "{:02d}", "{}번", "[{}]", "문 {}."])
def test_every_usual_way_of_numbering(style: str) -> None:
    texts = []
    for number in (1, 2, 3):
        texts += [f"{style.format(number)} 다음 중 옳은 것은?", "① 하나 2. 둘", "설명 30)"]
    questions, passages = find_questions([page(column(50, *texts))])
    assert [each.number for each in questions] == [1, 2, 3]
    assert passages == ()


@pytest.mark.requirement("DOC-2")
def test_a_question_goes_on_in_the_next_column_and_page() -> None:
    first = page(column(50, "1. 첫째", "가"), column(620, "나", "2. 둘째", "다"))
    second = page(column(50, "라", "3. 셋째"), number=2)
    questions, _ = find_questions([first, second])
    assert [[place.page for place in each.places] for each in questions] == [[1, 1], [1, 2], [2]]
    assert questions[0].places[1].box.left < 620 <= questions[0].places[1].box.right
    assert questions[0].places[1].box.bottom <= questions[1].places[0].box.top + HIGH


@pytest.mark.requirement("DOC-2")
@pytest.mark.parametrize(
    "head", ["[2~3] 다음 글을 읽고 물음에 답하시오.", "[2-3] 다음을 보고", "2~3. 다음 글을 읽고"]
)
def test_questions_know_the_text_they_share(head: str) -> None:
    pages = [page(column(50, "1. 하나", head, "긴 글이다", "2. 둘", "3. 셋", "4. 넷"))]
    questions, (passage,) = find_questions(pages)
    assert (passage.first, passage.last) == (2, 3)
    assert [each.passage for each in questions] == [None, (2, 3), (2, 3), None]
    assert questions[0].places[0].box.bottom <= passage.places[0].box.top + HIGH


@pytest.mark.requirement("DOC-2")
def test_numbers_out_of_turn_are_no_questions_and_a_gap_is_left_open() -> None:
    texts = ("1. 하나", "2019. 3. 1", "7. 가는 길", "2. 둘", "4. 넷", "5. 다섯")
    questions, _ = find_questions([page(column(50, *texts))])
    assert [each.number for each in questions] == [1, 2, 4, 5]


@pytest.mark.requirement("DOC-2")
def test_a_number_in_the_middle_of_a_line_or_set_far_in_is_no_question() -> None:
    inside = Column((line("1. 하나", 50, 100), line("2. 둘", 200, 140)), Box(50, 100, 500, 200))
    assert [each.number for each in find_questions([page(inside)])[0]] == [1]


@pytest.mark.requirement("DOC-2")
def test_a_picture_under_the_last_line_belongs_to_the_question() -> None:
    picture = FormulaRegion(RegionKind.PICTURE, Box(60, 300, 400, 600))
    (question,), _ = find_questions([page(column(50, "1. 그림을 보고"), regions=(picture,))])
    assert question.places[0].box.bottom >= 600


@pytest.mark.requirement("DOC-2")
def test_a_page_without_numbers_has_no_questions() -> None:
    assert find_questions([page(column(50, "강물은 흐른다", "끝")), page(number=2)]) == ((), ())


@pytest.mark.requirement("DOC-1")
def test_syllables_of_the_table_become_the_words_that_were_printed() -> None:
    rows = [("강", 0, 90), ("물", 20, 80), ("은", 40, 70), ("맑", 80, 96), ("다.", 100, 92)]
    table = "level\tx\n" + "\n".join(
        f"5\t1\t1\t1\t1\t{at}\t{left}\t5\t18\t20\t{sure}\t{text}"
        for at, (text, left, sure) in enumerate(rows)
    )
    (found,) = lines_of(table, "강물은 맑다.\n")
    assert [word.text for word in found.words] == ["강물은", "맑다."]
    assert found.words[0].box == Box(0, 5, 58, 25)
    assert found.words[0].confidence == pytest.approx(0.8)
    assert lines_of("level\tx\n5\tbroken", "") == ()
