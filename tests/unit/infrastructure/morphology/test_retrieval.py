"""Questions, keywords and summaries over a few documents."""

from collections.abc import Sequence

import pytest

from academy.contracts.microscope import MicroscopeFile
from academy.infrastructure.morphology.lens import OfflineLens

pytestmark = pytest.mark.requirement("GRA-6", "GRA-7")

LENS = OfflineLens()
TEXTS = (
    "# 다리\n미라보 시의 푸른 다리는 1931년에 완성되었다. 설계자는 이수연 건축가이다. 다리의 길이는 412m이다. 봄에는 축제가 열린다.",
    "# 빵집\n골목 끝의 빵집은 새벽 다섯 시에 문을 연다. 가장 잘 팔리는 빵은 호밀빵이다. 주인은 매주 월요일에 쉰다.",
    (
        "# Harbour\nThe old harbour was rebuilt after the storm. "
        "Fishing boats leave before sunrise. The lighthouse keeper is Anna Berg."
    ),
)


def filed(text: str, name: str) -> MicroscopeFile:
    read = LENS.read(text)
    return MicroscopeFile(
        document_id=name,
        title="",
        source_key=name,
        digest="",
        language="ko",
        text=text,
        passages=read.passages,
        entities=read.entities,
        relations=read.relations,
        keywords=read.keywords,
    )


DOCUMENTS = [filed(text, f"d{number}") for number, text in enumerate(TEXTS)]


def answers(question: str, documents: Sequence[MicroscopeFile] = DOCUMENTS) -> list[str]:
    ranked = LENS.rank(documents, question, 5)
    found = LENS.extract(documents, question, ranked, 3)
    return [documents[answer.document].text[answer.start : answer.end] for answer in found]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("푸른 다리는 언제 완성되었나?", "미라보 시의 푸른 다리는 1931년에 완성되었다."),
        ("다리의 길이는 얼마인가?", "다리의 길이는 412m이다."),
        ("빵집에서 가장 잘 팔리는 빵은 무엇인가?", "가장 잘 팔리는 빵은 호밀빵이다."),
        ("Who is the lighthouse keeper?", "The lighthouse keeper is Anna Berg."),
        ("when do fishing boats leave", "Fishing boats leave before sunrise."),
    ],
)
def test_the_sentence_that_answers_comes_first(question: str, answer: str) -> None:
    assert answers(question)[0] == answer


@pytest.mark.parametrize(
    "question",
    [
        "양자역학의 불확정성 원리란 무엇인가?",
        "Who won the chess world championship?",
        "누가 언제 어디서?",
        "???",
        "the of and",
        "빵집의 양자 컴퓨터 큐비트 개수는?",
    ],
)
def test_a_question_that_nothing_answers_gets_nothing(question: str) -> None:
    assert answers(question) == []


def test_passages_come_best_first_with_scores_between_nothing_and_one() -> None:
    ranked = LENS.rank(DOCUMENTS, "빵집 주인은 언제 쉬는가", 10)
    assert ranked[0].document == 1
    assert [rank.score for rank in ranked] == sorted((rank.score for rank in ranked), reverse=True)
    assert all(0 < rank.score <= 1 for rank in ranked)
    assert LENS.rank(DOCUMENTS, "빵집 주인은 언제 쉬는가", 1) == ranked[:1]
    assert LENS.rank([], "빵집", 3) == []


def test_a_passage_that_shares_rare_names_with_the_best_comes_before_one_that_does_not() -> None:
    texts = ["은하수 축제는 나래섬에서 열린다.", "축제에는 많은 이가 온다.", "축제와 나래섬은 배로 이어진다."]
    documents = [filed(text, text) for text in texts]
    ranked = LENS.rank(documents, "은하수 축제", 3)
    assert [rank.document for rank in ranked] == [0, 2, 1]


def test_keywords_stand_in_their_text_and_tell_it_from_others() -> None:
    texts = [
        *TEXTS,
        "# 도서관\n도서관 사서는 책을 분류한다. 도서관 회원은 책을 빌린다. 도서관 회원 카드는 무료이다.",
    ]
    found = LENS.keywords(texts, 5)
    assert all(word in text for text, words in zip(texts, found, strict=True) for word in words)
    assert any("도서관" in word for word in found[3][:2])
    assert any("harbour" in word.lower() or "lighthouse" in word.lower() for word in found[2])
    assert all(len(words) <= 5 for words in found)
    assert LENS.keywords(["", "그 이 저"], 5) == [(), ()]


def test_a_summary_says_each_thing_once_and_leaves_out_what_is_beside_the_point() -> None:
    core = "태양광 발전은 햇빛을 전기로 바꾸는 발전 방식이다."
    text = f"{core} 태양광 발전의 전기는 집에서 쓴다. 어제는 점심에 국수를 먹었다. 햇빛이 강하면 발전 전기도 늘어난다. {core}"
    found = LENS.summarise([text, core], 2)
    said = [[text, core][index][start:end] for index, start, end, _ in found]
    assert said.count(core) == 1
    assert not any("국수" in sentence for sentence in said)
    assert all(0 <= score <= 1 for *_, score in found)
    assert LENS.summarise(["", " \n"], 3) == []
    assert LENS.summarise([], 3) == []
