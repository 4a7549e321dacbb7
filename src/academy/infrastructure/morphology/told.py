"""Words that are no names but of which a sentence says what they are or do: "캐시란 …", "is a program that"."""

import re
from collections.abc import Iterator, Sequence

from academy.infrastructure.morphology.korean_chunks import Chunk
from academy.infrastructure.morphology.predicates import KOREAN, ROLE
from academy.infrastructure.morphology.spots import Spot
from academy.infrastructure.morphology.word_lists import STOP_WORDS, VAGUE_NOUNS

__all__ = ["told_spots"]

_RULES = tuple(
    rule for rule in KOREAN if rule.kind in {"is_a", "part_of", "founded", "made", "causes", "uses"}
)
_IS_A = re.compile(
    r"\b(?:is|are|was|were) (?:an?|the|one of the) (?:[a-z][a-z-]* ){0,3}?(?P<noun>[a-z][a-z-]{2,})"
    r"(?= (?:that|which|who|of|in|for|used|to|with|from|where|designed)\b|[.,;]|$)"
)
_CONFIDENCE = 0.45
_RANK = 2


def told_spots(sentence: str, chunks: Sequence[Chunk]) -> Iterator[Spot]:
    """Yield what the sentence begins with and speaks of, and what it says of it; they may overlap names."""
    if chunks:
        yield from _korean(sentence, chunks)
        return
    for found in _IS_A.finditer(sentence):
        if found["noun"] not in STOP_WORDS:
            yield Spot(*found.span("noun"), "term", _CONFIDENCE, _RANK)


def _korean(sentence: str, chunks: Sequence[Chunk]) -> Iterator[Spot]:
    topic = -1
    for at, chunk in enumerate(chunks[:6]):
        role = ROLE.match(sentence, chunk.end)
        if role and (role["topic"] or role["subject"]):
            topic = at
            break
    if topic < 0:
        return
    if topic < 3 and chunks[0].start == 0 and role is not None and role["topic"]:
        yield from _phrase(sentence, chunks, topic)
    for at in range(topic + 1, len(chunks)):
        if any(rule.words.match(sentence, chunks[at].end) for rule in _RULES):
            yield from _phrase(sentence, chunks, at)


def _phrase(sentence: str, chunks: Sequence[Chunk], last: int) -> Iterator[Spot]:
    """Yield the chunk with the one before it where the two stand side by side."""
    first = last
    if last and sentence[chunks[last - 1].end : chunks[last].start] == " " and _tells(chunks[last - 1]):
        first = last - 1
    if _tells(chunks[last]):
        yield Spot(chunks[first].start, chunks[last].end, "term", _CONFIDENCE, _RANK)


def _tells(chunk: Chunk) -> bool:
    return (
        len(chunk.surface) > 1 and chunk.surface not in VAGUE_NOUNS and chunk.words[0].tag not in {"SN", "NR"}
    )
