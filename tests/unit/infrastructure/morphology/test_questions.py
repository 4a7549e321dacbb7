"""Questions for a handout: each made of a whole sentence that answers it, and none where its parts make none."""

import pytest

from academy.contracts.microscope import MicroscopeFile
from academy.infrastructure.morphology.lens import OfflineLens

pytestmark = pytest.mark.requirement("GRA-6")

LENS = OfflineLens()


def filed(text: str) -> MicroscopeFile:
    read = LENS.read(text)
    return MicroscopeFile(
        document_id="d",
        title="",
        source_key="d",
        digest="",
        language="ko",
        text=text,
        passages=read.passages,
        entities=read.entities,
        relations=read.relations,
        keywords=read.keywords,
    )


def questions(text: str, limit: int = 20) -> list[str]:
    return [asked.question for asked in LENS.questions([filed(text)], (), limit)]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("왕건은 918년에 고려를 건국했다.", "왕건이 고려를 건국한 것은 언제인가요?"),
        ("왕건은 918년에 고려를 건국했다.", "918년에 고려를 건국한 사람은 누구인가요?"),
        ("고려의 수도는 개경이다.", "고려의 수도는 어디인가요?"),
        ("불국사는 경주 토함산에 있다.", "불국사가 있는 곳은 어디인가요?"),
        ("광합성은 식물의 엽록체에서 일어난다.", "광합성이 일어나는 곳은 어디인가요?"),
        ("명반응은 물을 분해하여 ATP를 만든다.", "물을 분해하여 ATP를 만드는 것은 무엇인가요?"),
        ("세포 호흡은 ATP를 만드는 과정이다.", "세포 호흡은 무엇인가요?"),
        ("데카르트는 좌표평면을 고안했다.", "좌표평면을 고안한 사람은 누구인가요?"),
        (
            "1592년 일본이 조선을 침략하면서 임진왜란이 시작되었습니다.",
            "일본이 조선을 침략하면서 임진왜란이 시작된 것은 언제인가요?",
        ),
        (
            "세종대왕은 1443년에 훈민정음을 창제하고 집현전에서 학자를 길렀다.",
            "세종대왕이 훈민정음을 창제한 것은 언제인가요?",
        ),
        (
            "산소가 부족하기 때문에 근육 세포는 젖산 발효를 한다.",
            "근육 세포가 젖산 발효를 하는 까닭은 무엇인가요?",
        ),
        ("Melvin Calvin discovered the Calvin cycle in 1950.", "Who discovered the Calvin cycle in 1950?"),
        (
            "Melvin Calvin discovered the Calvin cycle in 1950.",
            "When did Melvin Calvin discover the Calvin cycle?",
        ),
        ("Isaac Newton was born in Woolsthorpe in 1642.", "Where was Isaac Newton born?"),
        ("Isaac Newton was born in Woolsthorpe in 1642.", "When was Isaac Newton born?"),
        ("Photosynthesis takes place in the chloroplast.", "Where does photosynthesis take place?"),
        ("Chlorophyll absorbs red and blue light.", "What absorbs red and blue light?"),
        ("The capital of France is Paris.", "What is the capital of France?"),
        (
            "Plants store glucose as starch because starch does not dissolve.",
            "Why do plants store glucose as starch?",
        ),
    ],
)
def test_a_question_is_made_of_the_sentence_that_answers_it(sentence: str, question: str) -> None:
    (asked, *_) = [
        each for each in LENS.questions([filed(sentence)], (), 9) if each.question == question
    ] or [None]
    assert asked is not None, questions(sentence)
    assert sentence[asked.start : asked.end] == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "그는 1392년에 나라를 세웠다.",
        "이것은 광합성의 결과이다.",
        "그러나 왕건은 고려를 건국했다.",
        "고려의 수도는 어디인가?",
        "전투를 순서대로 알려 줘.",
        "대첩은 전투이다.",
        "수도는 개경이다.",
        "a가 양수이면 아래로 볼록하다.",
        "권율은 이겼고 이순신은 전사했다.",
        "He published the Principia in 1687.",
        "It takes place in the chloroplast.",
        "Solve the equation in 1990.",
        "See also the chapter on cells.",
        "const cell = make(1); // makes",
    ],
)
def test_no_question_is_made_where_the_parts_make_none(sentence: str) -> None:
    assert questions(sentence) == []


def test_things_are_not_asked_for_as_persons_and_particles_are_those_of_the_text() -> None:
    text = "암반응은 포도당을 만든다. 명반응은 빛으로 ATP를 만든다. 고려는 팔만대장경을 만들었다."
    made = " ".join(questions(text))
    assert "누구" not in made
    assert "을(를)" not in made
    assert "은(는)" not in made


def test_few_come_of_each_sentence_and_the_first_of_every_one_first() -> None:
    text = "왕건은 918년에 개경에서 고려를 건국했다. 이성계는 1392년에 한양에서 조선을 건국했다."
    made = questions(text)
    assert len(made) == 4
    assert made[:2] == [
        "왕건이 개경에서 고려를 건국한 것은 언제인가요?",
        "이성계가 한양에서 조선을 건국한 것은 언제인가요?",
    ]
    assert questions(text, 1) == made[:1]


def test_questions_come_from_the_passages_that_are_near() -> None:
    documents = [
        filed("# 왕\n\n왕건은 918년에 고려를 건국했다."),
        filed("# 빛\n\n광합성은 엽록체에서 일어난다."),
    ]
    near = LENS.rank(documents, "광합성", 5)
    assert {asked.document for asked in LENS.questions(documents, near, 9)} == {1}
