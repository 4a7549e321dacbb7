"""Sentences that say most of all texts together: central, early, and none twice.

Maximal marginal relevance: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking", 1998.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from academy.domain.graph.prose import asks
from academy.infrastructure.morphology.blocks import BlockKind, blocks_of
from academy.infrastructure.morphology.sentences import sentences_of
from academy.infrastructure.morphology.words import plain_words

__all__ = ["summary_sentences"]

_POOL = 200
_POSITION = 0.65
_SAME = 0.6
_TOO_LIKE = 0.75
_SHORT, _LONG = 25, 130
_FEWEST_WORDS = 3


@dataclass(slots=True)
class _Sentence:
    text: int
    start: int
    end: int
    order: int
    words: dict[str, float]
    score: float = 0.0


def summary_sentences(texts: Sequence[str], count: int) -> list[tuple[int, int, int, float]]:
    """Return (text, start, end, score) in the order of the texts; see the port. Linear in their length."""
    rows = [row for index, text in enumerate(texts) for row in _sentences(index, text)]
    if not rows or count < 1:
        return []
    _weigh(rows)
    _score(rows, len(texts))
    pool = sorted(rows, key=lambda row: (-row.score, row.text, row.start))[: max(_POOL, count * 4)]
    chosen: list[_Sentence] = []
    likeness = [0.0] * len(pool)
    while pool and len(chosen) < count:
        best = max(range(len(pool)), key=lambda at: (pool[at].score * (1 - _SAME * likeness[at]), -at))
        row = pool.pop(best)
        if likeness.pop(best) <= _TOO_LIKE:
            chosen.append(row)
            likeness = [
                max(like, _cosine(row.words, other.words)) for like, other in zip(likeness, pool, strict=True)
            ]
    top = max(row.score for row in chosen) or 1.0
    return sorted((row.text, row.start, row.end, round(max(0.0, row.score / top), 6)) for row in chosen)


def _sentences(index: int, text: str) -> list[_Sentence]:
    rows: list[_Sentence] = []
    for block in blocks_of(text):
        if block.kind in {BlockKind.HEADING, BlockKind.CODE, BlockKind.TABLE}:
            continue
        for start, end in sentences_of(text, block):
            words = Counter(plain_words(text[start:end]))
            if len(words) >= _FEWEST_WORDS and not asks(text[start:end]):
                rows.append(_Sentence(index, start, end, len(rows), dict(words)))
    return rows or _whatever(index, text)


def _whatever(index: int, text: str) -> list[_Sentence]:
    """Return what there is where a text has no proper sentence: of a table the rows below the first, else the beginning."""
    blocks = list(blocks_of(text))
    rows = [
        span
        for block in blocks
        if block.kind is BlockKind.TABLE
        for span in list(sentences_of(text, block))[1:]
    ]
    spans = rows or [span for block in blocks for span in sentences_of(text, block)][:1]
    return [
        _Sentence(index, start, end, order, dict(Counter(plain_words(text[start:end]))))
        for order, (start, end) in enumerate(spans)
    ]


def _weigh(rows: Sequence[_Sentence]) -> None:
    """Turn counts into weights of length one: rare words count more, a word once or twice about the same."""
    held = Counter(word for row in rows for word in row.words)
    for row in rows:
        weights = {
            word: (1 + math.log(times)) * math.log(1 + len(rows) / held[word])
            for word, times in row.words.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        row.words = {word: weight / length for word, weight in weights.items()}


def _score(rows: Sequence[_Sentence], texts: int) -> None:
    """Give each sentence its nearness to all others, of its own text and of all texts, and its place."""
    whole = _sum(rows)
    own = [_sum(group) for group in _grouped(rows, texts)]
    near_all = [_dot(row.words, whole) - 1 for row in rows]
    near_own = [_dot(row.words, own[row.text]) - 1 for row in rows]
    most_all, most_own = (
        max(*near_all, 1e-9) if len(rows) > 1 else 1.0,
        max(*near_own, 1e-9) if len(rows) > 1 else 1.0,
    )
    for row, every, mine in zip(rows, near_all, near_own, strict=True):
        central = (every / most_all + mine / most_own) / 2
        place = 1.0 / math.sqrt(1.0 + row.order)
        row.score = (central * (1 - _POSITION) + place * _POSITION) * _length_factor(row.end - row.start)


def _grouped(rows: Sequence[_Sentence], texts: int) -> list[list[_Sentence]]:
    groups: list[list[_Sentence]] = [[] for _ in range(texts)]
    for row in rows:
        groups[row.text].append(row)
    return groups


def _sum(rows: Sequence[_Sentence]) -> dict[str, float]:
    total: dict[str, float] = {}
    for row in rows:
        for word, weight in row.words.items():
            total[word] = total.get(word, 0.0) + weight
    return total


def _dot(words: dict[str, float], other: dict[str, float]) -> float:
    return sum(weight * other.get(word, 0.0) for word, weight in words.items())


def _cosine(words: dict[str, float], other: dict[str, float]) -> float:
    return _dot(words, other) if len(words) <= len(other) else _dot(other, words)


def _length_factor(length: int) -> float:
    if length < _SHORT:
        return 0.4
    return 1.0 if length <= _LONG else math.sqrt(_LONG / length)
