"""The nearest of every text, exactly, and how near they count: by rank among each other's, not by a cosine.

A cosine means something else in every collection and every part of one; ranks do not (mutual neighbours,
Jarvis and Patrick, 1973).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, Truths

__all__ = [
    "LEAST",
    "Edges",
    "Near",
    "Space",
    "as_matrix",
    "edges_of",
    "likeness_between",
    "nearest",
    "neighbours_for",
    "top_of",
]

_BLOCK = 512
_CROWD = 20
LEAST = 0.02
"""Less alike than this is chance: a common word, a shared direction."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where texts lie; likeness is the sum of both products, each part scaled by the root of its share."""

    sparse: Csr
    dense: Floats


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest of each, the nearest first: (texts, k); index -1 and likeness 0 where there is none."""

    indices: Ints
    likeness: Floats


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs, source < target, sorted."""

    source: Ints
    target: Ints
    weight: Floats
    likeness: Floats


def neighbours_for(texts: int) -> int:
    """How many neighbours to look for: more in a larger crowd, few where all would be neighbours."""
    return max(1, min(round(float(np.log2(max(2, texts)))), max(2, (texts - 1) // 3), texts - 1))


def nearest(space: Space, k: int) -> Near:
    """Look at every pair, block by block."""
    texts = space.dense.shape[0]
    indices = np.full((texts, k), -1, np.int64)
    likeness = np.zeros((texts, k), np.float32)
    turned = space.sparse.T.tocsr()
    flat = np.ascontiguousarray(space.dense.T)
    for start in range(0, texts, _BLOCK):
        end = min(texts, start + _BLOCK)
        alike = (space.sparse[start:end] @ turned).toarray()
        alike += space.dense[start:end] @ flat
        own = np.arange(end - start)
        alike[own, start + own] = -1
        indices[start:end], likeness[start:end] = _best(alike, k)
    return Near(indices, likeness)


def likeness_between(space: Space, rows: Ints) -> Floats:
    """How alike these texts are to every one: (rows, texts)."""
    width = space.sparse.shape[1]
    words = np.zeros((width, len(rows)), np.float32)
    for at, row in enumerate(rows):
        start, end = space.sparse.indptr[row], space.sparse.indptr[row + 1]
        words[space.sparse.indices[start:end], at] = space.sparse.data[start:end]
    alike: Floats = (space.sparse @ words).T + space.dense[rows] @ space.dense.T
    return np.round(alike, 6)


def top_of(alike: Floats, k: int) -> Ints:
    """Columns of the k greatest of one row that are no chance, the greatest first."""
    columns = np.flatnonzero(alike >= LEAST)
    if len(columns) > k:
        bound = np.partition(alike[columns], len(columns) - k)[len(columns) - k]
        columns = columns[alike[columns] >= bound]
    return columns[np.argsort(-alike[columns], kind="stable")[:k]]


def _best(alike: Floats, k: int) -> tuple[Ints, Floats]:
    """Return the k greatest of each row, the greatest first, of equal ones the first."""
    rows, columns = alike.shape
    least = np.maximum(_bound(alike, k), LEAST)
    near = alike >= least[:, None]
    for crowded in np.flatnonzero(np.count_nonzero(near, axis=1) > _CROWD * k):
        near[crowded] = _first_of_many(alike[crowded], k)
    found = np.flatnonzero(near)
    row, column = np.divmod(found, columns)
    value = np.round(alike.ravel()[found], 6)
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    sizes = np.bincount(row, minlength=rows)
    place = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    keep = place < k
    indices = np.full((rows, k), -1, np.int64)
    likeness = np.zeros((rows, k), np.float32)
    indices[row[keep], place[keep]] = column[keep]
    likeness[row[keep], place[keep]] = value[keep]
    return indices, likeness


def _first_of_many(alike: Floats, k: int) -> Truths:
    """Tell which k of a row are the greatest where many are equal: copies of one text."""
    value = np.round(alike, 6)
    bound = np.partition(value, len(value) - k)[len(value) - k]
    chosen: Truths = value > bound
    chosen[np.flatnonzero(value == bound)[: k - np.count_nonzero(chosen)]] = True
    return chosen


def _bound(alike: Floats, k: int) -> Floats:
    """Return what at least k of each row reach: the k-th greatest of the maxima of separate parts."""
    rows, columns = alike.shape
    parts = columns // 16
    if parts < 4 * k:
        return np.full(rows, -1.0, np.float32)
    maxima = alike[:, : parts * 16].reshape(rows, 16, parts).max(axis=1)
    bound: Floats = np.partition(maxima, parts - k, axis=1)[:, parts - k] - np.float32(1e-6)
    return bound


def edges_of(near: Near) -> Edges:
    """Pairs where one is near the other; weight: mean of 1 / rank on both sides, 1 for each other's first."""
    texts = near.indices.shape[0]
    row, place = np.nonzero(near.indices >= 0)
    column = near.indices[row, place]
    half = 0.5 / (1 + place)
    low, high = np.minimum(row, column), np.maximum(row, column)
    pair, where = np.unique(low * texts + high, return_inverse=True)
    weight = np.bincount(where, half, len(pair))
    likeness = np.zeros(len(pair), np.float32)
    likeness[where] = near.likeness[row, place]
    return Edges(pair // max(1, texts), pair % max(1, texts), weight.astype(np.float32), likeness)


def as_matrix(edges: Edges, texts: int) -> Csr:
    """Both ways, as float64: (texts, texts)."""
    weight = np.concatenate((edges.weight, edges.weight)).astype(np.float64)
    ends = (np.concatenate((edges.source, edges.target)), np.concatenate((edges.target, edges.source)))
    matrix = sparse.csr_array((weight, ends), shape=(texts, texts))
    matrix.sort_indices()
    return matrix
