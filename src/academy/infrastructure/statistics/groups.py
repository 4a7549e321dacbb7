"""Groups of texts that are near one another, and the parts of the large ones.

Traag, Waltman, van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", 2019.
"""

from itertools import pairwise

import graspologic_native  # type: ignore[import-untyped, unused-ignore]
import numpy as np

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints

__all__ = ["clusters_of", "fineness", "largest_first", "modularity", "nearest_middle_first", "parts_of"]

_LARGE = 12
"""Texts from which on a cluster has parts."""
_SMALL_PART = 3
_ROUNDS = 3
_TRIES, _FEW = 4, 2000
_RANDOMNESS = 0.001


def fineness(texts: int) -> float:
    """Resolution: modularity alone leaves small collections in few groups of unlike texts.

    It rises as collections get smaller, and falls again where there are too few texts to be torn apart.
    """
    return 1.0 + min(2.2, max(0.0, 1.6 * float(np.log10(5000 / max(1, texts)))), texts / 100)


def clusters_of(matrix: Csr, wordless: Ints, seed: int) -> Ints:
    """Return the number of the cluster of each text, the largest first; `wordless` texts share one."""
    labels = _best_leiden(matrix, fineness(matrix.shape[0]), seed)
    if len(wordless):
        labels[wordless] = labels.max() + 1
    return largest_first(labels)


def parts_of(matrix: Csr, clusters: Ints, seed: int) -> Ints:
    """Return the number of the part of each text, counted on over all clusters; -1 in a small one."""
    parts = np.full(len(clusters), -1, np.int64)
    many = 0
    for cluster in range(int(clusters.max(initial=-1)) + 1):
        members = np.flatnonzero(clusters == cluster)
        if len(members) < _LARGE:
            break  # the largest come first
        inner = matrix[members][:, members].tocsr()
        inner.sort_indices()
        found = _split(inner, seed)
        parts[members] = many + found
        many += int(found.max()) + 1
    return parts


def _split(inner: Csr, seed: int) -> Ints:
    """Parts of one cluster; a coarse enough split that has more than one part if there is any."""
    found: Ints = np.zeros(inner.shape[0], np.int64)
    for resolution in (1.0, 1.5, 2.25):
        found = _without_small(inner, _leiden(inner, resolution, seed))
        if found.max():
            break
    return found


def _without_small(inner: Csr, labels: Ints) -> Ints:
    """Parts of one or two texts join the part that they are tied to most, or the largest."""
    labels = largest_first(labels)
    sizes = np.bincount(labels)
    large = sizes >= _SMALL_PART
    if not large.any():
        return np.zeros(len(labels), np.int64)
    last = int(np.flatnonzero(large)[-1]) + 1
    for text in np.flatnonzero(labels >= last):
        start, end = inner.indptr[text], inner.indptr[text + 1]
        ties = np.bincount(labels[inner.indices[start:end]], inner.data[start:end], len(sizes))[:last]
        labels[text] = int(ties.argmax())
    return largest_first(labels)


def _best_leiden(matrix: Csr, resolution: float, seed: int) -> Ints:
    """Labels; of a small graph, where chance counts most, the best of several tries."""
    tries = _TRIES if matrix.shape[0] <= _FEW else 1
    found = [_leiden(matrix, resolution, seed + turn) for turn in range(tries)]
    return max(found, key=lambda labels: modularity(matrix, labels, resolution))


def _leiden(matrix: Csr, resolution: float, seed: int) -> Ints:
    """Labels; a text without an edge has one of its own."""
    labels: Ints = np.arange(matrix.shape[0], dtype=np.int64)
    if not matrix.nnz:
        return labels
    _, found = graspologic_native.leiden_csr(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float64),
        matrix.shape[0], resolution=resolution, randomness=_RANDOMNESS, iterations=_ROUNDS, seed=seed,
    )  # fmt: skip
    lonely = np.diff(matrix.indptr) == 0
    labels += max(found.values(), default=0) + 1
    for text, label in found.items():
        if not lonely[text]:
            labels[text] = label
    return labels


def largest_first(labels: Ints) -> Ints:
    """Return labels counted from 0, those of the largest groups first, of equal ones the first."""
    _, first, where, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(sizes), np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    found: Ints = place[where]
    return found


def modularity(matrix: Csr, clusters: Ints, resolution: float = 1.0) -> float:
    """How much more the clusters hold together than chance would, times `resolution`; 0 without an edge."""
    total = float(matrix.data.sum())
    if not total:
        return 0.0
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    within = float(matrix.data[clusters[rows] == clusters[matrix.indices]].sum())
    ties = np.bincount(clusters, np.bincount(rows, matrix.data, matrix.shape[0]))
    return round(within / total - resolution * float((ties**2).sum()) / total**2, 6)


def nearest_middle_first(vectors: Floats, labels: Ints, many: int) -> list[Ints]:
    """Members of each group, the nearest to its middle first, of equal ones the first."""
    found: list[Ints] = []
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(many + 1))
    for start, end in pairwise(ends.tolist()):
        members = order[start:end]
        middle = vectors[members].mean(axis=0)
        best = np.lexsort((members, -np.round(vectors[members] @ middle, 6)))
        found.append(members[best])
    return found
