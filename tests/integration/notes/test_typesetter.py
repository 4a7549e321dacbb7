"""Typeset notes: found in the PDF as a reader gets it, never in the template's own words (DOC-3)."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.integration.notes.sample import (
    EXPLANATION,
    PLAIN,
    embedded_fonts,
    item,
    note,
    picture,
    texts,
    typical,
)

from academy.application.ports.notes import NoteUntypeset, note_file
from academy.domain.notes.note import ChartMark, NoteStanding, RightAnswer, Verdict, WrongNote
from academy.infrastructure.typst import TypstNoteTypesetter

pytestmark = pytest.mark.requirement("DOC-3")

WIDTH, HEIGHT = 595.3, 841.9
SIDE = 51.0
OURS = {"NanumGothic", "NanumGothicBold", "NewCMMath-Book"}
ANSWERS = "정답과해설내답과견주어"
HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    "] #panic() [",
    "$x$ *bold* _it_ `raw` <label> @ref = 제목",
    '"; quit() // \\" \\u{41}',
    "https://example.org/#x",
    '#eval("1+1")',
    "\\ \\# ~ -- ... 'q'",
    "{{7*7}} ${7*7} %(x)s",
)


def made(one: WrongNote, folder: Path) -> tuple[Path, list[str]]:
    """Typeset one note; its pages' texts are as many as the typesetter said."""
    (pages,) = TypstNoteTypesetter().typeset([one], folder)
    found = texts(note_file(folder, 1))
    assert len(found) == pages
    return note_file(folder, 1), found


def questions(pages: list[str]) -> list[str]:
    """Return the pages on which the questions are solved again."""
    return pages[1 : _answers_at(pages)]


def answers(pages: list[str]) -> list[str]:
    """Return the pages of the answers and explanations."""
    return pages[_answers_at(pages) :]


def _answers_at(pages: list[str]) -> int:
    (found,) = [at for at, page in enumerate(pages) if ANSWERS in page and at]
    return found


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_cover_says_whose_it_is_and_how_it_went(tmp_path: Path) -> None:
    _, pages = made(typical(tmp_path), tmp_path)
    for words in ("한빛수학학원", "오답노트", "3월 수학 월말평가", "고2 심화반", "2026년 3월 28일", "김하늘", "72.5/100점", "5/32명"):  # fmt: skip
        assert squeezed(words) in pages[0]
    assert "틀림3" in pages[0]
    assert "무응답1" in pages[0]
    assert "부분점수1" in pages[0]
    assert "맞음15" in pages[0]


def test_a_question_has_both_answers_its_explanation_and_figures(tmp_path: Path) -> None:
    _, pages = made(typical(tmp_path), tmp_path)
    inside = "".join(answers(pages))
    assert inside.count("내답②정답④정답률34%가장많은오답②41%") == 2
    assert "답을표기하지않음정답①,④중하나" in inside
    assert "부분점수1.5/4점" in "".join(questions(pages))
    assert "내답①,③정답①,②,③모두" in inside
    assert "내답137정답1.5±0.01까지정답" in inside
    assert "해설판별식은" in inside
    assert "이다.따라서최솟값은" in inside


def test_the_cover_says_where_the_answers_are_and_none_stands_before(tmp_path: Path) -> None:
    _, pages = made(note([item(number + 1, explanation=EXPLANATION) for number in range(12)]), tmp_path)
    assert (
        f"먼저다시풀기(2쪽)에서스스로풀어본뒤,{len(questions(pages)) + 2}쪽부터실린정답과해설을" in pages[0]
    )
    assert all(page.count("다시푼답") == 4 for page in questions(pages)), "paper is not wasted"
    before = "".join(questions(pages))
    assert not any(words in before for words in ("내답", "④", "판별식"))


def test_every_page_is_numbered_and_named(tmp_path: Path) -> None:
    _, pages = made(typical(tmp_path), tmp_path)
    for number, page in enumerate(pages[1:], 2):
        assert page.startswith("3월수학월말평가김하늘")
        assert page.endswith(f"한빛수학학원{number}/{len(pages)}")


def test_fonts_are_ours_and_in_the_file(tmp_path: Path) -> None:
    pdf, _ = made(typical(tmp_path), tmp_path)
    assert embedded_fonts(pdf) == dict.fromkeys(OURS, True)


