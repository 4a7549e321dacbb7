"""One text read: passages, names, relations and words, in one pass over its sentences."""

import re
from collections.abc import Iterator, Sequence

from academy.application.ports.lens import Read
from academy.contracts.microscope import Passage
from academy.infrastructure.morphology.english_names import english_spots
from academy.infrastructure.morphology.keywords import keywords_of
from academy.infrastructure.morphology.kiwi import Morpheme, morphemes_of
from academy.infrastructure.morphology.korean_chunks import Chunk, chunks_of
from academy.infrastructure.morphology.korean_names import korean_spots, recalled_spots
from academy.infrastructure.morphology.names import Line, Names, known_names, settled, with_aliases
from academy.infrastructure.morphology.passages import layout_of
from academy.infrastructure.morphology.relations import relations_of
from academy.infrastructure.morphology.spots import Spot, spelled_spots
from academy.infrastructure.morphology.terms import Terms
from academy.infrastructure.morphology.told import told_spots

__all__ = ["language_of", "read_text"]

_KOREAN = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z]")
_BREAK = re.compile(r"[\n\t\r]")
_KEYWORDS = 20
_TERMS = 300
_PER_TERM = 150
_TERM_RANK = 2


def language_of(text: str) -> str:
    """Return ko, en or other by its letters; Korean notes hold more foreign words than the reverse."""
    korean = len(_KOREAN.findall(text))
    latin = len(_LATIN.findall(text))
    letters = sum(map(str.isalpha, text))
    if korean >= max(1, 0.15 * letters):
        return "ko"
    return "en" if latin >= max(1, 0.5 * letters) else "other"


def read_text(text: str, headings: Sequence[tuple[int, int, str]], pages: Sequence[int]) -> Read:
    """Read a text; see the port."""
    layout = layout_of(text, headings, pages)
    lines = list(_lines(text, layout.passages, layout.code))
    chunks: list[list[Chunk]] = []
    terms = Terms()
    for index, (line, morphemes) in enumerate(
        zip(lines, morphemes_of([line.text for line in lines]), strict=True)
    ):
        runs = chunks_of(line.text, morphemes)
        chunks.append(runs)
        terms.add(index, line.text, runs)
        line.spots = settled(_spots(line.text, morphemes, runs))
    _recall(lines, chunks)
    _name_terms(lines, terms, text)
    for line in lines:
        with_aliases(line)
    names = Names(text, lines)
    relations = relations_of(lines, names)
    words = keywords_of([line.text for line in lines], terms, _KEYWORDS)
    return Read(language_of(text), tuple(layout.passages), names.entities, relations, words)


def _lines(text: str, passages: Sequence[Passage], code: Sequence[tuple[int, int]]) -> Iterator[Line]:
    at = 0
    for passage in passages:
        for sentence in passage.sentences:
            while at < len(code) and code[at][1] <= sentence.start:
                at += 1
            if at == len(code) or sentence.start < code[at][0]:
                yield Line(passage.id, sentence.start, _BREAK.sub(" ", text[sentence.start : sentence.end]))


def _spots(sentence: str, morphemes: Sequence[Morpheme], chunks: Sequence[Chunk]) -> Iterator[Spot]:
    yield from spelled_spots(sentence)
    yield from english_spots(sentence)
    if morphemes:
        yield from korean_spots(sentence, morphemes, chunks)


def _recall(lines: Sequence[Line], chunks: Sequence[Sequence[Chunk]]) -> None:
    known = known_names(lines)
    for line, runs in zip(lines, chunks, strict=True):
        line.spots = settled([*line.spots, *recalled_spots(runs, known), *told_spots(line.text, runs)])


def _name_terms(lines: Sequence[Line], terms: Terms, text: str) -> None:
    """Let the weightiest terms be entities too, where no name stands already."""
    most = min(_TERMS, 10 + len(text) // _PER_TERM)
    added: dict[int, list[Spot]] = {}
    for term in terms.weighed()[:most]:
        if term.value <= 0:
            break
        confidence = min(0.7, 0.4 + 0.03 * len(term.places))
        for index, start, end in term.places:
            added.setdefault(index, []).append(Spot(start, end, "term", confidence, _TERM_RANK))
    for index, spots in added.items():
        lines[index].spots = settled([*lines[index].spots, *spots])
