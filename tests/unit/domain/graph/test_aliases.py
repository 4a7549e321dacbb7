"""Other names by an explicit sign, one layer deep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.graph.aliases import alias_signs, layered

pytestmark = pytest.mark.requirement("GRA-6")


def signs(text: str, *names: str) -> list[tuple[str, str, str]]:
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    return [
        (text[slice(*sign.name)], text[slice(*sign.other)], text[slice(*sign.sign)])
        for sign in alias_signs(text, spans)
    ]


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("운영체제(OS)는 자원을 나눈다", "운영체제", "OS"),
        ("An Operating System (OS) shares resources", "Operating System", "OS"),
        ("the OS (Operating System) shares", "OS", "Operating System"),
        ("빠른 캐시 메모리(Cache Memory)란", "캐시 메모리", "Cache Memory"),
        ("JVM(자바 가상 머신)은", "JVM", "자바 가상 머신"),
        ("First-In First-Out (FIFO) queues", "First-In First-Out", "FIFO"),
        ("국제연합(이하 '유엔')은", "국제연합", "유엔"),
    ],
)
def test_brackets_that_hold_another_name(text: str, name: str, other: str) -> None:
    ((found, alias, sign),) = signs(text)
    assert (found, alias) == (name, other)
    assert name in sign
    assert other in sign


def test_words_that_say_so() -> None:
    text = "Mark Twain, also known as Samuel Clemens, wrote"
    assert signs(text, "Mark Twain", "Samuel Clemens") == [
        ("Mark Twain", "Samuel Clemens", "Mark Twain, also known as Samuel Clemens")
    ]
    assert signs(text) == [], "what is no known name is nobody's other name"


@pytest.mark.parametrize(
    "text",
    [
        "무게(kg)를 잰다",
        "이순신(1545~1598)은",
        "김철수(서울대)는",
        "속도(빠름)는",
        "the party (art) said",
        "Operating System (DB) shares",
        "값(x)을",
        "()",
        "OS(OS)",
        "(OS) 운영체제",
    ],
)
def test_likeness_or_nearness_is_no_sign(text: str) -> None:
    assert signs(text) == []


def test_the_first_sign_counts_and_no_alias_has_aliases() -> None:
    pairs = [
        ("OS", "운영체제", "운영체제(OS)"),
        ("OS", "오픈소스", "오픈소스(OS)"),  # a second name
        ("O/S", "OS", "OS(O/S)"),  # a chain
        ("운영체제", "시스템", "시스템(운영체제)"),  # a name that has aliases would become one
        ("운체", "운영체제", "운영체제(이하 운체)"),
    ]
    assert layered(pairs) == {"OS": ("운영체제", "운영체제(OS)"), "운체": ("운영체제", "운영체제(이하 운체)")}


@given(st.lists(st.tuples(*[st.sampled_from("abcdef")] * 2, st.just("sign")), max_size=30))
def test_the_layer_is_never_deeper_than_one(pairs: list[tuple[str, str, str]]) -> None:
    layer = layered(pairs)
    assert not {name for name, _ in layer.values()} & layer.keys()
    assert all((alias, *told) in pairs for alias, told in layer.items()), (
        "what is dropped gives the names back as they were"
    )


@given(st.text(alphabet="aA가나(） )（,'1 OS", max_size=60))
def test_places_are_within_the_sign(text: str) -> None:
    for sign in alias_signs(text):
        assert (
            0
            <= sign.sign[0]
            <= sign.name[0]
            < sign.name[1]
            <= sign.other[0]
            < sign.other[1]
            <= sign.sign[1]
            <= len(text)
        )
