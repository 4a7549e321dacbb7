"""Explanations are read into paragraphs, lines and formulas, and lose no word (DOC-3)."""

import pytest

from academy.domain.notes.formula import Script, Sign, Words
from academy.domain.notes.prose import Display, Inline, Paragraph, paragraphs

pytestmark = pytest.mark.requirement("DOC-3")

SQUARE = Script(Sign("x"), Words("2"))


def test_blank_lines_part_paragraphs_and_line_ends_stay() -> None:
    assert paragraphs("첫 줄\r\n둘째 줄\n \n\n다음 문단\n") == (
        Paragraph((("첫 줄",), ("둘째 줄",))),
        Paragraph((("다음 문단",),)),
    )


def test_formulas_stand_in_a_line_or_alone() -> None:
    assert paragraphs("앞 $x^2$ 뒤\n\n$$x^2$$\n끝") == (
        Paragraph((("앞 ", Inline(SQUARE), " 뒤"),)),
        Display(SQUARE),
        Paragraph((("끝",),)),
    )


@pytest.mark.parametrize(
    "text", ["값은 $5", "$5 와 $6", "$5-$6", "$ 5", r"$\input{x}$", "$$#read$$", "a $ b\n$ c", "$$"]
)
def test_what_is_no_formula_stays_as_it_was_typed(text: str) -> None:
    lines = tuple((line,) for line in text.split("\n"))
    assert paragraphs(text) == (Paragraph(lines),)


def test_a_dollar_sign_can_be_written() -> None:
    assert paragraphs(r"\$5 와 \$6") == (Paragraph((("$5 와 $6",),)),)


@pytest.mark.parametrize("text", ["", " ", "\n\n \n"])
def test_nothing_is_nothing(text: str) -> None:
    assert paragraphs(text) == ()
