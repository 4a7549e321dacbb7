"""Texts about things, from a seed: what the tests of graph maths lay beside each other."""

import random

from academy.application.ports.graph_maths import TextItem

ENGLISH = {
    "cooking": "flour oven butter recipe dough simmer onion garlic roast sauce yeast bake knead broth",
    "space": "orbit rocket planet telescope launch comet lunar satellite gravity astronaut crater probe",
    "music": "guitar chord melody drummer concert violin rhythm album piano singer orchestra tuning bass",
}
KOREAN = {
    "운영체제": "프로세스 스레드 스케줄러 교착상태 세마포어 페이지 인터럽트 커널 컨텍스트 동기화 메모리 파일시스템 캐시",
    "역사": "조선 세종대왕 임진왜란 고구려 백제 신라 훈민정음 과거시험 양반 실록 왕조 거북선 의병 사대부",
}
_FILLER = ["then", "later", "about", "many", "often", "people", "good", "small", "thing", "year", "work"]
_PARTICLES = ("은", "는", "이", "가", "을", "를", "의", "에서", "으로", "")


def english(topic: str, number: int, words: int = 60) -> TextItem:
    """Half of the words of its topic."""
    draw = random.Random(f"{topic}/{number}")
    own = ENGLISH[topic].split()
    text = " ".join(draw.choice(own if draw.random() < 0.5 else _FILLER) for _ in range(words))
    return TextItem(f"{topic}/{number:03}", f"{topic} {number}", text)


def korean(topic: str, number: int, words: int = 40) -> TextItem:
    """Words of its topic, with a particle on most of them."""
    draw = random.Random(f"{topic}/{number}")
    own = KOREAN[topic].split()
    text = " ".join(draw.choice(own) + draw.choice(_PARTICLES) for _ in range(words))
    return TextItem(f"{topic}/{number:03}", "", text)


def collection(each: int = 20) -> list[TextItem]:
    """`each` texts about every topic, in both languages."""
    found = [english(topic, number) for topic in ENGLISH for number in range(each)]
    return found + [korean(topic, number) for topic in KOREAN for number in range(each)]