def test_the_same_note_gives_the_same_bytes_whatever_came_before(tmp_path: Path) -> None:
    one, other = typical(tmp_path), note([item(5, explanation="다른 노트")])
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    list(TypstNoteTypesetter().typeset([one], tmp_path / "a"))
    list(TypstNoteTypesetter().typeset([other, other, one], tmp_path / "b"))
    alone, after = note_file(tmp_path / "a", 1).read_bytes(), note_file(tmp_path / "b", 3).read_bytes()
    assert alone == after
    assert note_file(tmp_path / "b", 1).read_bytes() == note_file(tmp_path / "b", 2).read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["note-0001.pdf"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_never_markup(text: str, tmp_path: Path) -> None:
    """Every place where text of people can stand, shown letter by letter."""
    answer = RightAnswer((text,))
    # A dollar sign pair would be a formula in an explanation, as it is meant to be.
    explained = text.replace("$", r"\$")
    one = note(
        [item(1, own=(text,), right=answer, explanation=explained), item(2, question=text[:12])],
        academy=text, exam=text, class_name=text, student=text,
        chart=(ChartMark(text[:4], Verdict.WRONG),),
    )  # fmt: skip
    pdf, pages = made(one, tmp_path)
    whole = "".join(pages)
    assert whole.count(squeezed(text)) >= 7
    assert "root:" not in whole
    assert b"/URI" not in pdf.read_bytes()
    assert b"/JavaScript" not in pdf.read_bytes()


def test_letters_that_would_turn_or_hide_text_are_dropped(tmp_path: Path) -> None:
    name = "김\u202e하\u200b늘\x00\x1b\u0301\ud800\n님"
    _, pages = made(note([item(1, explanation=name)], student=name), tmp_path)
    assert "김하늘님" in pages[0]
    assert "해설김하늘님" in pages[2]


def test_math_is_drawn_and_unknown_math_shown_as_typed(tmp_path: Path) -> None:
    _, pages = made(note([item(1, explanation=r"$\frac{a}{b}$ 와 $\input{x}$ 와 $x\le 3$")]), tmp_path)
    assert r"$\input{x}$" in pages[2]
    assert "frac" not in pages[2]
    assert "𝑥≤3" in pages[2]


@pytest.mark.parametrize("count", [1, 60, 100])
def test_any_number_of_questions(count: int, tmp_path: Path) -> None:
    _, pages = made(note([item(number + 1) for number in range(count)]), tmp_path)
    assert "".join(answers(pages)).count("정답④") == count
    assert "정답④" not in "".join(questions(pages))
    assert all(page.count("틀림") for page in questions(pages))


def test_a_very_long_explanation_runs_over_pages(tmp_path: Path) -> None:
    lines = "\n\n".join(f"문단 {number}. " + "설명이 길게 이어집니다. " * 12 for number in range(60))
    pdf, pages = made(note([item(1, explanation=lines), item(2)]), tmp_path)
    assert len(pages) > 4
    whole = "".join(pages)
    assert all(f"문단{number}." in whole for number in range(60))
    assert_within(pdf)


WIDE = {
    "one word of Latin": "x" * 3_000,
    "one word of Hangul": "가" * 3_000,
    "one long formula": "$" + "x" * 190 + "$",
    "too long a formula": "$" + "x" * 4_000 + "$",
    "a formula of many terms": "$$" + "+".join("x_{12}" for _ in range(28)) + "$$",
    "a deep formula": "$" + r"\frac{1}{" * 11 + "x" + "}" * 11 + "$",
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE.keys())
def test_nothing_runs_off_the_page(text: str, tmp_path: Path) -> None:
    one = note(
        [item(1, explanation=text, own=(text[:300],), right=RightAnswer((text[:300],)), question=text[:50])],
        academy=text[:400], exam=text[:400], class_name=text[:400], student=text[:400],
    )  # fmt: skip
    pdf, _ = made(one, tmp_path)
    assert_within(pdf)


def assert_within(pdf: Path) -> None:
    """Every letter stands within the margins of its page."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        letters = page.get_textpage()
        for at in range(letters.count_chars()):
            left, bottom, right, top = letters.get_charbox(at)
            assert left > SIDE - 2
            assert right < WIDTH - SIDE + 2
            assert bottom > 20
            assert top < HEIGHT - 20
    document.close()


@pytest.mark.parametrize(
    ("width", "height"), [(400, 3000), (900, 1400), (1600, 2400), (3000, 60), (1, 1), (50, 50)]
)
def test_pictures_of_any_shape_keep_it(width: int, height: int, tmp_path: Path) -> None:
    one = note([item(1, picture=picture(tmp_path / "one.png", width, height)), item(2)])
    pdf, pages = made(one, tmp_path)
    assert "".join(answers(pages)).count("정답④") == 2
    assert_within(pdf)
    document = pypdfium2.PdfDocument(pdf)
    boxes = [thing.get_bounds() for page in document for thing in page.get_objects(filter=[5], max_depth=1)]
    document.close()
    ((left, bottom, right, top),) = boxes
    assert (right - left) / (top - bottom) == pytest.approx(width / height, rel=0.02)
    assert left > SIDE
    assert right < WIDTH - SIDE
    assert bottom > 60
    assert top < HEIGHT - 60


def test_a_picture_is_in_the_file_once(tmp_path: Path) -> None:
    shown = picture(tmp_path / "one.png", 900, 600)
    generator = np.random.default_rng(1)
    noise = generator.integers(0, 255, (600, 900), dtype=np.uint8)
    cv2.imwrite(str(shown.file), noise)
    once, _ = made(note([item(1, picture=shown)]), tmp_path)
    size = once.stat().st_size
    twice, _ = made(note([item(1, picture=shown), item(2, picture=shown)]), tmp_path)
    assert twice.stat().st_size < 1.2 * size


def test_a_question_without_a_picture_has_room_to_write(tmp_path: Path) -> None:
    _, pages = made(note([PLAIN]), tmp_path)
    assert squeezed("문제를 옮겨 적거나 오려 붙이세요") in pages[1]


def test_scores_at_the_edges(tmp_path: Path) -> None:
    for total in (Decimal(-5), Decimal(0), Decimal(100)):
        standing = NoteStanding(1, 1, total, total)
        pdf, pages = made(note(total=total, standing=standing), tmp_path)
        assert f"{total}/100점" in pages[0]
        assert "등급" not in pages[0]
        assert_within(pdf)


@pytest.mark.parametrize("count", [1, 45, 100, 400])
def test_the_chart_has_every_question_and_stays_on_the_cover(count: int, tmp_path: Path) -> None:
    marks = tuple(ChartMark(str(number + 1), Verdict.RIGHT) for number in range(count))
    pdf, pages = made(note(chart=marks), tmp_path)
    assert f"맞음{count}" in pages[0]
    assert "".join(str(number + 1) for number in range(count)) in pages[0]
    assert len(pages) == 3
    assert_within(pdf)


def test_a_class_that_is_not_known_and_no_day(tmp_path: Path) -> None:
    _, pages = made(note(class_name="", held_on=None), tmp_path)
    assert "년" not in pages[0]


def test_no_other_file_is_looked_at(tmp_path: Path) -> None:
    """The folder that the template sees holds nothing but pictures under names of ours, and is gone afterwards."""
    secret = tmp_path / "secret.txt"
    secret.write_text("비밀")
    text = '#read("../secret.txt") #include "secret.txt" #image("/secret.txt")'
    _, pages = made(note([item(1, explanation=text)]), tmp_path)
    assert "비밀" not in "".join(pages)
    assert squeezed(text) in "".join(pages)
    assert not list(tmp_path.glob("notes-*"))


def test_lines_break_between_words(tmp_path: Path) -> None:
    """No Korean word of ordinary length is cut in two."""
    words = "이차함수의그래프와 직선의위치관계를 판별식으로 알아보는 방법을 정리합니다 " * 30
    pdf, _ = made(note([item(1, explanation=words)]), tmp_path)
    document = pypdfium2.PdfDocument(pdf)
    lines = re.split(r"[\r\n]+", document[2].get_textpage().get_text_range())
    document.close()
    known = set(words.split())
    body = [line for line in lines if len(line) > 20 and set(line.split()) & known]
    assert len(body) > 10
    assert all(set(line.split()) <= known for line in body)
    shutil.rmtree(tmp_path)


def test_the_explanation_of_the_sample_is_whole(tmp_path: Path) -> None:
    _, pages = made(note([item(1, explanation=EXPLANATION)]), tmp_path)
    assert "완전제곱식으로고치면" in pages[2]


def test_a_note_that_cannot_be_typeset_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    """Only what has gone past NotePictures may come in; if something else does, it is a failure with a code."""
    broken = picture(tmp_path / "one.png", 30, 30)
    broken.file.write_bytes(b"no picture")
    with pytest.raises(NoteUntypeset) as why:
        list(TypstNoteTypesetter().typeset([note([item(1, picture=broken)])], tmp_path))
    assert (why.value.failure.code, why.value.failure.retryable) == ("note_untypeset", False)
    assert "김하늘" not in why.value.failure.detail
    assert [path.name for path in tmp_path.iterdir()] == ["one.png"]
