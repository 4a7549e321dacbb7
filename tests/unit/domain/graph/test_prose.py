"""Addresses, markup and code say little of what a document is about (GRA-3)."""

import pytest

from academy.domain.graph.prose import asks, prose_of

pytestmark = pytest.mark.requirement("GRA-3")
TOLD = "프로세스는 운영체제가 실행하는 프로그램이다. " * 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("보라 https://example.test/%EC%EA%B4?x=img1 끝", ["보라", "끝"]),
        ("![정렬 그림](https://img1.example.test/a/b.png) 설명", ["정렬", "그림", "설명"]),
        ("[제목](../다른 글.md) 뒤", ["[제목]", "뒤"]),
        ('<img src="mtistory2/thumb">글<br/>줄', ["글", "줄"]),
        ("vector<int>와 a < b", ["vector<int>와", "a", "<", "b"]),
        ("%EC%95%88 남는다 50% 할인", ["남는다", "50%", "할인"]),
    ],
)
def test_what_is_no_word_goes_and_words_stay(text: str, words: list[str]) -> None:
    assert prose_of(text).split() == words


def test_code_goes_where_enough_is_said_beside_it() -> None:
    assert "include" not in prose_of(f"{TOLD}\n```c\n#include <stdio.h>\n```\n{TOLD}")
    assert prose_of(f"{TOLD}\n```c\n#include\n```\n뒤에 온다").split()[-2:] == ["뒤에", "온다"]


def test_code_stays_where_it_is_nearly_all_there_is() -> None:
    assert "include" in prose_of("정렬\n```c\n#include <stdio.h>\n```")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["```\n", "`", "~", "` ", "![", "](", "<a ", "http://", "%EC", "~~~ "])
def test_a_hostile_text_comes_to_an_end(piece: str) -> None:
    assert isinstance(prose_of(piece * 100_000), str)


@pytest.mark.parametrize(
    "sentence",
    [
        "이순신 장군의 전투를 순서대로 알려 줘.",
        "판별식을 쉽게 설명해 주세요",
        "표로 정리해줄래?",
        "노량 해전은 왜 중요해?",
        "다음 식의 값을 구하시오.",
        "Explain the discriminant with an example.",
        "- Can you show me the steps",
        "Please solve 2x = 4.",
        "What is a cell?",
    ],
)
def test_what_asks_or_bids_says_nothing(sentence: str) -> None:
    assert asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "판별식은 실근의 개수를 알려 준다.",
        "스승은 제자에게 책을 주었다.",
        "Lists are kept in order.",
        "List comprehensions are short.",
        "Work is force times distance.",
        "The teacher can tell me from others.",
        "Find is a command that looks for files.",
    ],
)
def test_what_says_something_is_no_request(sentence: str) -> None:
    assert not asks(sentence)


def test_words_of_a_request_are_not_what_a_chat_is_about() -> None:
    assert prose_of("이순신의 전투를 순서대로 알려 줘.").split() == ["이순신의", "전투를", "순서대로", "."]
    assert prose_of("Can you explain the cell?").split() == ["the", "cell?"]
    assert prose_of("판별식은 개수를 알려 준다.") == "판별식은 개수를 알려 준다."


def test_the_fields_of_front_matter_are_no_words() -> None:
    assert (
        prose_of("---\ntitle: 고려\ntags:\n  - 한국사\n---\n왕건은 고려를 세웠다.") == "왕건은 고려를 세웠다."
    )
    assert prose_of("---\n그는 말했다\n---\n끝") == "---\n그는 말했다\n---\n끝"
    assert prose_of("---\ntitle: 열린 채로 끝난다").startswith("---")
