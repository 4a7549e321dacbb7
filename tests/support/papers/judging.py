"""How much of a page was read right."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Judged", "judged"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Hangul syllables that are there, edits that make what was read the same, words that are there and those found whole."""

    syllables: int
    edits: int
    words: int
    found: int

    @property
    def error(self) -> float:
        """Return edits for a hundred syllables."""
        return 100 * self.edits / max(1, self.syllables)

    @property
    def recall(self) -> float:
        """Return words found of a hundred."""
        return 100 * self.found / max(1, self.words)

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(
            self.syllables + other.syllables,
            self.edits + other.edits,
            self.words + other.words,
            self.found + other.found,
        )


def judged(truth: Sequence[str], read: Sequence[str]) -> Judged:
    """Compare words in reading order: Hangul as one text, so that a wrong order of columns counts; words wherever they stand."""
    there, got = _hangul(truth), _hangul(read)
    common = Counter(truth) & Counter(read)
    return Judged(len(there), _edits(there, got), len(truth), sum(common.values()))


def _hangul(words: Sequence[str]) -> str:
    return "".join(re.findall("[가-힣]", "".join(words)))


def _edits(one: str, two: str) -> int:
    """Return Levenshtein's distance."""
    other = np.array([ord(c) for c in two])
    row = np.arange(len(two) + 1)
    for at, letter in enumerate(one, start=1):
        new = np.minimum(row[1:] + 1, row[:-1] + (other != ord(letter)))
        new = np.concatenate(([at], new))
        places = np.arange(len(new))
        row = np.minimum.accumulate(new - places) + places
    return int(row[-1])
