"""Questions for what something is: the sentence that says so comes first."""

import pytest
from tests.unit.infrastructure.morphology.test_retrieval import answers, filed

from academy.infrastructure.morphology.defining import asked_term, defines

pytestmark = pytest.mark.requirement("GRA-6", "GRA-7")

NOTES = {
    "세포는 무엇인가요?": (
        "세포는 매우 작다. 세포는 1665년에 관찰되었다. 동물의 세포와 식물의 세포는 다르다. 세포는 생물을 이루는 기본 단위이다.",
        "세포는 생물을 이루는 기본 단위이다.",
    ),
    "교착 상태란?": (
        "교착 상태는 오래 이어진다. 교착 상태를 막는 방법은 여럿이다. 교착 상태란 둘 이상이 서로를 끝없이 기다리게 된 것을 말한다.",
        "교착 상태란 둘 이상이 서로를 끝없이 기다리게 된 것을 말한다.",
    ),
    "정규화의 뜻은 무엇인가?": (
        "정규화는 시험에 자주 나온다. 정규화의 단계는 여럿이다. 표를 나누어 중복을 없애는 일을 정규화라고 한다.",
        "표를 나누어 중복을 없애는 일을 정규화라고 한다.",
    ),
    "최대 힙의 정의는?": (
        "최대 힙은 어렵다. 최대 힙은 배열에 담는다. 최대 힙의 정의는 부모가 자식보다 작지 않은 나무이다.",
        "최대 힙의 정의는 부모가 자식보다 작지 않은 나무이다.",
    ),
    "BFS가 뭐야?": (
        "BFS 문제를 풀었다. BFS는 큐로 짠다. **BFS**(너비 우선 탐색): 가까운 곳부터 차례로 찾아보는 방법",
        "**BFS**(너비 우선 탐색): 가까운 곳부터 차례로 찾아보는 방법",
    ),
    "What is a cell?": (
        "The cell was seen in 1665. Every cell divides. A cell (from Latin cella) is the smallest unit of life. The cell is not flat.",
        "A cell (from Latin cella) is the smallest unit of life.",
    ),
    "what does entropy mean": (
        "Entropy grows. People fear entropy. Entropy refers to the number of ways in which parts can be arranged.",
        "Entropy refers to the number of ways in which parts can be arranged.",
    ),
    "What is a deadlock?": (
        "A deadlock hurts. To find a deadlock takes long. Two tasks that wait for each other are in a state called a deadlock.",
        "Two tasks that wait for each other are in a state called a deadlock.",
    ),
}


@pytest.mark.parametrize("question", NOTES)
def test_the_sentence_that_says_what_it_is_comes_first(question: str) -> None:
    text, answer = NOTES[question]

    assert answers(question, [filed(text, "d")])[0] == answer


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("프로세스란 무엇인가?", "프로세스"),
        ("프로세스는 무엇인가요", "프로세스"),
        ("가상 메모리가 뭐예요?", "가상 메모리"),
        ("‘교착 상태’란?", "교착 상태"),
        ("정규화의 정의는?", "정규화"),
        ("What is the definition of entropy?", "entropy"),
        ("What's an API?", "api"),
        ("What are Bloom filters?", "bloom filters"),
        ("이것은 무엇인가?", ""),
        ("What is it?", ""),
        ("누가 고려를 건국했나?", ""),
        ("When was the cell first seen?", ""),
        ("조선에서 가장 오래 왕으로 있던 사람의 이름은 무엇인가?", ""),
        ("청정한 믿음에서 무엇이 생겨나는가?", ""),
        ("프로세스는 무엇을 의미하나요?", "프로세스"),
        ("무엇인가?", ""),
        ("", ""),
    ],
)
def test_the_term_that_is_asked_for(question: str, term: str) -> None:
    assert asked_term(question) == term


@pytest.mark.parametrize(
    ("sentence", "term"),
    [
        ("고래는 물고기가 아니다.", "고래"),
        ("고래는 매우 빠르다.", "고래"),
        ("향고래는 고래의 하나이다.", "고"),
        ("A whale is not a fish.", "whale"),
        ("The whales swim.", "whale"),
        ("", "whale"),
    ],
)
def test_other_sentences_say_nothing_of_what_it_is(sentence: str, term: str) -> None:
    assert defines(sentence, term) == 0.0
