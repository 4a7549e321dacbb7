"""Passages hold the whole text, along its headings, and sentences end where a reader would end them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.application.ports.lens import Read
from academy.infrastructure.morphology.lens import OfflineLens
from academy.infrastructure.morphology.passages import Layout, layout_of

pytestmark = pytest.mark.requirement("GRA-6")

PIECES = [
    "a",
    "가",
    ".",
    "\n",
    "\n\n",
    " ",
    "# ",
    "```\n",
    "|",
    "- ",
    "1. ",
    "다.",
    '"',
    "---\n",
    "Mr. ",
    "\x0b",
    "😀",
    "(",
]


def laid_out(text: str) -> Layout:
    return layout_of(text, (), ())


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for passage in laid_out(text).passages for span in passage.sentences]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_letter_is_lost_and_nothing_overlaps(text: str) -> None:
    covered = [False] * len(text)
    before = 0
    for passage in laid_out(text).passages:
        assert before <= passage.start < passage.end
        before = passage.start
        for span in passage.sentences:
            assert before <= span.start < span.end <= passage.end
            before = span.end
        covered[passage.start : passage.end] = [True] * (passage.end - passage.start)
        before = passage.end
    assert not [
        letter for letter, held in zip(text, covered, strict=True) if not held and not letter.isspace()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("비가 온다. 우산을 쓴다!", ["비가 온다.", "우산을 쓴다!"]),
        ("비가 온다.그래서 우산을 쓴다.", ["비가 온다.", "그래서 우산을 쓴다."]),
        ('그는 "비가 온다." 라고 말했다. 끝이다.', ['그는 "비가 온다." 라고 말했다.', "끝이다."]),
        ("값은 3.14이다. 날짜는 2019. 3. 1.이다.", ["값은 3.14이다.", "날짜는 2019. 3. 1.이다."]),
        ("Dr. Lee met J. Kim. They spoke.", ["Dr. Lee met J. Kim.", "They spoke."]),
        ("See Fig. 2, e.g. the left side. Done?", ["See Fig. 2, e.g. the left side.", "Done?"]),
        (
            "A line that is wrapped\nin the middle of it. Next.",
            ["A line that is wrapped\nin the middle of it.", "Next."],
        ),
        ("- 첫째 항목\n- 둘째 항목", ["- 첫째 항목", "- 둘째 항목"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_passage_knows_the_headings_above_it() -> None:
    text = "# 운영체제\n\n## 스케줄링\n선점형이 있다.\n\n## 메모리\n페이지가 있다.\n\n# 끝\n"
    passages = laid_out(text).passages
    assert [passage.heading for passage in passages] == ["운영체제 › 스케줄링", "운영체제 › 메모리", "끝"]
    assert [passage.id for passage in passages] == ["p1", "p2", "p3"]
    assert text[passages[0].start : passages[0].end].startswith("# 운영체제")


def test_headings_and_pages_of_the_document_count() -> None:
    text = "제1장 서론\n본문이다.\n제2장 결론\n끝이다."
    read = OfflineLens().read(
        text, [(0, 1, "제1장 서론"), (text.index("제2장"), 1, "제2장 결론")], [0, text.index("제2장")]
    )
    assert [(passage.heading, passage.page) for passage in read.passages] == [
        ("제1장 서론", 1),
        ("제2장 결론", 2),
    ]


def test_a_long_text_is_cut_into_passages_that_can_be_cited() -> None:
    text = " ".join(f"이것은 {number}번째 문장이며 조금 길게 쓰여 있다." for number in range(400))
    lengths = [passage.end - passage.start for passage in laid_out(text).passages]
    assert max(lengths) <= 1200
    assert min(lengths[:-1]) >= 400


def test_code_and_tables_stay_whole_lines_and_give_no_names() -> None:
    code = "```python\nclass Seoul: pass\nprint('London. Paris.')\n```"
    text = f"설명이다.\n\n{code}\n\n| 이름 | 값 |\n|---|---|\n| 속도 | 빠름 |\n"
    read: Read = OfflineLens().read(text)
    assert code in sentences(text)
    assert not {"London", "Paris", "Seoul"} & {entity.name for entity in read.entities}


def test_each_row_of_a_table_is_a_sentence() -> None:
    rows = ["word,meaning,example", 'dynasty,왕조,"Joseon, a dynasty"', "equation,방정식,x + 1 = 2"]
    assert sentences("\n".join(rows)) == rows
    tabs = ["나라\t수도", "고려\t개경", "조선\t한양"]
    assert sentences("\n".join(tabs)) == tabs
    marked = "| 이름 | 값 |\n|---|---|\n| 속도 | 빠름 |\n| 무게 | 작음 |"
    assert sentences(marked) == ["| 이름 | 값 |\n|---|---|", "| 속도 | 빠름 |", "| 무게 | 작음 |"]


def test_a_row_of_a_table_ends_with_its_line_alone() -> None:
    rows = ["| 이름 | 뜻 |", "| 줄\u2028바꿈 | 다음\x85줄 |", "| 쪽\x0c나눔 | 새 쪽 |"]
    assert sentences("\n".join(rows)) == rows


def test_commas_of_prose_and_of_numbers_make_no_table() -> None:
    text = "인구는 1,000명이고, 넓이는 2,000이며 그 밖의 것은 모두 잘 알려져\n있지 않은 채로 남아, 아무도 모른다."
    assert len(sentences(text)) == 1


def test_a_semicolon_at_the_end_of_a_line_goes_on() -> None:
    text = "It rains;\nthe river that runs through the old town rises by a metre every night."
    assert sentences(text) == [text]


def test_front_matter_is_no_prose() -> None:
    text = "---\ntitle: Seoul\ntags: [London]\n---\n# 고려\n\n왕건은 918년에 고려를 건국했다."
    read = OfflineLens().read(text)
    assert not {"Seoul", "London"} & {entity.name for entity in read.entities}
    assert not {"title", "tags"} & set(read.keywords)
    assert sentences("---\n\n제목 없는 글이다.")[-1] == "제목 없는 글이다."
