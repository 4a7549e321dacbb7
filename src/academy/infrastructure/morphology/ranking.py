"""Which passages may answer: BM25 over all of them, then vectors, sentences and shared names among the best.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; Deerwester et al.,
"Indexing by Latent Semantic Analysis", 1990.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_

import numpy as np

from academy.application.ports.lens import Ranked
from academy.contracts.microscope import MicroscopeFile, Passage
from academy.infrastructure.morphology.haystack import Counts, Haystack
from academy.infrastructure.morphology.words import Sought, plain_words, sought_words

__all__ = ["Place", "Shelf", "Weighed", "places_of", "ranked_passages", "weighed_words"]

_K1 = 0.8
_B = 0.5
_WHOLE = 0.5
_CANDIDATES = 60
_DIMENSIONS = 24
_VECTORS, _SENTENCES, _NEIGHBOURS = 0.02, 0.35, 0.05
_UNSEEN = 50
"""Passages imagined beside the given ones, so that a few of them do not make every word common."""
_SEEDS = 3
_RARE = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """A passage of a document, by the document's index."""

    document: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class Weighed:
    """Something sought with what it is worth: the rarer the more."""

    sought: Sought
    worth: float


def places_of(documents: Sequence[MicroscopeFile]) -> list[Place]:
    """Return all passages in order."""
    return [
        Place(index, passage) for index, document in enumerate(documents) for passage in document.passages
    ]


class Shelf:
    """The passages of documents laid side by side, kept for the next question to the same documents."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._documents: tuple[MicroscopeFile, ...] = ()
        self._places: list[Place] = []
        self._haystack = Haystack([""])

    def of(self, documents: Sequence[MicroscopeFile]) -> tuple[list[Place], Haystack]:
        """Return the passages of documents, and their texts to count in."""
        same = len(documents) == len(self._documents) and all(map(is_, documents, self._documents))
        if not same:
            self._places = places_of(documents)
            self._haystack = Haystack([passage_text(documents, place) for place in self._places] or [""])
            self._documents = tuple(documents)
        return self._places, self._haystack


def passage_text(documents: Sequence[MicroscopeFile], place: Place) -> str:
    """Return a passage's words with what it stands under."""
    document = documents[place.document]
    return (
        f"{document.title} {place.passage.heading} {document.text[place.passage.start : place.passage.end]}"
    )


def weighed_words(haystack: Haystack, question: str) -> tuple[list[Weighed], list[Counts]]:
    """Return what a question asks for, what each is worth, and its counts in every text."""
    weighed, counts = [], []
    for sought in sought_words(question):
        found = haystack.counts(sought.letters, starts=sought.starts)
        for other in sought.others:
            found = found + haystack.counts(other, starts=sought.starts)
        held = np.count_nonzero(found)
        rarity = float(np.log(1 + (haystack.size + _UNSEEN - held + 0.5) / (held + 0.5)))
        factor = (1.0 if sought.starts or not sought.whole else 0.0) + (_WHOLE if sought.whole else 0.0)
        weighed.append(Weighed(sought, rarity * factor))
        counts.append(found)
    return weighed, counts


def ranked_passages(
    documents: Sequence[MicroscopeFile], question: str, limit: int, shelf: Shelf
) -> list[Ranked]:
    """Return the passages that have something of the question, the best first; see the port."""
    places, haystack = shelf.of(documents)
    if not places or limit < 1:
        return []
    weighed, counts = weighed_words(haystack, question)
    scores = _bm25(haystack, weighed, counts)
    best = [int(at) for at in np.argsort(-scores, kind="stable")[: max(_CANDIDATES, limit)] if scores[at] > 0]
    if not best:
        return []
    most = sum(word.worth * (_K1 + 1) for word in weighed) or 1.0
    base = scores[best] / most
    texts = [passage_text(documents, places[at]) for at in best]
    extra = _VECTORS * _cosines(texts, question) + _SENTENCES * _sentences(
        documents, [places[at] for at in best], weighed
    )
    first = base + extra
    total = first + _NEIGHBOURS * _neighbours(documents, [places[at] for at in best], first)
    total = np.clip(total / (1 + _VECTORS + _SENTENCES + _NEIGHBOURS), 0.0, 1.0)
    order = np.argsort(-total, kind="stable")[:limit]
    return [
        Ranked(places[best[at]].document, places[best[at]].passage.id, round(float(total[at]), 6))
        for at in order
    ]


