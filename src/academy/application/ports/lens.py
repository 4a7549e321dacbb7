"""Port: what stands in one text: sentences, passages, names, relations, words; and which passages answer (GRA-6, GRA-7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from academy.contracts.microscope import Entity, MicroscopeFile, Passage, Relation

__all__ = ["Asked", "Found", "Lens", "Ranked", "Read"]


@dataclass(frozen=True, slots=True)
class Read:
    """A text read."""

    language: str
    passages: tuple[Passage, ...]
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage that may answer: index of its document among those given, its id, and its score (higher is better; 0 to 1)."""

    document: int
    passage: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence that may answer: `text[start:end]` of the document, and its score."""

    document: int
    passage: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the sentence that answers it: `text[start:end]` of the document."""

    question: str
    document: int
    passage: str
    start: int
    end: int


class Lens(Protocol):
    """Works with no model and no network. CPU-bound and synchronous: for a process of its own. The same text gives the same answer."""

    def read(
        self, text: str, headings: Sequence[tuple[int, int, str]] = (), pages: Sequence[int] = ()
    ) -> Read:
        """Read a text. `headings`: (offset, level, title); `pages`: offset at which each page begins."""
        ...

    def keywords(self, texts: Sequence[str], count: int) -> Sequence[tuple[str, ...]]:
        """Return the words and phrases that tell what each text is about, as they stand in it."""
        ...

    def rank(self, documents: Sequence[MicroscopeFile], question: str, limit: int) -> Sequence[Ranked]:
        """Return the passages that most likely answer, the best first: BM25, vectors and graph neighbours together."""
        ...

    def extract(
        self, documents: Sequence[MicroscopeFile], question: str, ranked: Sequence[Ranked], limit: int
    ) -> Sequence[Found]:
        """Return sentences out of those passages that answer, () when none does."""
        ...

    def questions(
        self, documents: Sequence[MicroscopeFile], ranked: Sequence[Ranked], limit: int
    ) -> Sequence[Asked]:
        """Return questions that sentences of those passages answer, of all passages where none is given."""
        ...

    def summarise(self, texts: Sequence[str], sentences: int) -> Sequence[tuple[int, int, int, float]]:
        """Return (index of text, start, end, score) of the sentences that say most of all texts together, each thing once."""
        ...
