"""What texts are compared by, and what their keywords look like."""

import pytest

from academy.infrastructure.statistics.keywords import keyed, lexicon
from academy.infrastructure.statistics.words import count, mapped, plain_word, terms_of

pytestmark = pytest.mark.requirement("GRA-3")


def _terms(text: str) -> set[str]:
    counted = count([text])
    return set(mapped(counted.counts, counted.surfaces, terms_of)[1])


def test_english_in_lower_case_without_common_words_and_plurals() -> None:
    assert _terms("The Processes of an OS are in queues; its status and class") == {
        "process",
        "os",
        "queue",
        "status",
        "class",
    }


def test_korean_by_pairs_of_characters_within_words() -> None:
    assert _terms("운영체제의 큐 CPU를") == {"운영", "영체", "체제", "제의", "큐", "를", "cpu"}


def test_decomposed_and_wide_forms_are_the_same_words() -> None:
    assert _terms("\u1112\u1161\u11ab글 ＣＰＵ") == _terms("한글 CPU")


def test_japanese_and_chinese_have_pairs_too() -> None:
    assert {"図書", "書館", "カタ"} <= _terms("図書館でカタログ")


@pytest.mark.parametrize(
    ("word", "plain"), [("cities", "city"), ("bus", "bus"), ("class", "class"), ("The", ""), ("x" * 41, "")]
)
def test_plain_words(word: str, plain: str) -> None:
    assert plain_word(word) == plain


def _keys(*texts: str) -> set[str]:
    counted = count(texts)
    words = lexicon(counted)
    return {words.surface(key) for key in keyed(counted, words).names}


def test_a_particle_goes_where_the_collection_shows_that_it_is_one() -> None:
    assert _keys("스레드가 스레드를 스레드는 고양이 고양이가 고양이를 국가의 국가는 국가") == {
        "스레드",
        "고양이",
        "국가",
    }


def test_verbs_and_common_words_are_no_keywords() -> None:
    assert _keys("그리고 운영체제는 실행한다 있습니다 때문에 운영체제가 하는 것이다") == {"운영체제"}


def test_capitals_stay_as_they_are_most_often_written() -> None:
    assert _keys("TCP TCP tcp Python python Python", "10 2024") == {"TCP", "Python"}


def test_pieces_of_addresses_are_no_keywords() -> None:
    assert _keys("https://www.hostess.com/a/%EB%8F%84%EC%84%9C.png raft") == {"hostess", "raft"}


@pytest.mark.parametrize(
    "text",
    [
        "몽골이 침입하자 왕은 이름을 짓고 도읍을 옮기고 힘을 길렀다",
        "근의 공식을 유도하는 방법, 두 근의 합과 곱, 축의 방정식",
        "인수로 나누고 값을 바꾸면 된다. 눈이 많이 내리고 공기가 낮아지고 힘을 받아 움직인다",
    ],
)
def test_inflected_verbs_and_a_syllable_with_its_particle_are_no_keywords(text: str) -> None:
    wrong = {
        "침입하자",
        "짓고",
        "옮기고",
        "근의",
        "유도하",
        "합과",
        "축의",
        "나누고",
        "바꾸면",
        "많이",
        "낮아지고",
        "받아",
    }
    assert not wrong & _keys(text)


def test_nouns_that_look_like_verbs_or_particles_stay() -> None:
    text = "광고 사고 화면 장면 회의 정의 결과 효과 마을 높이"
    assert set(text.split()) <= _keys(text)


def test_the_possessive_particle_goes() -> None:
    assert "신라" in _keys("신라의 통일. 신라의 탑. 신라의 왕")


def test_english_words_that_only_tell_what_was_done_are_no_keywords() -> None:
    assert _keys("Newton discovered gravity and the army landed") & {"discovered", "landed"} == set()
