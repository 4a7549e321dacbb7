"""Addresses, markup and code say little of what a document is about (GRA-3)."""

import pytest

from academy.domain.graph.prose import prose_of

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
