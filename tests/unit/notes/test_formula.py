"""Formulas of explanations: what is known becomes a tree, everything else stays what was typed (DOC-3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.notes.formula import (
    Fence,
    Fraction,
    Name,
    Over,
    Root,
    Row,
    Script,
    Sign,
    Words,
    parse,
)

pytestmark = pytest.mark.requirement("DOC-3")

X, TWO = Sign("x"), Words("2")
KNOWN = {
    "x": X,
    "12.5": Words("12.5"),
    "x^2": Script(X, TWO),
    "a_{n+1}^2": Script(Sign("a"), TWO, Row((Sign("n"), Sign("+"), Words("1")))),
    r"\frac{x}{2}": Fraction(X, TWO),
    r"\frac x2": Fraction(X, TWO),
    r"\sqrt{x}": Root(X),
    r"\sqrt[3]{x}": Root(X, Words("3")),
    r"\sin x \le 2": Row((Name("sin"), X, Sign("≤"), TWO)),
    r"\overline{AB}": Over(Row((Sign("A"), Sign("B"))), "line"),
    r"\vec a": Over(Sign("a"), "arrow"),
    r"\left( x \right]": Fence("(", X, "]"),
    r"\left. x \right|": Fence("", X, "|"),
    r"\text{단, } x > 2": Row((Words("단, "), X, Sign(">"), TWO)),
    "f'(x)-2": Row((Sign("f"), Sign("′"), Sign("("), X, Sign(")"), Sign("−"), TWO)),
    r"x\,2": Row((X, Words(" "), TWO)),
}
UNKNOWN = (
    "", "  ", "{", "}", "x}", "x^", "x^2^3", r"\unknown", r"\input{/etc/passwd}", r"\frac{1}", r"\left( x", "#eval", "@a", "&", '"',
    r"\text{a{b}}", r"\sqrt[3", "x" * 201, "{" * 30 + "x" + "}" * 30, r"\frac" * 30 + "1" * 31,
)  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_formula_is_a_tree(text: str) -> None:
    assert parse(text) == KNOWN[text]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_no_formula_is_told(text: str) -> None:
    assert parse(text) is None


@given(st.text(alphabet="\\{}[]^_$ab12 fracsqtlegh#\"'(", max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    parse(text)
