"""Keywords of one text: words and phrases that stand in it."""

import numpy as np
import pytest

from academy.application.ports.graph_maths import TextItem
from academy.infrastructure.statistics.keywords import keyed, lexicon
from academy.infrastructure.statistics.phrases import text_keywords
from academy.infrastructure.statistics.words import FIRST_WORDS, count

pytestmark = pytest.mark.requirement("GRA-3")


def _keywords(*texts: str, most: int = 8) -> list[tuple[str, ...]]:
    items = [TextItem(f"{at}", "", text) for at, text in enumerate(texts)]
    counted = count(texts)
    words = lexicon(counted)
    found = keyed(counted, words)
    seen = np.bincount(found.matrix.indices, minlength=len(found.names))
    rarity = np.log1p(len(texts) / np.maximum(seen, 1))
    return text_keywords(items, counted, found, words, rarity, most)


_CACHES = (
    "A page table maps pages. The page table is walked by hardware. Caches keep a page table entry; a cache "
    "of entries saves the walk, and the page table stays in memory."
)


def test_a_phrase_stands_for_the_words_that_stand_in_it_alone() -> None:
    (found,) = _keywords("Bloom filter first. A Bloom filter is small. The Bloom filter says maybe.")
    assert found[0] == "Bloom filter"
    assert "Bloom" not in found
    assert "filter" not in found


def test_a_word_that_stands_alone_too_is_kept_beside_the_phrase() -> None:
    (found,) = _keywords(_CACHES)
    assert "page table" in found
    assert any(word.lower() == "entry" for word in found)
    assert all(phrase.lower() in _CACHES.lower() for phrase in found)


def test_no_phrase_goes_over_the_end_of_a_sentence_or_of_a_text() -> None:
    found = _keywords("Sockets listen. Kernels wait. Sockets listen. Kernels wait.", "Kernels sleep")
    assert not any("listen" in words and "Kernels" in words for words in found[0])
    assert set(found[1]) <= {"Kernels", "sleep", "Kernels sleep"}


def test_a_korean_phrase_is_shown_without_the_particle_at_its_end() -> None:
    text = "대화 상자를 연다. 대화 상자에서 고른다. 대화 상자는 닫는다. 상자의 대화 상자를 본다."
    (found,) = _keywords(text)
    assert "대화 상자" in found
    assert not any(word.endswith(("를", "에서", "는", "의")) for word in found)


def test_forms_of_korean_verbs_are_no_keywords() -> None:
    texts = (
        "이긴 장군과 나눈 땅, 만든 배. 장군은 다시 이겼다. 땅을 나누었다고 한다.",
        "적을 이기려고 배를 만들었다. 새로운 법을 알려고 했으나 높은 산이 있었다.",
        "땅을 나누어서 받았다. 새롭게 만들도록 했고, 법이 새롭다. 산이 높다.",
    )
    found = {word for words in _keywords(*texts) for word in words}
    assert {"장군"} <= found
    assert not found & {
        "이긴",
        "나눈",
        "만든",
        "새로운",
        "높은",
        "알려고",
        "있었다",
        "나누",
        "이기",
    }


def test_nouns_that_end_like_verbs_stay() -> None:
    """What decides is whether a particle sticks to them, or no other form of such a verb is there."""
    texts = (
        "사진 한 장, 지진 뒤의 사진을 본다.",
        "원인 모를 지진의 원인, 이민 정책. 이미지는 사진이다.",
        "편지 원고",
    )
    found = {word for words in _keywords(*texts) for word in words}
    assert {"사진", "지진", "원인", "이민", "이미지", "편지", "원고"} <= {
        part for word in found for part in word.split()
    }


def test_words_of_any_subject_are_no_keywords() -> None:
    (found,) = _keywords(
        "However, several good people already know themselves; quorum. Quorum provides something."
    )
    assert [word.lower() for word in found] == ["quorum"]


def test_the_beginning_counts_most_and_the_commonest_of_all_texts_least() -> None:
    filler = " of ".join(f"filler{at}" for at in range(40))
    texts = [f"lesson of raft of {filler} of paxos", f"lesson of {filler}", f"lesson of {filler}"]
    found = _keywords(*texts, most=60)[0]
    assert found.index("raft") < found.index("lesson")
    assert found.index("raft") < found.index("filler9")


def test_what_stands_behind_the_first_words_counts_as_late() -> None:
    (found,) = _keywords("dawn of dawn of " + "of " * FIRST_WORDS + "dusk of dusk")
    assert found == ("dawn", "dusk")


def test_texts_without_words_have_no_keywords() -> None:
    assert _keywords("", "!!! 12 34", "은 는") == [(), (), ()]
