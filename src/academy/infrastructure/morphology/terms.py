"""Terms: words and compounds that a text keeps coming back to.

Weighed like C-value (Frantzi, Ananiadou, Mima, "Automatic recognition of multi-word terms", 2000): how often
a compound stands on its own and not within a longer one, and how long it is.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from academy.infrastructure.morphology.korean_chunks import Chunk
from academy.infrastructure.morphology.word_lists import STOP_WORDS, VAGUE_NOUNS, VERBS

__all__ = ["Term", "Terms", "surface_of"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+#]*(?:['’-][A-Za-z0-9]+)*")
_LONGEST_WORD = 40
_SEVERAL = 3
_KOREAN_TAGS = frozenset({"NNG", "NNP", "SL", "XR", "SH"})


@dataclass(slots=True)
class Term:
    """One term: its words, and where it stands as (sentence, start, end) within the sentence."""

    words: tuple[str, ...]
    places: list[tuple[int, int, int]] = field(default_factory=list)
    value: float = 0.0


class Terms:
    """Counts terms over sentences that are given in order."""

    def __init__(self) -> None:
        self._terms: dict[tuple[str, ...], Term] = {}

    def add(self, index: int, sentence: str, chunks: Sequence[Chunk]) -> None:
        """Count what stands in the sentence of that number."""
        runs = _korean(sentence, chunks) if chunks else _english(sentence)
        for run in runs:
            for size in range(1, _SEVERAL + 1):
                for at in range(len(run) - size + 1):
                    part = run[at : at + size]
                    words = tuple(word for word, _, _ in part)
                    self._terms.setdefault(words, Term(words)).places.append((index, part[0][1], part[-1][2]))

    def all_words(self) -> Iterator[tuple[str, ...]]:
        """Yield every term once."""
        yield from self._terms

    def weighed(self, least: int = 2) -> list[Term]:
        """Return the terms that stand at least so often, the weightiest first."""
        kept = {words: term for words, term in self._terms.items() if len(term.places) >= least or least < 2}
        within: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for words, term in kept.items():
            for size in range(1, len(words)):
                for at in range(len(words) - size + 1):
                    within[words[at : at + size]].append(len(term.places))
        for words, term in kept.items():
            longer = within.get(words, [])
            alone = len(term.places) - (sum(longer) / len(longer) if longer else 0.0)
            length = sum(1 + (len(word) > 3 and word[:1] >= "가") for word in words)
            term.value = math.log2(1 + length) * max(alone, 0.0)
        return sorted(kept.values(), key=lambda term: (-term.value, term.places[0], term.words))


def surface_of(term: Term, sentences: Sequence[str]) -> str:
    """Return the spelling that the text has most often, the first of several."""
    counts = Counter(sentences[index][start:end] for index, start, end in term.places)
    return max(counts, key=lambda surface: counts[surface])


def _korean(sentence: str, chunks: Sequence[Chunk]) -> Iterator[list[tuple[str, int, int]]]:
    run: list[tuple[str, int, int]] = []
    for chunk in chunks:
        near = run and sentence[run[-1][2] : chunk.start] in {" ", "-"}
        if not _is_word(chunk):
            near = False
        if run and not near:
            yield run
            run = []
        if _is_word(chunk):
            run.append((chunk.surface.casefold(), chunk.start, chunk.end))
    if run:
        yield run


def _is_word(chunk: Chunk) -> bool:
    surface = chunk.surface
    if (
        len(surface) < 2
        or len(surface) > _LONGEST_WORD
        or surface in VAGUE_NOUNS
        or surface.lower() in STOP_WORDS
    ):
        return False
    return any(word.tag in _KOREAN_TAGS for word in chunk.words) and chunk.words[0].tag != "SN"


def _english(sentence: str) -> Iterator[list[tuple[str, int, int]]]:
    run: list[tuple[str, int, int]] = []
    for found in _WORD.finditer(sentence):
        word = found.group().lower()
        if run and sentence[run[-1][2] : found.start()] != " ":
            yield run
            run = []
        if (
            word in STOP_WORDS
            or word in VERBS
            or (len(word) < 3 and not found.group().isupper())
            or len(word) > _LONGEST_WORD
        ):
            if run:
                yield run
            run = []
        else:
            run.append((_singular(word), *found.span()))
    if run:
        yield run


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )
