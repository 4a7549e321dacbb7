"""Made-up documents about topics, from a seed: words by Zipf's law, those of the topic more often."""

from dataclasses import dataclass

import numpy as np

from academy.application.ports.graph_maths import TextItem

WORDS = 30_000
TOPICS = 40
TOPIC_WORDS = 400
SHARE = 0.3
"""Words of a document that are of its topic; one document in four has as many of another."""
_COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "an",
    "they",
    "which",
]
_SYLLABLES = [
    a + b
    for a in ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "st", "tr", "pl"]
    for b in ["a", "e", "i", "o", "u", "an", "er", "in", "or", "al"]
]
_PARTICLES = ["", "", "은", "는", "이", "가", "을", "를", "의", "에", "에서", "으로", "도", "와"]


@dataclass(frozen=True, slots=True)
class Document:
    """A text and the topic it is about."""

    item: TextItem
    topic: int


def english(many: int, seed: int, words: int = 300) -> list[Document]:
    """`many` documents of `words` words."""
    rng = np.random.default_rng(seed)
    lexicon = np.array(_english_words(rng))
    return _documents(many, words, lexicon, np.array(_COMMON), rng, 0.35)


def korean(many: int, seed: int, characters: int = 1000) -> list[Document]:
    """`many` documents of about `characters` characters; particles stick to the words."""
    rng = np.random.default_rng(seed)
    lexicon = np.array(_korean_words(rng))
    made = _documents(many, characters // 4, lexicon, np.array(["있다", "그리고", "하는", "것은"]), rng, 0.05)
    endings = np.array(_PARTICLES)
    found = []
    for one in made:
        stems = one.item.text.split()
        ends = endings[rng.integers(0, len(endings), len(stems))]
        text = " ".join(stem + end for stem, end in zip(stems, ends, strict=True))[:characters]
        found.append(Document(TextItem(one.item.id, one.item.title, text), one.topic))
    return found


def _documents(
    many: int, words: int, lexicon: np.ndarray, common: np.ndarray, rng: np.random.Generator, little: float
) -> list[Document]:
    chances = 1 / np.arange(3, len(lexicon) + 3)
    bounds = np.cumsum(chances / chances.sum())
    own_chances = 1 / np.arange(5, TOPIC_WORDS + 5)
    own_bounds = np.cumsum(own_chances / own_chances.sum())
    own = np.stack([rng.permutation(np.arange(100, len(lexicon)))[:TOPIC_WORDS] for _ in range(TOPICS)])
    found = []
    for number in range(many):
        topic, other = rng.integers(0, TOPICS, 2)
        picks = np.minimum(np.searchsorted(bounds, rng.random(words)), len(lexicon) - 1)
        text = lexicon[picks]
        kind = rng.random(words)
        mine = kind < SHARE
        ranks = np.minimum(np.searchsorted(own_bounds, rng.random(words)), TOPIC_WORDS - 1)
        text[mine] = lexicon[own[topic][ranks[mine]]]
        if number % 4 == 0:
            mixed = (kind >= SHARE) & (kind < 2 * SHARE)
            text[mixed] = lexicon[own[other][ranks[mixed]]]
        text[kind > 1 - little] = common[picks[kind > 1 - little] % len(common)]
        found.append(
            Document(
                TextItem(f"doc/{number:06}", f"{text[0]} {text[1]}", " ".join(text.tolist())), int(topic)
            )
        )
    return found


def _english_words(rng: np.random.Generator) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < WORDS:
        sizes = rng.integers(2, 5)
        found["".join(_SYLLABLES[at] for at in rng.integers(0, len(_SYLLABLES), sizes))] = None
    return list(found)


def _korean_words(rng: np.random.Generator) -> list[str]:
    syllables = rng.permutation(np.arange(0xAC00, 0xD7A4))[:1200]
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(chr(syllables[at]) for at in rng.integers(0, 1200, rng.integers(2, 5)))] = None
    return list(found)
