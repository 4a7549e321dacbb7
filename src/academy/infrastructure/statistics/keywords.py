"""Words that tell a text, or a group of them, from the others; as they stand in the texts.

Korean words are shown without the particle that sticks to them. Where an end of a word may be a particle or
a part of the word, the collection decides: what is left must have been seen with another ending too.
Groups: class-based tf-idf (Grootendorst, "BERTopic", 2022).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, csr, pooled
from academy.infrastructure.statistics.english import says_nothing
from academy.infrastructure.statistics.inflected import verb_forms
from academy.infrastructure.statistics.korean import candidates, ends_clearly, is_keyword, stem_of
from academy.infrastructure.statistics.words import Counted, plain_word

__all__ = ["Keyed", "Lexicon", "group_keywords", "is_korean", "keyed", "lexicon"]

_HANGUL = re.compile(r"[가-힣]+")
_SHOWN = re.compile(r"[가-힣]{2,12}|[ァ-ヺー]{2,12}|[㐀-䶿一-鿿]{2,6}|[^\Wㄱ-ㆎ가-힣ぁ-ヺー㐀-䶿一-鿿]+")
_SHORTEST = 3
_BYTES = frozenset({"EA", "EB", "EC", "ED"})
"""What addresses with Korean words in them are full of, after a percent sign."""
_OFTEN = 3
_SATURATION = 2.0


class Lexicon:
    """Which key a word counts for, and which word a key is shown as.

    Attributes:
        stems: Korean words seen with more than one ending.
        shown: key to what it looks like in the texts most often.
    """

    def __init__(self, stems: frozenset[str], shown: Mapping[str, str]) -> None:
        self.stems = stems
        self.shown = shown

    def key(self, surface: str) -> Sequence[str]:
        """Return the key of a word, none for one that says nothing."""
        if not _SHOWN.fullmatch(surface) or surface in _BYTES:
            return []
        if _HANGUL.match(surface):
            stem = stem_of(surface, self.stems)
            return [stem] if is_keyword(stem) and is_keyword(surface, whole=True) else []
        word = plain_word(surface)
        whole = surface.isupper() or len(word) >= _SHORTEST or ord(surface[0]) > 0x3000
        empty = not word or word[0].isdigit() or (says_nothing(surface.lower()) and not surface.isupper())
        return [word] if whole and not empty else []

    def surface(self, key: str) -> str:
        """Return what a key is shown as."""
        return self.shown.get(key, key)


@dataclass(frozen=True, slots=True)
class Keyed:
    """Counts of keys: (texts, keys), the keys, and the key of each word, -1 of one that says nothing."""

    matrix: Csr
    names: list[str]
    column: Ints


def lexicon(counted: Counted) -> Lexicon:
    """Learn from the words of a collection about their endings and capitals."""
    endings: Counter[str] = Counter()
    for surface in counted.surfaces:
        if len(surface) >= 2 and _HANGUL.match(surface):
            endings.update({surface, *candidates(surface)})
    times = np.asarray(counted.counts.sum(axis=0)).ravel()
    often_seen = {one for one, often in zip(counted.surfaces, times.tolist(), strict=True) if often >= _OFTEN}
    stems = frozenset(
        one for one, many in endings.items() if many > 1 or (one in often_seen and not ends_clearly(one))
    )
    best: dict[str, tuple[float, str]] = {}
    for surface, often in zip(counted.surfaces, times.tolist(), strict=True):
        word = "" if _HANGUL.match(surface) else plain_word(surface)
        if word and (word not in best or often > best[word][0]):
            best[word] = (often, surface)
    return Lexicon(stems, {word: shown for word, (_, shown) in best.items() if shown != word})


def is_korean(word: str) -> bool:
    """Tell whether a word begins with a Korean syllable."""
    return _HANGUL.match(word) is not None


def keyed(counted: Counted, words: Lexicon) -> Keyed:
    """Count keys instead of words; what the other words of the collection show to be a form of a verb is none."""
    keys = [words.key(surface) for surface in counted.surfaces]
    verbs = verb_forms({key for some in keys for key in some}, set(counted.surfaces))
    numbers: dict[str, int] = {}
    column = np.full(len(counted.surfaces), -1, np.int64)
    for at, some in enumerate(keys):
        for key in some:
            if key not in verbs:
                column[at] = numbers.setdefault(key, len(numbers))
    rows = np.flatnonzero(column >= 0)
    ends = np.concatenate(([0], np.cumsum(column >= 0)))
    turned = csr(np.ones(len(rows)), column[rows], ends, (len(column), len(numbers)))
    matrix = (counted.counts @ turned).tocsr()
    matrix.sort_indices()
    return Keyed(matrix, list(numbers), column)


def group_keywords(matrix: Csr, clusters: Ints, parts: Ints, most: int) -> tuple[list[Ints], list[Ints]]:
    """Columns of the best keys of each cluster and of each part, beside its cluster, the best first."""
    many = int(clusters.max(initial=-1)) + 1
    matrix = _flattened(matrix)
    sums = pooled(matrix, clusters, many)
    whole = np.asarray(sums.sum(axis=0)).ravel()
    spread = _spread(whole, many)
    best = [_best_of(_row(sums, at), spread, most) for at in range(many)]
    inside = int(parts.max(initial=-1)) + 1
    inner = pooled(matrix, parts, inside)
    parents = np.zeros(inside, np.int64)
    parents[parts[parts >= 0]] = clusters[parts >= 0]
    found = []
    for part in range(inside):
        columns, share = _row(inner, part)
        around = _share_of(_row(sums, int(parents[part])), columns)
        found.append(_best_of((columns, share * np.log1p(share / np.maximum(around, 1e-12))), spread, most))
    return best, found


def _flattened(matrix: Csr) -> Csr:
    """Count the tenth time for little more than the third."""
    data = matrix.data * (_SATURATION + 1) / (matrix.data + _SATURATION)
    return csr(data, matrix.indices, matrix.indptr, matrix.shape)


def _spread(whole: Floats, many: int) -> Floats:
    rarity = np.log1p(whole.sum() / max(1, many) / np.maximum(whole, 1e-6))
    spread: Floats = rarity.astype(np.float32)
    return spread


def _row(matrix: Csr, row: int) -> tuple[Ints, Floats]:
    """Columns of a row and the share of each in it."""
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    data = matrix.data[part]
    return matrix.indices[part].astype(np.int64), data / max(float(data.sum()), 1e-12)


def _share_of(row: tuple[Ints, Floats], columns: Ints) -> Floats:
    share: Floats = row[1][np.searchsorted(row[0], columns)]  # all of a part's columns are its cluster's too
    return share


def _best_of(row: tuple[Ints, Floats], spread: Floats, most: int) -> Ints:
    columns, share = row
    score = share * spread[columns]
    order = np.lexsort((columns, -np.round(score, 9)))[:most]
    return columns[order]
