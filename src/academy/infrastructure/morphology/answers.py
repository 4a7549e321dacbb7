"""Sentences that answer a question, or none: better nothing than what only looks like an answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from academy.application.ports.lens import Found, Ranked
from academy.contracts.microscope import MicroscopeFile, Passage
from academy.domain.graph.prose import asks
from academy.infrastructure.morphology.defining import asked_term, defines
from academy.infrastructure.morphology.ranking import Shelf, Weighed, weighed_words

__all__ = ["answering_sentences"]

_PASSAGE_SHARE = 0.45
"""Of what the question asks for, by worth, that a passage must have."""
_SENTENCE_SHARE = 0.2
_NEAR = 0.15
_PASSAGE = 0.3
_FITTING = 0.3
_ASKS = "무엇"
"""A word that is never looked for; it keeps the term from being the verb that ends a question."""
_DEFINING = 0.4
"""What a sentence is worth that says what the thing is that a question asks for."""
_ABOVE = 0.3
"""What a word of the title or of a heading is worth within a sentence."""
_LONGEST_TITLE = 60
_BESIDE_BEST = 0.6
"""What has so much less of the question than the best sentence answers another one."""
_SAYS = re.compile(r"[.!?。:：;=|\d]|(?:다|요|까|죠|음|함|임)$|^\W|\n")
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
    documents: Sequence[MicroscopeFile], question: str, ranked: Sequence[Ranked], limit: int, shelf: Shelf
) -> list[Found]:
    """Return the sentences that answer best, the best first; see the port."""
    places, haystack = shelf.of(documents)
    if not places or not ranked or limit < 1:
        return []
    term = asked_term(question)
    weighed, _ = weighed_words(haystack, f"{term} {_ASKS}" if term else question)
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
    if term:
        found = [_defining(documents[answer.document], answer, term) for answer in found]
    found.sort(key=lambda answer: (-answer.score, answer.document, answer.start))
    return [answer for answer in found if answer.score >= _BESIDE_BEST * found[0].score][:limit]


def _defining(document: MicroscopeFile, answer: Found, term: str) -> Found:
    """Return a sentence with a score that counts whether it says what the term is."""
    score = answer.score + _DEFINING * defines(document.text[answer.start : answer.end], term)
    return replace(answer, score=round(min(1.0, score / (1 + _DEFINING)), 6))


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
    asked = [word for word in weighed if not word.sought.stands_in(above)]
    rows = list(_rows(document, passage, _within(weighed, asked), most))
    fitting = _kinds(document, passage.id, kind)
    for at, row in enumerate(rows):
        if row.own < _SENTENCE_SHARE * (len(asked) / max(1, len(weighed))) or row.own <= 0:
            continue
        beside = max(rows[at - 1].own if at else 0.0, rows[at + 1].own if at + 1 < len(rows) else 0.0)
        score = row.own + _NEAR * beside + _PASSAGE * whole
        if kind and _fits(document.text[row.start : row.end], row, kind, fitting):
            score += _FITTING
        score /= 1 + _NEAR + _PASSAGE + (_FITTING if kind else 0.0)
        yield Found(rank.document, passage.id, row.start, row.end, round(min(1.0, score), 6))


def _within(weighed: Sequence[Weighed], asked: Sequence[Weighed]) -> Sequence[Weighed]:
    """Return what a sentence is weighed by: what all of a document is about, by its title, tells its sentences little apart."""
    if not asked:
        return weighed
    rest = sum(word.worth for word in weighed) - sum(word.worth for word in asked)
    more = 1 + (1 - _ABOVE) * rest / sum(word.worth for word in asked)
    return [Weighed(word.sought, word.worth * (more if word in asked else _ABOVE)) for word in weighed]


def _rows(
    document: MicroscopeFile, passage: Passage, weighed: Sequence[Weighed], most: float
) -> Iterator[_Sentence]:
    """Yield the sentences of a passage with what each has of the question; nothing of a title or of what asks itself."""
    for span in passage.sentences:
        text = document.text[span.start : span.end]
        tells = not asks(text) and not _is_title(document, span.start, span.end)
        yield _Sentence(span.start, span.end, _share(text.lower(), weighed, most) if tells else 0.0)


def _is_title(document: MicroscopeFile, start: int, end: int) -> bool:
    """Whether a line stands alone above others and is no sentence: it has no end, no verb's end, no number and no colon."""
    text = document.text
    alone = text[end : end + 2] == "\n\n" and (start == 0 or text[start - 1] == "\n")
    return end - start <= _LONGEST_TITLE and alone and _SAYS.search(text, start, end) is None


def _share(text: str, weighed: Sequence[Weighed], most: float) -> float:
    return sum(word.worth for word in weighed if word.sought.stands_in(text)) / most


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
