"""Runs of nouns in a Korean sentence, with the words whole that the analyser takes apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from academy.infrastructure.morphology import word_lists as lists
from academy.infrastructure.morphology.kiwi import Morpheme

__all__ = ["Chunk", "chunks_of", "is_cut"]

_NOUNS = frozenset({"NNG", "NNP", "NR", "SL", "SN", "SH", "XPN", "XSN", "XR"})
_CLIPPED = frozenset(
    {
        "들",
        "적",
        "성",
        "상",
        "씨",
        "님",
        "별",
        "당",
        "경",
        "쯤",
        "가량",
        "행",
        "용",
        "식",
        "측",
        "계",
        "간",
        "째",
        "형",
    }
)
_AFTER_CONSONANT, _AFTER_VOWEL = frozenset("은을"), frozenset("는를가")
_SWALLOWED = _AFTER_CONSONANT | _AFTER_VOWEL | {"의"}
_MEANT_TAILS = frozenset("인군팀측사선족어식왕전호판급계제원장권형파당국점층실관화교말초용쪽편별돌남북동서")
"""Nouns of one letter that stick to names and are no part of them."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Nouns with nothing between them, in a sentence."""

    words: tuple[Morpheme, ...]
    surface: str

    @property
    def start(self) -> int:
        """Where it begins in the sentence."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where it ends in the sentence."""
        return self.words[-1].end

    @property
    def proper(self) -> bool:
        """Whether all of it is proper nouns or foreign words."""
        return all(word.tag in {"NNP", "SL"} for word in self.words) and self.words[-1].tag == "NNP"


def chunks_of(sentence: str, morphemes: Sequence[Morpheme]) -> list[Chunk]:
    """Return the runs of nouns of a sentence in order."""
    runs: list[list[Morpheme]] = []
    for word in morphemes:
        if word.tag not in _NOUNS:
            continue
        if runs and runs[-1][-1].end == word.start:
            runs[-1].append(word)
        else:
            runs.append([word])
    chunks = []
    for run in runs:
        while len(run) > 1 and (run[-1].form in _CLIPPED or (run[-1].tag == "XSN" and not is_cut(run, 0))):
            run.pop()
        run[-1] = _without_particle(sentence, run[-1])
        chunks.append(Chunk(tuple(run), sentence[run[0].start : run[-1].end]))
    return chunks


def _without_particle(sentence: str, last: Morpheme) -> Morpheme:
    """Return a long noun without the particle that was taken for a part of it: "피루브산은", "나폴레옹의"."""
    length = last.end - last.start
    if sentence[last.end : last.end + 1] != " " or last.form[-1:] not in _SWALLOWED:
        return last
    proper = last.tag == "NNP" and length > 4 and last.form[-1] == "의"
    if proper or (last.tag in {"NNG", "NNP"} and length > 4 and _fits(last.form[-2], last.form[-1])):
        return Morpheme(last.form[:-1], "NNP", last.start, last.end - 1)
    return last


def _fits(letter: str, particle: str) -> bool:
    """Whether a particle has the form that follows this letter."""
    closed = "가" <= letter <= "힣" and (ord(letter) - ord("가")) % 28 > 0
    return particle in (_AFTER_CONSONANT if closed else _AFTER_VOWEL)


def is_cut(words: Sequence[Morpheme], last: int) -> bool:
    """Whether a word that the analyser does not know goes on after what it took for a name: "틸라코이|드"."""
    name, tail = words[last], words[last + 1]
    alone = last == 0 and len(words) == 2 and name.end - name.start > 1 and tail.end - tail.start == 1
    return alone and tail.form not in _MEANT_TAILS and name.form not in lists.PLACES
