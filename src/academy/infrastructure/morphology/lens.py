"""`Lens` without a model and without a network."""

from collections.abc import Sequence

from academy.application.ports.lens import Asked, Found, Ranked, Read
from academy.contracts.microscope import MicroscopeFile
from academy.infrastructure.morphology.answers import answering_sentences
from academy.infrastructure.morphology.keywords import keywords_among
from academy.infrastructure.morphology.questions import questions_of
from academy.infrastructure.morphology.ranking import Shelf, ranked_passages
from academy.infrastructure.morphology.reading import read_text
from academy.infrastructure.morphology.summary import summary_sentences

__all__ = ["OfflineLens"]


class OfflineLens:
    """See the port. Korean morphology is loaded with the first Korean text; a question needs none."""

    def __init__(self) -> None:
        """Begin with no documents at hand."""
        self._shelf = Shelf()

    def read(
        self, text: str, headings: Sequence[tuple[int, int, str]] = (), pages: Sequence[int] = ()
    ) -> Read:
        """See the port."""
        return read_text(text, headings, pages)

    def keywords(self, texts: Sequence[str], count: int) -> Sequence[tuple[str, ...]]:
        """See the port."""
        return keywords_among(texts, count)

    def rank(self, documents: Sequence[MicroscopeFile], question: str, limit: int) -> Sequence[Ranked]:
        """See the port."""
        return ranked_passages(documents, question, limit, self._shelf)

    def extract(
        self, documents: Sequence[MicroscopeFile], question: str, ranked: Sequence[Ranked], limit: int
    ) -> Sequence[Found]:
        """See the port."""
        return answering_sentences(documents, question, ranked, limit, self._shelf)

    def questions(
        self, documents: Sequence[MicroscopeFile], ranked: Sequence[Ranked], limit: int
    ) -> Sequence[Asked]:
        """See the port."""
        return questions_of(documents, ranked, limit)

    def summarise(self, texts: Sequence[str], sentences: int) -> Sequence[tuple[int, int, int, float]]:
        """See the port; the sentences come in the order of the texts."""
        return summary_sentences(texts, sentences)
