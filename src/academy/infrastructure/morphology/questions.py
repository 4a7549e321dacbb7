"""Questions that sentences of documents answer: few, and each made of a whole sentence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from academy.application.ports.lens import Asked, Ranked
from academy.contracts.microscope import MicroscopeFile, Sentence
from academy.domain.graph.prose import asks
from academy.infrastructure.morphology.english_questions import english_questions
from academy.infrastructure.morphology.kiwi import holds_korean, morphemes_of
from academy.infrastructure.morphology.korean_questions import korean_questions

__all__ = ["questions_of"]

_SHORTEST, _LONGEST = 8, 160
_LOOKED_AT = 400
_OF_ONE = 2
_MARKS = re.compile(r"\*\*|__|`|^\s*(?:[-*+•·>]|\d{1,3}[.)])\s+")
_ASIDE = re.compile(r"\s?[(（][^()（）]*[)）]")
_NO_SENTENCE = re.compile(r"[{}<>|=\[\]→:\"“”;…]|https?:")


class _Place(NamedTuple):
    document: int
    passage: str
    span: Sentence
    words: str


def questions_of(documents: Sequence[MicroscopeFile], ranked: Sequence[Ranked], limit: int) -> list[Asked]:
    """Return questions with the sentences that answer them; see the port. The first of each sentence come first."""
    places = list(_places(documents, ranked))[:_LOOKED_AT]
    kinds = [_kinds(document) for document in documents]
    made: list[tuple[int, int, Asked]] = []
    for number, (place, morphemes) in enumerate(
        zip(places, morphemes_of([place.words for place in places]), strict=True)
    ):
        names = kinds[place.document]
        found = (
            korean_questions(place.words, morphemes, names)
            if holds_korean(place.words)
            else english_questions(place.words, names)
        )
        for turn, question in enumerate(islice(dict.fromkeys(found), _OF_ONE)):
            made.append(
                (
                    turn,
                    number,
                    Asked(question, place.document, place.passage, place.span.start, place.span.end),
                )
            )
    made.sort(key=lambda each: each[:2])
    first: dict[str, Asked] = {}
    for _, _, asked in made:
        first.setdefault(asked.question, asked)
    return list(first.values())[:limit]


def _places(documents: Sequence[MicroscopeFile], ranked: Sequence[Ranked]) -> Iterator[_Place]:
    """Yield the sentences that may be asked for: those of the ranked passages, or of all, a document after the other in turns."""
    if ranked:
        chosen = [(each.document, each.passage) for each in ranked]
    else:
        numbered = [
            (number, at, passage.id)
            for at, document in enumerate(documents)
            for number, passage in enumerate(document.passages)
        ]
        chosen = [(at, passage) for _, at, passage in sorted(numbered, key=lambda each: each[:2])]
    spans = {
        (at, each.id): each.sentences for at, document in enumerate(documents) for each in document.passages
    }
    for at, passage in chosen:
        for span in spans.get((at, passage), ()):
            words = _plain(documents[at].text[span.start : span.end])
            if words:
                yield _Place(at, passage, span, words)


def _plain(sentence: str) -> str:
    """Return a sentence in one line, without marks and what stands in brackets; "" for what cannot be asked for."""
    words = " ".join(_ASIDE.sub("", _MARKS.sub("", sentence)).split())
    whole = _SHORTEST <= len(words) <= _LONGEST and words[-1] in ".다요"
    return words if whole and not _NO_SENTENCE.search(words) and not asks(words) else ""


def _kinds(document: MicroscopeFile) -> Mapping[str, str]:
    """Return what the names of a document stand for, by each of their spellings."""
    return {
        surface: entity.kind
        for entity in document.entities
        for surface in {entity.name, *(mention.surface for mention in entity.mentions)}
    }
