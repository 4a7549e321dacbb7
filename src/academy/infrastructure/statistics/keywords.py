"""Words that tell a text, or a group of them, from the others; as they stand in the texts.

Korean words are shown without the particle that sticks to them. Where an end of a word may be a particle or
a part of the word, the collection decides: what is left must have been seen with another ending too.
Groups: class-based tf-idf (Grootendorst, "BERTopic", 2022).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, csr, pooled
from academy.infrastructure.statistics.korean import candidates, ends_clearly, is_keyword, stem_of
from academy.infrastructure.statistics.words import Counted, mapped, plain_word

__all__ = ["Lexicon", "group_keywords", "lexicon", "text_keywords"]

_HANGUL = re.compile(r"[가-힣]+")
_SHOWN = re.compile(r"[가-힣]{2,12}|[ァ-ヺー]{2,12}|[㐀-䶿一-鿿]{2,6}|[^\Wㄱ-ㆎ가-힣ぁ-ヺー㐀-䶿一-鿿]+")
_SHORTEST = 3
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
        if not _SHOWN.fullmatch(surface):
            return []
        if _HANGUL.match(surface):
            stem = stem_of(surface, self.stems)
            return [stem] if is_keyword(stem) and is_keyword(surface, whole=True) else []
        word = plain_word(surface)
        whole = surface.isupper() or len(word) >= _SHORTEST or ord(surface[0]) > 0x3000
        return [word] if word and whole and not word[0].isdigit() else []

    def surface(self, key: str) -> str:
        """Return what a key is shown as."""
        return self.shown.get(key, key)


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


def keyed(counted: Counted, words: Lexicon) -> tuple[Csr, list[str]]:
    """Return counts of keys, flattened as the tenth time says little more than the third, and the keys."""
    found, keys = mapped(counted.counts, counted.surfaces, words.key)
    data = found.data * (_SATURATION + 1) / (found.data + _SATURATION)
    return csr(data, found.indices, found.indptr, found.shape), keys


def text_keywords(matrix: Csr, rarity: Floats, most: int) -> list[Ints]:
    """Columns of the best keys of each text, the best first."""
    score = np.round(matrix.data * rarity[matrix.indices], 5)
    found: list[Ints] = []
    for row in range(matrix.shape[0]):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        part = score[start:end]
        if len(part) > 4 * most:  # sort the few that can be among the best
            chosen = np.flatnonzero(part >= np.partition(part, -most)[-most])
        else:
            chosen = np.arange(len(part))
        order = np.argsort(-part[chosen], kind="stable")[:most]
        found.append(matrix.indices[start + chosen[order]].astype(np.int64))
    return found


def group_keywords(matrix: Csr, clusters: Ints, parts: Ints, most: int) -> tuple[list[Ints], list[Ints]]:
    """Columns of the best keys of each cluster and of each part, beside its cluster, the best first."""
    many = int(clusters.max(initial=-1)) + 1
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
