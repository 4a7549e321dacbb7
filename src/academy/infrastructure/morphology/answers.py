"""Sentences that answer a question, or none: better nothing than what only looks like an answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from academy.application.ports.lens import Found, Ranked
from academy.contracts.microscope import MicroscopeFile, Passage
from academy.infrastructure.morphology.haystack import Haystack
from academy.infrastructure.morphology.ranking import Weighed, passage_text, places_of, weighed_words

__all__ = ["answering_sentences"]

_PASSAGE_SHARE = 0.45
"""Of what the question asks for, by worth, that a passage must have."""
_SENTENCE_SHARE = 0.2
_NEAR = 0.15
_PASSAGE = 0.3
_FITTING = 0.12
_NUMBER = re.compile(r"\d|(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열) ?(?:명|개|번|가지|차례|마리|배)")
_DATE = re.compile(r"\d{1,4}(?:년|월|일|세기)|\b(?:1\d|20)\d\d\b|오전|오후|\d시")
_ASKED = (
    (
        re.compile(r"언제|몇 ?년|년도|연도|날짜|몇 ?월|며칠|\bwhen\b|what year|what date", re.IGNORECASE),
        "time",
    ),
    (re.compile(r"몇|얼마|how (?:many|much|long|far|old)", re.IGNORECASE), "quantity"),
    (re.compile(r"누구|누가|인물은|사람은|사람의 이름|\bwho(?:se|m)?\b", re.IGNORECASE), "person"),
    (re.compile(r"어디|장소|지역은|나라는|국가는|\bwhere\b", re.IGNORECASE), "place"),
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    own: float


def answering_sentences(
    documents: Sequence[MicroscopeFile], question: str, ranked: Sequence[Ranked], limit: int
) -> list[Found]:
    """Return the sentences that answer best, the best first; see the port."""
    places = places_of(documents)
    if not places or not ranked or limit < 1:
        return []
    weighed, _ = weighed_words(Haystack([passage_text(documents, place) for place in places]), question)
    most = sum(word.worth for word in weighed)
    if most <= 0:
        return []
    passages = {(place.document, place.passage.id): place.passage for place in places}
    kind = next((kind for asking, kind in _ASKED if asking.search(question)), "")
    found = [
        answer
        for rank in ranked
        if (rank.document, rank.passage) in passages
        for answer in _of_passage(documents, rank, passages[rank.document, rank.passage], weighed, most, kind)
    ]
    found.sort(key=lambda answer: (-answer.score, answer.document, answer.start))
    return found[:limit]


def _of_passage(
    documents: Sequence[MicroscopeFile],
    rank: Ranked,
    passage: Passage,
    weighed: Sequence[Weighed],
    most: float,
    kind: str,
) -> Iterator[Found]:
    document = documents[rank.document]
    above = f"{document.title} {passage.heading}".lower()
    whole = _share(f"{above} {document.text[passage.start : passage.end].lower()}", weighed, most)
    if whole < _PASSAGE_SHARE:
        return
    asked = [word for word in weighed if word.sought.letters not in above]
    rows = [
        _Sentence(span.start, span.end, _share(document.text[span.start : span.end].lower(), weighed, most))
        for span in passage.sentences
    ]
    fitting = _kinds(document, passage.id, kind)
    for at, row in enumerate(rows):
        if row.own < _SENTENCE_SHARE * (len(asked) / max(1, len(weighed))) or row.own <= 0:
            continue
        beside = max(rows[at - 1].own if at else 0.0, rows[at + 1].own if at + 1 < len(rows) else 0.0)
        score = row.own + _NEAR * beside + _PASSAGE * whole
        if kind and _fits(document.text[row.start : row.end], row, kind, fitting):
            score += _FITTING
        score /= 1 + _NEAR + _PASSAGE + _FITTING
        yield Found(rank.document, passage.id, row.start, row.end, round(min(1.0, score), 6))


def _share(text: str, weighed: Sequence[Weighed], most: float) -> float:
    return sum(word.worth for word in weighed if word.sought.letters in text) / most


def _kinds(document: MicroscopeFile, passage: str, kind: str) -> list[int]:
    """Return where names of the kind that is asked for stand in the passage."""
    if kind not in {"person", "place"}:
        return []
    return [
        mention.start
        for entity in document.entities
        if entity.kind == kind
        for mention in entity.mentions
        if mention.passage == passage
    ]


def _fits(text: str, row: _Sentence, kind: str, places: Sequence[int]) -> bool:
    if kind == "time":
        return _DATE.search(text) is not None
    if kind == "quantity":
        return _NUMBER.search(text) is not None
    return any(row.start <= place < row.end for place in places)
