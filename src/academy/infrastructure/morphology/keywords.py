"""Words and phrases that tell what a text is about, as they stand in it.

A term counts by how often it stands alone, how long it is, how early it comes, over how many sentences it
spreads, and by how few of the other texts have it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from academy.infrastructure.morphology.kiwi import morphemes_of
from academy.infrastructure.morphology.korean_chunks import chunks_of
from academy.infrastructure.morphology.passages import layout_of
from academy.infrastructure.morphology.terms import Term, Terms, surface_of

__all__ = ["keywords_among", "keywords_of"]

_ENOUGH_TEXTS = 3
_POOL = 12
_SATURATION = 15.0
_EARLY = 2.0
_INSIDE = 1.0
Words = tuple[str, ...]


def keywords_of(
    sentences: Sequence[str], terms: Terms, count: int, rarity: Mapping[Words, float] | None = None
) -> tuple[str, ...]:
    """Return at most `count` keywords of one text, the most telling first, none within another."""
    weighed = terms.weighed(least=1)
    scored = sorted(
        ((_score(term, len(sentences)) * (rarity or {}).get(term.words, 1.0), term) for term in weighed),
        key=lambda pair: (-pair[0], pair[1].places[0], pair[1].words),
    )[: count * _POOL]
    there = [term for score, term in scored if score > 0]
    longer = [(set(term.words), len(term.places)) for term in there if len(term.words) > 1]
    chosen = [term for term in there if not _hidden(term, longer)]
    return tuple(surface_of(term, sentences) for term in chosen[:count])


def keywords_among(texts: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Return the keywords of each text; with several texts, words that most have tell nothing."""
    read = [_terms(text) for text in texts]
    rarity: dict[Words, float] = {}
    if len(texts) >= _ENOUGH_TEXTS:
        holding = Counter(words for _, terms in read for words in terms.all_words())
        rarity = {words: math.sqrt(math.log1p(len(texts) / held)) for words, held in holding.items()}
    return [keywords_of(sentences, terms, count, rarity) for sentences, terms in read]


def _terms(text: str) -> tuple[list[str], Terms]:
    layout = layout_of(text, (), ())
    places = [(span.start, span.end) for passage in layout.passages for span in passage.sentences]
    code = {start for start, _ in layout.code}
    sentences = [text[start:end] for start, end in places if start not in code]
    terms = Terms()
    for index, (sentence, morphemes) in enumerate(zip(sentences, morphemes_of(sentences), strict=True)):
        terms.add(index, sentence, chunks_of(sentence, morphemes))
    return sentences, terms


def _score(term: Term, sentences: int) -> float:
    first = term.places[0][0]
    spread = len({index for index, _, _ in term.places})
    early = 1.0 + _EARLY / math.log2(2 + first)
    often = len(term.places) * (_SATURATION + 1) / (len(term.places) + _SATURATION)
    one_of_many = 0.5 if len(term.words) > 1 and len(term.places) == 1 and sentences > 3 else 1.0
    length = 1.0 + 0.5 * (len(term.words) - 1)
    share = 0.5 + 0.5 * spread / len(term.places)
    return (
        often
        * early
        * length
        * share
        * one_of_many
        * (1.0 if term.value > 0 else 0.25)
        * _nounlike(term.words[-1])
    )


def _nounlike(word: str) -> float:
    """English words that look like verbs tell less."""
    return 0.4 if word.isascii() and (word.endswith("ed")) else 1.0


def _hidden(term: Term, longer: Sequence[tuple[set[str], int]]) -> bool:
    """Tell whether a term hardly stands outside a longer one."""
    words, times = set(term.words), len(term.places)
    return any(words < other and times <= _INSIDE * often for other, often in longer)
