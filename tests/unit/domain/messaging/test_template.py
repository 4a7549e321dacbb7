"""Texts with variables (MSG-1, MSG-6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.messaging.template import MissingVariables, fill, variables_of
from academy.domain.messaging.text import TextRefused, says_nothing

pytestmark = pytest.mark.requirement("MSG-1", "MSG-6")
NAMES = st.text(
    alphabet=st.characters(blacklist_characters="{}\n", blacklist_categories=["Cs", "Z", "C"]),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("결석입니다", ()),
        ("#{이름} 학생", ("이름",)),
        ("#{이름}#{반}#{이름}", ("이름", "반")),
        ("#{ 이름 } #{이름}", ("이름",)),
        ("#{학생 이름}", ("학생 이름",)),
        ("{이름} #이름 #{} #{a\nb} # {이름}", ()),
        ("#{#{이름}}", ("이름",)),
        ("#{" + "a" * 40 + "}", ("a" * 40,)),
        ("#{" + "a" * 41 + "}", ()),
    ],
)
def test_which_variables_a_text_has(text: str, names: tuple[str, ...]) -> None:
    assert variables_of(text) == names


@pytest.mark.parametrize(
    ("text", "values", "read"),
    [
        ("#{이름} 결석", {"이름": "민수"}, "민수 결석"),
        ("#{이름} #{이름}", {"이름": "민수"}, "민수 민수"),
        ("#{ 이름 }", {"이름": "민수"}, "민수"),
        ("#{이름}", {"이름": " 김 민수 "}, " 김 민수 "),
        ("#{이름} #{반}", {"이름": "#{반}", "반": "A"}, "#{반} A"),
        ("#{이름}", {"이름": r"\1\g<0>"}, r"\1\g<0>"),
        ("결석", {"이름": "민수"}, "결석"),
        ("#{점수}", {"점수": "0"}, "0"),
        ("{이름} #이름 # {이름}", {"이름": "민수"}, "{이름} #이름 # {이름}"),
        ("#{이름}", {"이름": "#{ hi"}, "#{ hi"),
        ("##{이름}{", {"이름": "민수"}, "#민수{"),
    ],
)
def test_what_a_recipient_reads(text: str, values: dict[str, str], read: str) -> None:
    assert fill(text, values) == read


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("안녕 #{ hi", "‘#{ hi’"),
        ("#{이름}님 #{학생이름 하", "‘#{학생이름 하’"),
        ("#{}", "‘#{}’"),
        ("#{ }", "‘#{ }’"),
        ("#{a\nb}", "‘#{a’"),
        ("#{#{이름}}", "‘#{#{이름}}’"),
        ("#{" + "a" * 41 + "}", "‘#{aaaaaaaa’"),
        ("끝 #{", "‘#{’"),
    ],
)
def test_what_begins_like_a_variable_and_is_none_is_refused(text: str, spot: str) -> None:
    with pytest.raises(TextRefused) as caught:
        fill(text, {"이름": "민수"})
    assert caught.value.failure.code == "variable_malformed"
    assert spot in caught.value.failure.message_ko
    assert spot[1:-1] in caught.value.failure.message


@pytest.mark.parametrize("value", ["", " ", "\n\t", "\u3000", "\u3164", "\u115f\u1160", "\u200b"])
def test_a_blank_value_is_none(value: str) -> None:
    with pytest.raises(MissingVariables) as caught:
        fill("#{이름}님이 결석했습니다", {"이름": value})
    assert caught.value.names == ("이름",)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(MissingVariables) as caught:
        fill("#{나} #{가} #{나} #{다}", {"가": "x"})
    assert caught.value.names == ("나", "다")


def test_values_are_looked_up_by_their_whole_name() -> None:
    with pytest.raises(MissingVariables):
        fill("#{이름}", {"이": "민수", "이름 ": "민수"})


@given(NAMES, st.text(min_size=1, max_size=50))
def test_a_value_arrives_as_it_is_whatever_it_holds(name: str, value: str) -> None:
    if not says_nothing(value):
        assert fill(f"a#{{{name}}}b", {name: value}) == f"a{value}b"


@given(st.text(alphabet="#{}a \n이", max_size=40))
def test_a_text_without_variables_is_left_as_it_is(text: str) -> None:
    if not variables_of(text) and "#{" not in text:
        assert fill(text, {}) == text
