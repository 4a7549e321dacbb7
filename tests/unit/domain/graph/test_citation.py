"""A name is accepted only where it stands, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.graph.citation import Named, place_of, sift, stands

pytestmark = pytest.mark.requirement("GRA-6")

TEXT = "The party met. 운영체제는 자원을 나눈다. An art school, art. C++ and C."


def found(name: str, start: int = 0, end: int = len(TEXT)) -> str | None:
    place = place_of(TEXT, name, start, end)
    return None if place is None else TEXT[slice(*place)]


@pytest.mark.parametrize("name", ["party", "운영체제", "art", "art school", "C++", "자원"])
def test_a_name_that_stands_is_found_as_it_is(name: str) -> None:
    assert found(name) == name


@pytest.mark.parametrize(
    "name", ["Party", "arty", "par", "운영 체제", "", " ", "scho", "database", "An  art"]
)
def test_nothing_is_corrected_or_guessed(name: str) -> None:
    assert found(name) is None


def test_a_word_within_another_is_passed_over() -> None:
    assert place_of(TEXT, "art", 0, len(TEXT)) == (TEXT.index("art school"), TEXT.index("art school") + 3)


def test_a_name_beyond_its_span_does_not_count() -> None:
    assert found("운영체제", 0, 10) is None
    assert found("운영체제", 16) is None


def test_claims_are_divided_and_none_is_lost() -> None:
    claims = [Named("party", 0, 14), Named("guild", 0, 14), Named("자원", 15, 30), Named("party", 15, 30)]
    sifted = sift(TEXT, claims)
    assert [claim.name for claim in sifted.standing] == ["party", "자원"]
    assert all(stands(TEXT, claim.start, claim.end, claim.name) for claim in sifted.standing)
    assert sifted.rejected == (claims[1], claims[3])


@given(st.text(max_size=30), st.text(max_size=4), st.integers(-3, 40), st.integers(-3, 40))
def test_what_is_found_stands_there(text: str, name: str, start: int, end: int) -> None:
    place = place_of(text, name, start, end)
    if place is not None:
        assert stands(text, *place, name)
        assert max(0, start) <= place[0] < place[1] <= end


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (0, 0), (0, 99), (3, 1)])
def test_a_span_outside_the_text_holds_nothing(start: int, end: int) -> None:
    assert not stands("abc", start, end, "abc"[max(0, start) : end])