def _bm25(haystack: Haystack, weighed: Sequence[Weighed], counts: Sequence[Counts]) -> Counts:
    scores = np.zeros(haystack.size)
    long = _K1 * (1 - _B + _B * haystack.lengths / haystack.lengths.mean())
    for word, count in zip(weighed, counts, strict=True):
        scores += word.worth * (_K1 + 1) * count / (count + long)
    return scores


def _cosines(texts: Sequence[str], question: str) -> Counts:
    """Return how near each text is to the question in a space of few dimensions that the texts span."""
    words = [Counter(plain_words(text)) for text in texts]
    asked = Counter(plain_words(question))
    held = Counter(word for counter in words for word in counter)
    vocabulary = {
        word: at
        for at, word in enumerate(sorted(word for word, times in held.items() if times > 1 or word in asked))
    }
    if not vocabulary:
        return np.zeros(len(texts))
    matrix = np.zeros((len(texts) + 1, len(vocabulary)))
    for row, counter in enumerate([*words, asked]):
        for word, times in counter.items():
            if word in vocabulary:
                matrix[row, vocabulary[word]] = (1 + np.log(times)) * np.log(
                    (len(texts) + 1) / (held.get(word, 0) + 0.5)
                )
    gram = matrix[:-1] @ matrix[:-1].T
    values, vectors = np.linalg.eigh(gram)
    keep = [at for at in np.argsort(-values, kind="stable")[:_DIMENSIONS] if values[at] > 1e-9]
    if not keep:
        return np.zeros(len(texts))
    axes = (vectors[:, keep] / np.sqrt(values[keep])).T @ matrix[:-1]
    spots = matrix @ axes.T
    norms = np.linalg.norm(spots, axis=1)
    norms[norms == 0] = 1.0
    spots /= norms[:, None]
    cosines: Counts = np.clip(spots[:-1] @ spots[-1], 0.0, 1.0)
    return cosines


def _sentences(
    documents: Sequence[MicroscopeFile], places: Sequence[Place], weighed: Sequence[Weighed]
) -> Counts:
    """Return which share of the question the best sentence of each passage has."""
    most = sum(word.worth for word in weighed) or 1.0
    shares = []
    for place in places:
        text = documents[place.document].text
        sentences = [text[span.start : span.end].lower() for span in place.passage.sentences]
        sums = [
            sum(word.worth for word in weighed if word.sought.stands_in(sentence)) for sentence in sentences
        ]
        shares.append(max(sums, default=0.0) / most)
    return np.array(shares)


def _neighbours(documents: Sequence[MicroscopeFile], places: Sequence[Place], scores: Counts) -> Counts:
    """Return which share of the best passages' rare names each passage has too."""
    named = _named(documents, places)
    seeds = [int(at) for at in np.argsort(-scores, kind="stable")[:_SEEDS]]
    held = Counter(name for names in named for name in names)
    rare = {name for at in seeds for name in named[at] if held[name] <= max(2, _RARE * len(places))}
    if not rare:
        return np.zeros(len(places))
    return np.array([len(names & rare) / len(rare) for names in named])


def _named(documents: Sequence[MicroscopeFile], places: Sequence[Place]) -> list[set[str]]:
    """Return the names that stand in each passage."""
    named: dict[tuple[int, str], set[str]] = {(place.document, place.passage.id): set() for place in places}
    for index in sorted({place.document for place in places}):
        for entity in documents[index].entities:
            if entity.kind in {"time", "quantity"}:
                continue
            for mention in entity.mentions:
                names = named.get((index, mention.passage))
                if names is not None:
                    names.add(entity.name)
    return [named[place.document, place.passage.id] for place in places]
