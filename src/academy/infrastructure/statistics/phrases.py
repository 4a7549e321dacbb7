"""Words and phrases that tell a text from the others, as they stand in it.

A word counts by how often it stands there, how early, and how few of the other texts have it. Phrases are
made of the best words where they stand side by side; a word that hardly stands outside a phrase gives way to
it, as in C-value (Frantzi, Ananiadou, Mima, "Automatic recognition of multi-word terms", 2000).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from academy.application.ports.graph_maths import TextItem
from academy.infrastructure.statistics.arrays import Floats, Ints, Truths
from academy.infrastructure.statistics.keywords import Keyed, Lexicon, is_korean
from academy.infrastructure.statistics.words import FIRST_WORDS, Counted

__all__ = ["text_keywords"]

_BEST = 16
_LONGEST = 3
_SATURATION = 15.0
_EARLY, _SOON = 2.0, 8.0
_LONGER = 0.5
_SHORT_TEXT = 200
_INSIDE = 1.5
_EARLINESS = 1 + _EARLY / np.log2(2 + np.arange(FIRST_WORDS + 1) / _SOON)


class _Candidate(NamedTuple):
    """Keys side by side; `at`: the number of their first word within the text."""

    score: float
    at: int
    keys: tuple[int, ...]
    times: float


@dataclass(frozen=True, slots=True)
class _Best:
    """The best words of every text.

    Attributes:
        columns: their keys, the best first, by text.
        scores, first: of them, by text.
        times: how often each stands in the text.
        rank: of each word of `Counted.order` among them, -1 of another.
    """

    columns: list[Ints]
    scores: list[Floats]
    first: list[Ints]
    times: list[Floats]
    rank: NDArray[np.int8]

    def words(self, row: int) -> list[_Candidate]:
        """Return those of one text as candidates."""
        of_word = (self.scores[row], self.first[row], self.columns[row], self.times[row])
        values = zip(*(some.tolist() for some in of_word), strict=True)
        return [_Candidate(score, at, (column,), times) for score, at, column, times in values]


def text_keywords(
    items: Sequence[TextItem], counted: Counted, keyed: Keyed, words: Lexicon, rarity: Floats, most: int
) -> list[tuple[str, ...]]:
    """Return at most `most` keywords of each text, the best first.

    Args:
        rarity: of each key, greater where fewer texts have it.
    """
    worth = np.sqrt(rarity.astype(np.float64))
    best = _best_words(counted, keyed, worth)
    phrases = _phrases(best, counted, keyed, worth)
    names = [words.surface(name) for name in keyed.names]
    found = []
    for row, item in enumerate(items):
        shown = _standing(item, phrases[row], row, counted, keyed) if row in phrases else {}
        if shown:
            chosen = _chosen(best.words(row), shown, most)
            found.append(tuple(shown.get(one) or names[one.keys[0]] for one in chosen))
        else:
            found.append(tuple(names[column] for column in best.columns[row][:most].tolist()))
    return found


def _best_words(counted: Counted, keyed: Keyed, worth: Floats) -> _Best:
    matrix = keyed.matrix
    stands = keyed.column[counted.order]
    first = _first_places(counted, keyed, stands)
    score = np.round(_often(matrix.data) * worth[matrix.indices] * _EARLINESS[first], 5)
    rank_of = np.full(len(keyed.names) + 1, -1, np.int8)
    rank = np.empty(len(stands), np.int8)
    found = _Best([], [], [], [], rank)
    for row, (start, end) in enumerate(pairwise(counted.order_ends)):
        low, high = matrix.indptr[row], matrix.indptr[row + 1]
        part = score[low:high]
        chosen = np.arange(len(part))
        if len(part) > _BEST:
            chosen = np.flatnonzero(part >= np.partition(part, -_BEST)[-_BEST])
        chosen = low + chosen[np.lexsort((first[low + chosen], -part[chosen]))][:_BEST]
        columns = matrix.indices[chosen]
        rank_of[columns] = np.arange(len(columns))
        rank[start:end] = rank_of[stands[start:end]]
        rank_of[columns] = -1
        found.columns.append(columns)
        found.scores.append(score[chosen])
        found.first.append(first[chosen])
        found.times.append(matrix.data[chosen])
    return found


def _first_places(counted: Counted, keyed: Keyed, stands: Ints) -> Ints:
    """Return where each key of each text stands first, FIRST_WORDS where that is not known."""
    matrix = keyed.matrix
    place = np.zeros(len(keyed.names) + 1, np.int64)
    found = np.empty(len(matrix.data), np.int64)
    numbers = np.arange(FIRST_WORDS)
    for row, (start, end) in enumerate(pairwise(counted.order_ends)):
        low, high = matrix.indptr[row], matrix.indptr[row + 1]
        columns = matrix.indices[low:high]
        place[columns] = FIRST_WORDS
        place[stands[start:end][::-1]] = numbers[: end - start][::-1]  # the last one written is the first
        found[low:high] = place[columns]
    return found


def _phrases(best: _Best, counted: Counted, keyed: Keyed, worth: Floats) -> Mapping[int, list[_Candidate]]:
    """Return phrases of the best words, by text."""
    rank, ends = best.rank, np.asarray(counted.order_ends)
    found: dict[int, list[_Candidate]] = defaultdict(list)
    goes_on = (rank[:-1] >= 0) & (rank[1:] >= 0) & (rank[:-1] != rank[1:])
    goes_on &= _joins(counted.surfaces, keyed)[counted.order[:-1]]
    borders = ends[1:-1]
    goes_on[borders[(borders > 0) & (borders < len(rank))] - 1] = False
    starts = goes_on
    for size in range(2, _LONGEST + 1):
        for at, row, times in _counted_runs(rank, starts, size, ends):
            keys = tuple(best.columns[row][rank[at : at + size]].tolist())
            if len(set(keys)) == size:
                here = at - counted.order_ends[row]
                score = float(_often(np.array(float(times))) * worth[list(keys)].mean() * _EARLINESS[here])
                longer = 1 + _LONGER * (size - 1)
                found[row].append(_Candidate(round(score * longer, 5), here, keys, times))
        starts = starts[:-1] & goes_on[size - 1 :]
    return found


def _counted_runs(
    rank: NDArray[np.int8], starts: Truths, size: int, ends: Ints
) -> Iterator[tuple[int, int, int]]:
    """Yield (first place, text, times) of each run of `size` best words; of a long text no single ones."""
    at = np.flatnonzero(starts)
    if not len(at):
        return
    row = np.searchsorted(ends, at, side="right") - 1
    code = row.astype(np.int64)
    for step in range(size):
        code = code * _BEST + rank[at + step]
    _, first, times = np.unique(code, return_index=True, return_counts=True)
    short = np.diff(ends)[row[first]] < _SHORT_TEXT
    kept = np.flatnonzero((times > 1) | short)
    yield from zip(at[first[kept]].tolist(), row[first[kept]].tolist(), times[kept].tolist(), strict=True)


def _joins(surfaces: Sequence[str], keyed: Keyed) -> Truths:
    """Tell which words another may follow in a phrase: no Korean one that a particle sticks to."""
    names = keyed.names
    return np.array(
        [
            column >= 0 and (not is_korean(surface) or names[column] == surface)
            for surface, column in zip(surfaces, keyed.column.tolist(), strict=True)
        ],
        bool,
    )


def _often(times: Floats) -> Floats:
    """Count the tenth time for less than the second."""
    flattened: Floats = times * (_SATURATION + 1) / (times + _SATURATION)
    return flattened


def _standing(
    item: TextItem, phrases: Sequence[_Candidate], row: int, counted: Counted, keyed: Keyed
) -> dict[_Candidate, str]:
    """Return what phrases look like at their first places, of those with nothing but a space between."""
    text = unicodedata.normalize("NFKC", f"{item.title}\n{item.text}")
    start = counted.order_ends[row]
    shown = {}
    for one in phrases:
        numbers = counted.order[start + one.at : start + one.at + len(one.keys)]
        words = [counted.surfaces[number] for number in numbers]
        if is_korean(words[-1]):
            words[-1] = keyed.names[one.keys[-1]]
        if (surface := " ".join(words)) in text:
            shown[one] = surface
    return shown


def _chosen(words: Sequence[_Candidate], shown: Mapping[_Candidate, str], most: int) -> list[_Candidate]:
    """Return the best, without those that hardly stand outside a longer one."""
    longer = [(set(one.keys), one.times) for one in shown]
    ranked = sorted([*words, *shown], key=lambda one: (-one.score, one.at, len(one.keys)))
    found: list[_Candidate] = []
    for one in ranked:
        within = set(one.keys)
        hidden = any(within < keys and one.times <= _INSIDE * times for keys, times in longer)
        if not hidden and len(found) < most:
            found.append(one)
    return found
