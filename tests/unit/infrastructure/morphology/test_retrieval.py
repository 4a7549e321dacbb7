"""Questions, keywords and summaries over a few documents."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from academy.application.graph.looking import ask_documents
from academy.contracts.children.graph import AskDocuments
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


def test_a_keyword_that_stands_in_a_longer_one_alone_gives_way_to_it() -> None:
    text = "A Bloom filter is small. The Bloom filter says maybe. Each Bloom filter has bits; bits are cheap."
    (found,) = LENS.keywords([text], 5)
    assert found[0] == "Bloom filter"
    assert not {"Bloom", "filter"} & set(found)
    assert "bits" in found


def test_words_that_all_texts_have_still_tell_what_one_is_about() -> None:
    texts = [f"The library lends books. The library opens at {hour}. Ask the library." for hour in range(5)]
    assert all("library" in words[:2] for words in LENS.keywords(texts, 5))


def test_of_two_sentences_that_say_the_same_much_the_shorter_is_taken() -> None:
    short = "Glaciers store fresh water and feed the rivers of the valley."
    padding = " as somebody somewhere has perhaps said at some time or other in the past" * 3
    long = f"Glaciers store fresh water and feed the rivers of the valley{padding}."
    found = LENS.summarise([f"{long} {short} Rivers need glaciers."], 1)
    text = f"{long} {short} Rivers need glaciers."
    assert [text[start:end] for _, start, end, _ in found] != [long]


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


WAR = (
    "임진왜란 정리\n\n1592년 일본이 조선을 침략하면서 임진왜란이 시작되었다. 선조는 의주로 피란하였다.\n"
    "1598년 노량 해전에서 이순신이 전사하고 전쟁이 끝났다."
)
CLOUD = "구름과 비\n\n구름은 수증기가 응결하여 생긴다. 따뜻한 공기는 위로 올라간다. 구름의 종류를 알려 줘."


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("임진왜란은 언제 끝났는가?", WAR, "1598년 노량 해전에서 이순신이 전사하고 전쟁이 끝났다."),
        ("임진왜란은 언제 끝나나요?", WAR, "1598년 노량 해전에서 이순신이 전사하고 전쟁이 끝났다."),
        ("임진왜란은 언제 시작됐니?", WAR, "1592년 일본이 조선을 침략하면서 임진왜란이 시작되었다."),
        ("임진왜란은 언제 일어났나?", WAR, "1592년 일본이 조선을 침략하면서 임진왜란이 시작되었다."),
        ("구름은 어떻게 만들어지나?", CLOUD, "구름은 수증기가 응결하여 생긴다."),
        ("구름은 어떻게 생기니?", CLOUD, "구름은 수증기가 응결하여 생긴다."),
    ],
)
def test_the_verb_of_a_question_counts_and_titles_do_not(question: str, text: str, answer: str) -> None:
    document = filed(text, "w").model_copy(update={"title": text.split("\n", maxsplit=1)[0]})
    found = answers(question, [document])
    assert found[0] == answer
    assert document.title not in found
    assert not [sentence for sentence in found if "알려 줘" in sentence]


def test_the_capital_of_another_country_is_no_answer() -> None:
    texts = ["고려의 수도는 개경이다.", "조선의 수도는 한양이다. 정도전은 경복궁의 이름을 지었다."]
    assert answers("고려의 수도는 어디인가?", [filed(text, text) for text in texts])[0] == texts[0]
    found = answers("고려의 수도는 어디인가?", [filed(f"# {t[:2]}\n\n{t}", t) for t in texts])
    assert found == [texts[0]]


def test_a_topic_is_told_in_statements_and_rows_and_what_agrees_is_of_the_topic(tmp_path: Path) -> None:
    texts = [
        "# 세포\n\nATP가 만들어지는 순서를 알려 줘.\n\n미토콘드리아는 ATP를 만든다.",
        "# 광합성\n\n명반응은 빛으로 ATP를 만든다.\n\n# 인물\n\n이순신은 한산도에서 이겼다.",
        "# 바다\n\n이순신은 노량에서 전사했다.",
    ]
    files = [tmp_path / f"{at}.json" for at in range(3)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(filed(text, file.name).model_dump_json(), encoding="utf-8")
    ask = AskDocuments(
        kind="synthesize", files=tuple(map(str, files)), question="ATP", sentences=5, passages=5
    )
    told = ask_documents(ask, LENS, lambda _step, _share: None)
    assert [cited.quote for cited in told.sentences] == [
        "미토콘드리아는 ATP를 만든다.",
        "명반응은 빛으로 ATP를 만든다.",
    ]
    assert "ATP" in told.agree
    assert not {"이순신", "한산도", "노량"} & set(told.agree)


def test_a_list_of_words_is_summed_up_by_rows() -> None:
    text = "word,meaning\ndynasty,왕조\nequation,방정식"
    assert next(text[start:end] for _, start, end, _ in LENS.summarise([text], 1)) in {
        "dynasty,왕조",
        "equation,방정식",
    }
